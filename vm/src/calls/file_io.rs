//! Reading and writing files while pages of them are mapped.
//!
//! # Invariants
//!
//! A byte read from a file is the byte that a program with the file mapped shared would see, and
//! the other way round; bytes behind a file's end are zero when the file gets longer, whatever was
//! stored there through a mapping and whether or not its page left its frame.

use std::io;

use machine::addr::PAGE_SIZE;

use crate::pager::Pager;
use crate::space::file::FileRef;

impl Pager {
    /// Reads from a file, with the changes made to it through mappings; gives how many bytes
    /// there were, fewer than asked only at the file's end.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn file_read(&mut self, file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let left = file.len().saturating_sub(offset);
        let bytes = left.min(to.len() as u64) as usize;
        let mut done = 0;
        while done < bytes {
            let (page, within, length) = piece(offset + done as u64, bytes - done);
            let part = &mut to[done..done + length];
            if !self.residency().read_cached(file.id(), page, within, part) {
                read_exactly(file, offset + done as u64, part)?;
            }
            done += length;
        }
        Ok(bytes)
    }

    /// Writes to a file, and to the frames that hold the pages written to.
    ///
    /// # Errors
    /// Whatever the file says; then no frame has changed.
    pub fn file_write(&mut self, file: &FileRef, offset: u64, from: &[u8]) -> io::Result<()> {
        let end = file.len();
        file.write_at(offset, from)?;
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

    /// Takes note that a file had `old` bytes and has another length now: what is behind the shorter
    /// of both is zero, and the frames of pages that the file has no more are freed, unless they
    /// are pinned.
    pub fn file_resized(&mut self, file: &FileRef, old: u64) {
        let end = file.len();
        // A program may have stored behind the end through a mapping.
        self.clear_behind(file.id(), old.min(end));
        for frame in self.residency().cached_behind(file.id(), end) {
            if self.frames().info(frame).pins() == 0 {
                self.discard(frame);
            }
        }
        self.debug_check();
    }
}

/// A file that says how long it is has the bytes; if it lost them since, they read as zeros.
fn read_exactly(file: &FileRef, offset: u64, to: &mut [u8]) -> io::Result<()> {
    let read = file.read_at(offset, to)?;
    to[read..].fill(0);
    Ok(())
}

/// The first piece of a range of a file that lies in one page: page, offset in it, length.
fn piece(offset: u64, left: usize) -> (u64, u32, usize) {
    let size = u64::from(PAGE_SIZE);
    let within = offset % size;
    (
        offset / size,
        within as u32,
        left.min((size - within) as usize),
    )
}
