//! Files as system calls read and write them: as they are on the disk, since no page of one is mapped.

use std::io;

use crate::pager::Pager;
use crate::space::file::FileRef;

impl Pager {
    /// Reads from a file; gives how many bytes there were, fewer than asked only at the file's end.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn file_read(&mut self, file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        file.read_at(offset, to)
    }

    /// Writes to a file.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn file_write(&mut self, file: &FileRef, offset: u64, from: &[u8]) -> io::Result<()> {
        file.write_at(offset, from)
    }

    /// Takes note that a file has another length than the `old` one: nobody has a page of it.
    pub fn file_resized(&mut self, _: &FileRef, _: u64) {}
}
