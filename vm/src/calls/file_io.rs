//! Reading and writing files while pages of them are mapped.
//!
//! # Invariants
//!
//! `read` and `write` are coherent with shared mappings: both see the same bytes. Bytes past the
//! end of a file are zero when the file is extended, whatever was stored there through a mapping,
//! and whether or not the page was evicted in between.

use std::io;

use machine::addr::PAGE_SIZE;

use crate::pager::Pager;
use crate::space::file::FileRef;

impl Pager {
    /// Reads from a file, including changes made through mappings. Returns the number of bytes
    /// read, which is less than asked for only at the end of the file.
    ///
    /// # Errors
    /// The error of the file.
    pub fn file_read(&mut self, file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let left = file.len().saturating_sub(offset);
        let bytes = left.min(to.len() as u64) as usize;
        let mut done = 0;
        while done < bytes {
            let (page, within, length) = piece(offset + done as u64, bytes - done);
            let part = &mut to[done..done + length];
            // The cache first: a dirty page there is newer than the disk.
            if !self.residency().read_cached(file.id(), page, within, part) {
                read_exactly(file, offset + done as u64, part)?;
            }
            done += length;
        }
        Ok(bytes)
    }

    /// Writes to a file, and to its pages in the page cache.
    ///
    /// # Errors
    /// The error of the file; then no frame has changed.
    pub fn file_write(&mut self, file: &FileRef, offset: u64, from: &[u8]) -> io::Result<()> {
        let end = file.len();
        // The disk first: if that fails, the cache must not have the new bytes.
        file.write_at(offset, from)?;
        // Before the copy to the cache, which must not be zeroed again.
        if file.len() > end {
            self.clear_behind(file.id(), end);
        }
        let mut done = 0;
        while done < from.len() {
            let (page, within, length) = piece(offset + done as u64, from.len() - done);
            let part = &from[done..done + length];
            self.write_cached(file.id(), page, within, part);
            done += length;
        }
        Ok(())
    }

    /// Updates the page cache after a file's length changed from `old`: bytes past the shorter of
    /// both lengths become zero, and frames of pages past the end are freed unless they are pinned.
    pub fn file_resized(&mut self, file: &FileRef, old: u64) {
        let end = file.len();
        // A program may have stored past the end through a mapping.
        self.clear_behind(file.id(), old.min(end));
        for frame in self.residency().cached_behind(file.id(), end) {
            if self.frames().info(frame).pins() == 0 {
                self.discard(frame);
            }
        }
        self.debug_check();
    }
}

/// Fills `to` from a file. If the file has become shorter since its length was read, the missing
/// bytes are zero.
fn read_exactly(file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<()> {
    let read = file.read_at(offset, to)?;
    to[read..].fill(0);
    Ok(())
}

/// Returns the first piece of a range of a file that lies in one page: page, offset in it, length.
fn piece(offset: u64, left: usize) -> (u64, u32, usize) {
    let size = u64::from(PAGE_SIZE);
    let within = offset % size;
    (
        offset / size,
        within as u32,
        left.min((size - within) as usize),
    )
}
