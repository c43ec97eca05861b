//! The page cache: pages of files in frames, read and written as bytes of their files.
//!
//! # Invariants
//!
//! A page of a file is in the cache exactly while it is a content, and then it is in a frame: it
//! never goes to swap.

use machine::addr::{Frame, PAGE_SIZE, PhysAddr};

use crate::ids::FileId;
use crate::residency::Residency;
use crate::residency::content::{FileKey, Part};
use crate::space::spt::ContentId;

impl Residency {
    /// Returns the content and the frame of a page of a file, if it is in the page cache.
    pub(crate) fn cached(&self, key: &FileKey) -> Option<(ContentId, Frame)> {
        let content = *self.cache.get(key)?;
        let frame = self.contents.get(content).frame();
        Some((content, frame.expect("cached is in a frame")))
    }

    /// Returns the number of pages in the page cache.
    pub(crate) fn cached_pages(&self) -> usize {
        self.cache.len()
    }

    /// Reads from a page of a file, from its byte `within` on, if the page is in the page cache.
    /// Returns whether it is.
    pub(crate) fn read_cached(&self, file: FileId, page: u64, within: u32, to: &mut [u8]) -> bool {
        let at = self.cached_at(file, page, within);
        at.inspect(|at| self.memory.read(*at, to)).is_some()
    }

    /// Copies bytes that were written to a file to the page cache, if the page is there.
    pub(crate) fn write_cached(&mut self, file: FileId, page: u64, within: u32, from: &[u8]) {
        if let Some(at) = self.cached_at(file, page, within) {
            self.memory.write(at, from);
        }
    }

    /// Zeroes all cached bytes past an end of a file.
    pub(crate) fn clear_behind(&mut self, file: FileId, end: u64) {
        // The disk has zeros there once the file grows again, so the cache must have them too.
        let size = u64::from(PAGE_SIZE);
        let (last, within) = (end / size, (end % size) as u32);
        if within > 0 {
            let zeros = vec![0; (PAGE_SIZE - within) as usize];
            self.write_cached(file, last, within, &zeros);
        }
        // Whole pages past the end stay only while they are pinned; others are discarded.
        for frame in self.cached_behind(file, end) {
            self.memory.zero(frame);
        }
    }

    /// Returns the frames of pages that lie wholly past an end of a file.
    pub(crate) fn cached_behind(&self, file: FileId, end: u64) -> Vec<Frame> {
        let first = u32::try_from(end.div_ceil(u64::from(PAGE_SIZE))).unwrap_or(u32::MAX);
        // Keys are in the order of files and their whole pages. Pieces of executables come after
        // those, and their files are never truncated.
        let behind = (file, Part::Whole(first))..=(file, Part::Whole(u32::MAX));
        let contents = self.cache.range(behind);
        let frames = contents.map(|(_, content)| self.contents.get(*content).frame());
        frames
            .map(|frame| frame.expect("cached is in a frame"))
            .collect()
    }

    fn cached_at(&self, file: FileId, page: u64, within: u32) -> Option<PhysAddr> {
        let number = u32::try_from(page).ok()?;
        let (_, frame) = self.cached(&(file, Part::Whole(number)))?;
        Some(PhysAddr(frame.start().0 + within))
    }
}
