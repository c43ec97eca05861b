//! What the virtual memory knows of files: numbered contents, read and written at offsets.
//!
//! # Invariants
//!
//! A file's source lives as long as a region or the kernel refers to it, and one file has one
//! [`FileId`] for the life of the machine, so that all who map it meet in the same frames.

use std::io;
use std::rc::Rc;

use crate::ids::FileId;

/// The contents of a file. The kernel's inode implements it.
pub trait FileSource {
    /// Which file this is.
    fn id(&self) -> FileId;

    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Whether it has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads from `offset` on; returns how many bytes there were, fewer only at the end.
    ///
    /// # Errors
    /// Whatever keeps the device from giving them.
    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `from` at `offset`; makes the file longer if it ends there.
    ///
    /// # Errors
    /// Whatever keeps the device from taking them.
    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()>;
}

/// A file in use.
pub type FileRef = Rc<dyn FileSource>;
