//! A file in use: open, mapped or being executed.
//!
//! # Invariants
//!
//! - All uses of a file share one inode, and so its length, its content and its page frames.
//! - A removed file keeps its content and its space until its inode is dropped.
//! - No system call writes to a file while a process executes it.
//! - The virtual memory can write to a file only if a program may: one that was opened to be
//!   executed, read or mapped privately stays as it is.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use cap_std::fs::{File, FileExt};
use vm::{FileId, FileSource};

use super::quota::{Quota, room_for};

/// A file in use.
#[derive(Debug)]
pub struct Inode {
    id: FileId,
    host: File,
    length: Cell<u64>,
    removed: Cell<bool>,
    /// The number of processes that execute it.
    executed: Cell<u32>,
    /// Whether a program has written to it, or could have.
    writable: Cell<bool>,
    quota: Quota,
    /// A clone held by every inode of the machine, for counting them.
    _in_use: Rc<()>,
}

impl Inode {
    /// Creates the inode of an open file of the host.
    ///
    /// # Errors
    /// If the host cannot determine the file's length.
    pub(super) fn new(id: FileId, host: File, quota: Quota, in_use: Rc<()>) -> io::Result<Inode> {
        let length = Cell::new(host.metadata()?.len());
        let (removed, executed) = (Cell::new(false), Cell::new(0));
        Ok(Inode {
            id,
            host,
            length,
            removed,
            executed,
            writable: Cell::new(false),
            quota,
            _in_use: in_use,
        })
    }

    /// Returns whether a process executes it, so that writes are denied.
    pub fn is_executed(&self) -> bool {
        self.executed.get() > 0
    }

    /// Lets the virtual memory write to it from now on: a program does, or has mapped it so that it can.
    pub fn allow_writes(&self) {
        self.writable.set(true);
    }

    /// Truncates the file, or extends it with zeros.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] if the quota is exceeded, or the error of the host; the file
    /// is as it was.
    pub fn set_len(&self, length: u64) -> io::Result<()> {
        let (old, new) = (room_for(self.len()), room_for(length));
        self.quota.take(new.saturating_sub(old))?;
        if let Err(error) = self.host.set_len(length) {
            self.quota.give_back(new.saturating_sub(old));
            return Err(error);
        }
        self.quota.give_back(old.saturating_sub(new));
        self.length.set(length);
        Ok(())
    }

    /// Whether the file has lost its name.
    pub(crate) fn is_removed(&self) -> bool {
        self.removed.get()
    }

    /// Records that the file has lost its name: its space is given back with the inode.
    pub(super) fn set_removed(&self) {
        self.removed.set(true);
    }
}

impl FileSource for Inode {
    fn id(&self) -> FileId {
        self.id
    }

    fn len(&self) -> u64 {
        self.length.get()
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < to.len() {
            match self.host.read_at(&mut to[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()> {
        if from.is_empty() {
            return Ok(());
        }
        if !self.writable.get() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let old = self.len();
        let end = offset
            .checked_add(from.len() as u64)
            .ok_or(io::ErrorKind::StorageFull)?;
        let growth = room_for(end.max(old)) - room_for(old);
        self.quota.take(growth)?;
        match self.host.write_all_at(from, offset) {
            Ok(()) => {
                self.length.set(end.max(old));
                Ok(())
            }
            Err(error) => {
                self.quota.give_back(growth);
                Err(error)
            }
        }
    }
}

impl Drop for Inode {
    fn drop(&mut self) {
        if self.removed.get() {
            self.quota.give_back(room_for(self.len()));
        }
    }
}

/// A file being executed. While one of these exists, writes to the file are denied.
#[derive(Debug)]
pub struct Executable(Rc<Inode>);

impl Executable {
    /// Denies writes to a file that is going to be executed.
    pub fn new(inode: Rc<Inode>) -> Executable {
        inode.executed.set(inode.executed.get() + 1);
        Executable(inode)
    }
}

impl Executable {
    /// Returns the file.
    #[must_use]
    pub fn id(&self) -> FileId {
        self.0.id
    }
}

impl Clone for Executable {
    fn clone(&self) -> Executable {
        Executable::new(Rc::clone(&self.0))
    }
}

impl Drop for Executable {
    fn drop(&mut self) {
        self.0.executed.set(self.0.executed.get() - 1);
    }
}
