//! Reading and writing files while pages of them are mapped.
//!
//! What always holds: a byte read from a file is the byte that a program with the file mapped
//! shared would see, and the other way round; bytes behind a file's end are zero when the file gets
//! longer, whatever was stored there through a mapping and whether or not its page left its frame.

use std::io;

use emu::addr::{PAGE_SIZE, PhysAddr};

use crate::ids::ContentId;
use crate::pager::Vm;
use crate::residency::content::Part;
use crate::space::file::FileRef;

impl Vm {
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
            match self.cached_at(file, page, within) {
                Some(at) => self.memory.read(at, part),
                None => read_exactly(file, offset + done as u64, part)?,
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
            self.clear_behind(file, end);
        }
        let mut done = 0;
        while done < from.len() {
            let (page, within, length) = piece(offset + done as u64, from.len() - done);
            if let Some(at) = self.cached_at(file, page, within) {
                self.memory.write(at, &from[done..done + length]);
            }
            done += length;
        }
        Ok(())
    }

    /// Takes note that a file had `old` bytes and has another length now: what is behind the shorter
    /// of both is zero, and the frames of pages that the file has no more are freed, unless they
    /// are pinned.
    pub fn file_resized(&mut self, file: &FileRef, old: u64) {
        self.clear_behind(file, old.min(file.len()));
        for content in self.cached_behind(file, file.len()) {
            self.discard(content);
        }
        self.debug_check();
    }

    /// Makes all bytes zero that frames hold behind an end of the file: a program may have stored
    /// there through a mapping, and they must not be seen when the file gets longer.
    fn clear_behind(&mut self, file: &FileRef, end: u64) {
        let (last, within) = (
            end / u64::from(PAGE_SIZE),
            (end % u64::from(PAGE_SIZE)) as u32,
        );
        if let Some(at) = self.cached_at(file, last, within).filter(|_| within > 0) {
            self.memory
                .write(at, &vec![0; (PAGE_SIZE - within) as usize]);
        }
        // Whole pages there can only be pinned ones.
        for content in self.cached_behind(file, end) {
            if let Some(frame) = self.contents.get(content).frame() {
                self.memory.zero(frame);
            }
        }
    }

    /// The pages in frames that lie wholly behind an end of the file.
    fn cached_behind(&self, file: &FileRef, end: u64) -> Vec<ContentId> {
        let first = u32::try_from(end.div_ceil(u64::from(PAGE_SIZE))).unwrap_or(u32::MAX);
        let behind = (file.id(), Part::Whole(first))..=(file.id(), Part::Whole(u32::MAX));
        let cached = self.cache.range(behind);
        cached.map(|(_, content)| *content).collect()
    }

    fn cached_at(&self, file: &FileRef, page: u64, within: u32) -> Option<PhysAddr> {
        let number = u32::try_from(page).ok()?;
        let content = self.cache.get(&(file.id(), Part::Whole(number)))?;
        let frame = self
            .contents
            .get(*content)
            .frame()
            .expect("cached is in a frame");
        Some(PhysAddr(frame.start().0 + within))
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
