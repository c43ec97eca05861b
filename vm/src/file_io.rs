//! Reading and writing files while pages of them are mapped.
//!
//! What always holds: a byte read from a file is the byte that a program with the file mapped
//! shared would see, and the other way round.

use std::io;

use emu::addr::{PAGE_SIZE, PhysAddr};

use crate::content::Part;
use crate::file::FileRef;
use crate::vm::Vm;

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
        file.write_at(offset, from)?;
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

    /// Takes note that a file has got shorter (or longer): the frames of pages past its end are
    /// freed, unless they are pinned, and what is behind the end on its last page becomes zero.
    pub fn file_truncated(&mut self, file: &FileRef) {
        let last = file.len() / u64::from(PAGE_SIZE);
        let within = (file.len() % u64::from(PAGE_SIZE)) as u32;
        if let Some(at) = self.cached_at(file, last, within).filter(|_| within > 0) {
            self.memory
                .write(at, &vec![0; (PAGE_SIZE - within) as usize]);
        }
        let first = last + u64::from(within > 0);
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        let gone = (file.id(), Part::Whole(first))..=(file.id(), Part::Whole(u32::MAX));
        let contents: Vec<_> = self
            .cache
            .range(gone)
            .map(|(_, content)| *content)
            .collect();
        for content in contents {
            self.discard(content);
        }
        self.debug_check();
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
