//! File I/O of system calls: directly on the disk, since no page of a file is mapped.

use std::io;

use crate::pager::Pager;
use crate::space::file::FileRef;

impl Pager {
    /// Reads from a file. Returns the number of bytes read, which is less than asked for only at
    /// the end of the file.
    ///
    /// # Errors
    /// The error of the file.
    pub fn file_read(&mut self, file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        file.read_at(offset, to)
    }

    /// Writes to a file.
    ///
    /// # Errors
    /// The error of the file.
    pub fn file_write(&mut self, file: &FileRef, offset: u64, from: &[u8]) -> io::Result<()> {
        file.write_at(offset, from)
    }

    /// Learns that a file's length changed from `old`, which has no effect here: no page of a file
    /// is mapped.
    pub fn file_resized(&mut self, _: &FileRef, _: u64) {}
}
