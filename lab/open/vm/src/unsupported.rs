//! What this kernel does not support yet, and the advice that is trivial where pages never move.
//!
//! # Invariants
//!
//! Nothing here changes anything.

use std::ops::Range;

use machine::addr::Page;
use machine::mmu::Access;

use crate::ids::{MapId, SpaceId, User};
use crate::pager::Pager;
use crate::refused::{AdviceError, MapError, PinError, UnmapError};
use crate::space::region::{FileMapping, Protection};
use crate::space::user_range::Client;

impl Pager {
    /// Maps a file.
    ///
    /// # Errors
    /// [`MapError::Unsupported`], always.
    pub fn mmap(&mut self, _: SpaceId, _: FileMapping) -> Result<MapId, MapError> {
        Err(MapError::Unsupported)
    }

    /// Maps anonymous memory.
    ///
    /// # Errors
    /// [`MapError::Unsupported`], always.
    pub fn mmap_zeros(
        &mut self,
        _: SpaceId,
        _: Range<Page>,
        _: Protection,
    ) -> Result<(), MapError> {
        Err(MapError::Unsupported)
    }

    /// Ends a mapping.
    ///
    /// # Errors
    /// [`UnmapError::NoSuchMapping`], always.
    pub fn munmap(&mut self, _: SpaceId, _: MapId) -> Result<(), UnmapError> {
        Err(UnmapError::NoSuchMapping)
    }

    /// Unmaps a range of pages.
    ///
    /// # Errors
    /// [`UnmapError::NoSuchMapping`], always.
    pub fn unmap(&mut self, _: SpaceId, _: Range<Page>) -> Result<(), UnmapError> {
        Err(UnmapError::NoSuchMapping)
    }

    /// Writes changes of mapped files back (msync).
    ///
    /// # Errors
    /// [`UnmapError::NoSuchMapping`], always.
    pub fn sync(&mut self, _: SpaceId, _: Range<Page>) -> Result<(), UnmapError> {
        Err(UnmapError::NoSuchMapping)
    }

    /// Evicts pages (MADV_PAGEOUT).
    ///
    /// # Errors
    /// [`AdviceError::Unsupported`], always.
    pub fn page_out(&mut self, _: SpaceId, _: Range<Page>) -> Result<(), AdviceError> {
        Err(AdviceError::Unsupported)
    }

    /// Drops the contents of pages (MADV_DONTNEED).
    ///
    /// # Errors
    /// [`AdviceError::Unsupported`], always.
    pub fn dont_need(&mut self, _: SpaceId, _: Range<Page>) -> Result<(), AdviceError> {
        Err(AdviceError::Unsupported)
    }

    /// Changes what a program may do with pages (mprotect).
    ///
    /// # Errors
    /// [`AdviceError::Unsupported`], always.
    pub fn protect(
        &mut self,
        _: SpaceId,
        _: Range<Page>,
        _: Protection,
    ) -> Result<(), AdviceError> {
        Err(AdviceError::Unsupported)
    }

    /// Brings pages in (MADV_WILLNEED), which they are already.
    ///
    /// # Errors
    /// [`AdviceError::Hole`] if one of them is in no region.
    pub fn will_need(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        self.resident(space, pages).map(drop)
    }

    /// Clears the accessed bits of pages (MADV_COLD), which has no effect here.
    ///
    /// # Errors
    /// [`AdviceError::Hole`] if one of them is in no region.
    pub fn cold(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        self.resident(space, pages).map(drop)
    }

    /// Returns for each page of a range whether it is in a frame (mincore).
    ///
    /// # Errors
    /// [`AdviceError::Hole`] if one of them is in no region.
    pub fn resident(&self, space: SpaceId, pages: Range<Page>) -> Result<Vec<bool>, AdviceError> {
        let pages = pages.start.until(pages.end);
        let frames = pages.map(|page| self.spaces.frame(User { space, page }));
        let there = frames.map(|frame| frame.map(|_| true).ok_or(AdviceError::Hole));
        there.collect()
    }

    /// Pins pages for an access.
    ///
    /// # Errors
    /// [`PinError::Unsupported`], always.
    pub fn pin(&mut self, _: Client, _: Range<Page>, _: Access) -> Result<(), PinError> {
        Err(PinError::Unsupported)
    }

    /// Unpins pages.
    ///
    /// # Errors
    /// [`PinError::NotPinned`], always.
    pub fn unpin(&mut self, _: SpaceId, _: Range<Page>) -> Result<(), PinError> {
        Err(PinError::NotPinned)
    }
}
