//! The transitions of the residency that system calls need, each with its report to the policy, the
//! counters and the log.
//!
//! # Invariants
//!
//! Nothing outside `pager` changes the residency, so `changes` sees every transition. An event is
//! logged after what it reports has happened.

use std::ops::Range;

use machine::addr::{Frame, Page, PhysAddr, VirtAddr};
use machine::disk::DiskError;
use machine::memory::FrameBytes;
use machine::mmu::Access;
use machine::paging::OutOfTables;

use crate::ids::{FileId, MapId, Slot, SpaceId, User};
use crate::observe::event::{Detail, Event};
use crate::pager::Pager;
use crate::residency::change::LostWrite;
use crate::residency::token::Pin;
use crate::space::limits::TooManyRegions;
use crate::space::region::{Protection, Region};
use crate::space::spt::ContentId;

/// Regions, and the pages in them.
impl Pager {
    /// Returns an unused number for a new mapping.
    pub(crate) fn new_map_id(&mut self, space: SpaceId) -> MapId {
        self.residency.new_map_id(space)
    }

    /// Adds a region to unused pages.
    ///
    /// # Contract
    /// - Before: no page of the region is in another one.
    /// - After: the region is there, joined with neighbours that are alike. Whatever its size, no
    ///   frame and no page table was taken for it, and nothing was read.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn add_region(
        &mut self,
        space: SpaceId,
        region: Region,
    ) -> Result<(), TooManyRegions> {
        self.residency.add_region(space, region.clone())?;
        let owner = self.owner(space);
        self.emit(Event::Mapped {
            owner,
            region: region.clone(),
        });
        // lab 2.1: leave the pages where they are
        // lab given
        // | // Until 2.1: all pages of a region are brought in when it is added, as far as frames go.
        // | for page in region.start.until(region.end) {
        // |     let Some(free) = self.residency.take_free() else {
        // |         break;
        // |     };
        // |     let (bytes, pristine) = match crate::pager::fault::source(&region, page) {
        // |         crate::pager::fault::Source::Zero => (Ok(self.residency.zero(&free)), true),
        // |         crate::pager::fault::Source::File(part) => {
        // |             let read = |to: &mut FrameBytes| crate::pager::load::read_part(&part, to);
        // |             (self.residency.fill(&free, read), false)
        // |         }
        // |     };
        // |     if bytes.is_err() {
        // |         self.residency.give_back(free);
        // |         continue;
        // |     }
        // |     let kind = crate::residency::content::Kind::Private { pristine };
        // |     if let Ok(loaded) = self.residency.adopt(free, User { space, page }, kind) {
        // |         self.loaded(loaded);
        // |     }
        // | }
        // lab end
        Ok(())
    }

    /// Removes regions, pins and contents from a range of pages. Returns the first page of a file
    /// that could not be written back and is lost.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn take_away(
        &mut self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> Result<Option<LostWrite>, TooManyRegions> {
        let mut first_loss = None;
        for left in self.residency.unmap(space, &pages)? {
            // The journal was read page by page, so that each entry is logged beside its page.
            self.tell_changes(left.entries);
            if let Err(lost) = self.released(left.released) {
                first_loss.get_or_insert(lost);
            }
        }
        let (owner, start, end) = (self.owner(space), pages.start, pages.end);
        self.emit(Event::Unmapped { owner, start, end });
        Ok(first_loss)
    }

    /// Changes what a program may do in a range of pages.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn change_rights(
        &mut self,
        space: SpaceId,
        pages: &Range<Page>,
        protection: Protection,
    ) -> Result<(), TooManyRegions> {
        // What has changed before must not appear after the new rights.
        self.tell_entries();
        let changed = self.residency.protect(space, pages, protection)?;
        let owner = self.owner(space);
        for region in changed {
            // The new rights are the cause of the changed entries, so they come first in the log.
            self.emit_first(Event::Mapped { owner, region });
        }
        self.tell_entries();
        Ok(())
    }

    /// Copies the regions of one address space to another that has none.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn inherit_regions(
        &mut self,
        parent: SpaceId,
        child: SpaceId,
    ) -> Result<(), TooManyRegions> {
        self.residency.copy_regions(parent, child)?;
        // Without a listener the regions need not be copied once more for events.
        if !self.is_heard(Detail::Faults) {
            return Ok(());
        }
        let owner = self.owner(child);
        let regions: Vec<_> = self.space(child).spt().regions().iter().cloned().collect();
        for region in regions {
            self.emit(Event::Mapped { owner, region });
        }
        Ok(())
    }

    /// Gives an untouched page the content of its parent's page, copy-on-write if it is private.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing changed.
    pub(crate) fn inherit(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
        self.residency.share(user, content)
    }
}

/// What frames and slots hold.
impl Pager {
    /// Writes a dirty page of a file back; it stays in its frame, clean.
    ///
    /// # Errors
    /// [`LostWrite`]; it stays dirty.
    pub(crate) fn clean(&mut self, frame: Frame) -> Result<(), LostWrite> {
        // The D bits are cleared last: if the write fails the page must stay dirty.
        let written = self.residency.write_back(frame)?;
        self.written_back(&written);
        self.residency.mark_clean(written);
        Ok(())
    }

    /// Clears the accessed bits of a frame.
    pub(crate) fn forget_use(&mut self, frame: Frame) {
        self.residency.clear_accessed(frame);
    }

    /// Zeroes all cached bytes past an end of a file.
    pub(crate) fn clear_behind(&mut self, file: FileId, end: u64) {
        self.residency.clear_behind(file, end);
    }

    /// Copies bytes that were written to a file to the page cache, if the page is there.
    pub(crate) fn write_cached(&mut self, file: FileId, page: u64, within: u32, from: &[u8]) {
        self.residency.write_cached(file, page, within, from);
    }

    /// Drops a page past the end of its file from its frame.
    pub(crate) fn discard(&mut self, frame: Frame) {
        let left = self.residency.discard(frame);
        self.discarded(left);
    }

    /// Reads a slot in use.
    ///
    /// # Errors
    /// Whatever the device says.
    pub(crate) fn peek_slot(&mut self, slot: Slot, to: &mut FrameBytes) -> Result<(), DiskError> {
        self.residency.peek_slot(slot, to)
    }
}

/// Pins, and the kernel's access to pinned pages.
impl Pager {
    /// Pins a frame: its content stays where it is.
    pub(crate) fn pin_frame(&mut self, frame: Frame) -> Pin {
        self.residency.pin(frame)
    }

    /// Ends a pin.
    pub(crate) fn end_pin(&mut self, pin: Pin) {
        self.residency.unpin(pin);
    }

    /// Hands a pin over to an address space, for the frame of one of its pages.
    pub(crate) fn keep_pin(&mut self, user: User, pin: Pin) {
        self.residency.keep_pin(user, pin);
    }

    /// Ends one of the pins that an address space keeps on a page.
    pub(crate) fn end_kept_pin(&mut self, user: User) {
        self.residency.end_kept_pin(user);
    }

    /// Returns the physical address of a byte in a pinned page, and records the access that the
    /// kernel is about to make.
    pub(crate) fn reach_pinned(
        &mut self,
        pin: &Pin,
        space: SpaceId,
        addr: VirtAddr,
        access: Access,
    ) -> PhysAddr {
        if let Some(recording) = &self.recording {
            recording.touched(pin.frame());
        }
        self.residency.reach(pin, space, addr, access)
    }
}
