//! The open files of a process.
//!
//! # Invariants
//!
//! Numbers 0 and 1 are the keyboard and the console and never in the table. Each open file has its
//! own position. A process has at most [`MAX_OPEN_FILES`].

use std::collections::BTreeMap;
use std::rc::Rc;

use super::inode::Inode;
use crate::limits::MAX_OPEN_FILES;

/// The number of an open file, as a program passes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fd(pub u32);

impl Fd {
    /// The keyboard.
    pub const INPUT: Fd = Fd(0);
    /// The console.
    pub const OUTPUT: Fd = Fd(1);
    /// The lowest number of a file.
    const FIRST: u32 = 2;
}

/// A file and the position of the next read or write.
#[derive(Clone, Debug)]
pub struct OpenFile {
    /// The file.
    pub inode: Rc<Inode>,
    /// The position in bytes, which may be past the end.
    pub position: u32,
}

/// The open files of a process.
#[derive(Clone, Default, Debug)]
pub struct Descriptors(BTreeMap<Fd, OpenFile>);

impl Descriptors {
    /// Opens `inode` under the lowest free number; `None` if there are too many open files.
    pub fn open(&mut self, inode: Rc<Inode>) -> Option<Fd> {
        if self.0.len() >= MAX_OPEN_FILES {
            return None;
        }
        let fd = (Fd::FIRST..).map(Fd).find(|fd| !self.0.contains_key(fd))?;
        self.0.insert(fd, OpenFile { inode, position: 0 });
        Some(fd)
    }

    /// Returns an open file.
    #[must_use]
    pub fn get(&self, fd: Fd) -> Option<&OpenFile> {
        self.0.get(&fd)
    }

    /// Returns an open file, to change its position.
    pub fn get_mut(&mut self, fd: Fd) -> Option<&mut OpenFile> {
        self.0.get_mut(&fd)
    }

    /// Closes a file; does nothing if none is open under that number.
    pub fn close(&mut self, fd: Fd) {
        self.0.remove(&fd);
    }
}
