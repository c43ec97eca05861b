//! The interface to files: a number, and bytes that are read and written at offsets.
//!
//! # Invariants
//!
//! A file's source lives as long as a region or the kernel refers to it. A file has one [`FileId`]
//! for the life of the machine, so all its mappings share frames.

use std::io;
use std::rc::Rc;

use crate::ids::FileId;

/// The contents of a file. The kernel's inode implements it.
pub trait FileSource {
    /// Returns the file's id.
    fn id(&self) -> FileId;

    /// Returns its length in bytes.
    fn len(&self) -> u64;

    /// Returns whether it has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether a shared mapping of it may be made writable. The virtual memory does not ask:
    /// the kernel does before it changes a protection, as the file may have been opened to be read.
    fn is_writable(&self) -> bool {
        true
    }

    /// Reads from `offset` on. Returns the number of bytes read, which is less than `to` has only
    /// at the end of the file.
    ///
    /// # Errors
    /// The error of the device.
    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `from` at `offset`; extends the file if it ends before that.
    ///
    /// # Errors
    /// The error of the device.
    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()>;
}

/// A file in use.
pub type FileRef = Rc<dyn FileSource>;
