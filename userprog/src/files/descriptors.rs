//! A process' open files.
//!
//! # Invariants
//!
//! Numbers 0 and 1 are the keyboard and the console and never in the table; each open has a
//! position of its own; a process has at most [`MAX_OPEN_FILES`].

use std::collections::BTreeMap;
use std::rc::Rc;

use super::inode::Inode;
use crate::limits::MAX_OPEN_FILES;

/// The number of an open file, as a program gives it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fd(pub u32);

impl Fd {
    /// The keyboard.
    pub const INPUT: Fd = Fd(0);
    /// The console.
    pub const OUTPUT: Fd = Fd(1);
    /// The lowest number that a file gets.
    const FIRST: u32 = 2;
}

/// A file and where the next read or write begins.
#[derive(Clone)]
pub struct OpenFile {
    /// The file.
    pub inode: Rc<Inode>,
    /// The position in bytes, which may be past the end.
    pub position: u32,
}

/// The open files of a process.
#[derive(Clone, Default)]
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

    /// An open file.
    pub fn get(&self, fd: Fd) -> Option<&OpenFile> {
        self.0.get(&fd)
    }

    /// An open file, to change its position.
    pub fn get_mut(&mut self, fd: Fd) -> Option<&mut OpenFile> {
        self.0.get_mut(&fd)
    }

    /// Closes a file; a number that is none is passed over.
    pub fn close(&mut self, fd: Fd) {
        self.0.remove(&fd);
    }
}
