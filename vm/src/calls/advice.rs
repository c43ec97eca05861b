//! Advice about pages (madvise, mprotect, msync) and queries (mincore, pagemap).
//!
//! # Invariants
//! Paging out loses nothing. Advice about a range with holes is followed for the rest of it and the
//! hole is reported, as Linux does. Queries change nothing, not even an accessed or dirty bit.
//! Pinned pages stay as they are.

use std::ops::Range;

use machine::addr::{Page, PhysAddr, VirtAddr};
use machine::mmu::Access;

use crate::ids::{SpaceId, User};
use crate::observe::event::{Area, PagePlace, PageState};
use crate::observe::pagemap;
use crate::pager::Pager;
use crate::refused::{AdviceError, UnmapError};
use crate::residency::content::{Kind, Place};
use crate::space::region::{Protection, Region};
use crate::space::user_range::{Client, UserPiece};

impl Pager {
    /// Evicts pages, even if other processes share them: private ones to swap, dirty pages of
    /// shared mappings to their file (MADV_PAGEOUT, for any address space).
    ///
    /// # Errors
    /// [`AdviceError`]; the rest of the range is processed all the same.
    ///
    /// # Examples
    ///
    // lab 4 example
    /// ```
    /// use kit::Machine;
    /// use machine::addr::Page;
    /// use vm::view::Place;
    /// use vm::{User, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// let page = Page::new(0x0a000);
    /// machine.zeros(space, page.start().0, 1);
    /// machine.store(space, page.start().0, 7)?;
    /// machine.vm.page_out(space, page..Page::new(0x0a001))?;
    ///
    /// let evicted = machine.vm.page(User { space, page }).expect("it was stored to");
    /// assert!(matches!(evicted.place, Place::Slot(_)));
    /// assert_eq!(machine.vm.slots_in_use().count(), 1);
    /// assert_eq!(machine.load(space, page.start().0)?, 7); // swapped in
    /// assert_eq!(machine.vm.stats().swap_reads, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page_out(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        let mut result = self.check_mapped(space, pages.clone());
        for page in self.residency().touched(space, pages) {
            let Some(frame) = self.frame_of(User { space, page }) else {
                continue;
            };
            let info = *self.frames().info(frame);
            // A frame that a disk is filling cannot be written out yet.
            self.sleep_until(info.ready_at());
            let done = match info.pins() {
                0 => self.evict_and_free(frame).map_err(|_| AdviceError::PageOut),
                _ => Err(AdviceError::Pinned),
            };
            result = result.and(done);
        }
        self.debug_check();
        result
    }

    /// Brings in pages that are in swap or in a file, at most as many as half the frames
    /// (MADV_WILLNEED).
    ///
    /// # Errors
    /// [`AdviceError`]; the rest of the range is processed all the same.
    pub fn will_need(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        let mut result = self.check_mapped(space, pages.clone());
        let vm = &*self;
        let regions = vm.space(space).spt().regions();
        let wanted: Vec<Page> = regions
            .within(pages.clone())
            .filter(|region| !region.protection.is_empty())
            .flat_map(|region| {
                let (start, end) = (region.start.max(pages.start), region.end.min(pages.end));
                let part = start.until(end);
                part.filter(move |page| vm.is_outside(space, region, *page))
            })
            // More would evict what this very call has brought in.
            .take(self.frames().count() as usize / 2)
            .collect();
        for page in wanted {
            // Only pages with a content or a file come in, so this pointer makes no stack grow.
            let client = Client {
                space,
                stack: page.start(),
            };
            let pinned = self.pin_user(UserPiece::of_page(client, page), Access::Read);
            match pinned {
                Ok(pinned) => self.unpin_user(pinned),
                Err(kill) => result = result.and(Err(kill.into())),
            }
        }
        result
    }

    /// Drops the contents of private pages: when touched again they are zero, or as their file has
    /// them (MADV_DONTNEED). Shared mappings lose nothing.
    ///
    /// # Errors
    /// [`AdviceError`]; the rest of the range is processed all the same.
    pub fn dont_need(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        let mut result = self.check_mapped(space, pages.clone());
        for page in self.residency().touched(space, pages) {
            let done = if self.residency().is_pinned(User { space, page }) {
                Err(AdviceError::Pinned)
            } else {
                let released = self.release(User { space, page });
                released.map_err(|_| AdviceError::PageOut)
            };
            result = result.and(done);
        }
        self.debug_check();
        result
    }

    /// Clears the accessed bits of pages, so that they are evicted first (MADV_COLD).
    ///
    /// # Errors
    /// [`AdviceError::Hole`]; the rest of the range is processed all the same.
    pub fn cold(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        for page in self.residency().touched(space, pages.clone()) {
            if let Some(frame) = self.frame_of(User { space, page }) {
                self.forget_use(frame);
            }
        }
        self.check_mapped(space, pages)
    }

    /// Writes dirty pages of shared mappings back to their files; they stay resident, clean
    /// (msync).
    ///
    /// # Errors
    /// [`UnmapError::WriteBack`] for the first page that could not be written; it stays dirty.
    /// [`UnmapError::NoSuchMapping`] if part of the range is not mapped; the rest is processed.
    pub fn sync(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), UnmapError> {
        let hole = self.check_mapped(space, pages.clone());
        let mut result = hole.map_err(|_| UnmapError::NoSuchMapping);
        for page in self.residency().touched(space, pages) {
            let user = User { space, page };
            let content = self.residency().content_of(user);
            let (Some(content), Some(frame)) = (content, self.frame_of(user)) else {
                continue;
            };
            if self.residency().is_private(content) || !self.is_dirty(frame) {
                continue;
            }
            result = result.and(self.clean(frame).map_err(UnmapError::from));
        }
        result
    }

    /// Changes what a program may do with pages (mprotect).
    ///
    /// # Errors
    /// [`AdviceError::Hole`] if a page is in no region, [`AdviceError::Pinned`] if one is pinned,
    /// [`AdviceError::TooManyRegions`]; nothing changed.
    pub fn protect(
        &mut self,
        space: SpaceId,
        pages: Range<Page>,
        protection: Protection,
    ) -> Result<(), AdviceError> {
        self.check_mapped(space, pages.clone())?;
        // A pin promises an access, which other rights might forbid.
        let pinned = |page: &Page| self.residency().is_pinned(User { space, page: *page });
        if self
            .residency()
            .touched(space, pages.clone())
            .iter()
            .any(pinned)
        {
            return Err(AdviceError::Pinned);
        }
        self.change_rights(space, &pages, protection)?;
        self.debug_check();
        Ok(())
    }

    /// Returns for each page of a range whether it is in a frame (mincore).
    ///
    /// # Errors
    /// [`AdviceError::Hole`] if a page is in no region.
    pub fn resident(&self, space: SpaceId, pages: Range<Page>) -> Result<Vec<bool>, AdviceError> {
        self.check_mapped(space, pages.clone())?;
        let users = pages
            .start
            .until(pages.end)
            .map(|page| User { space, page });
        Ok(users.map(|user| self.frame_of(user).is_some()).collect())
    }

    /// Returns the pagemap entry of a page, with the bits of [`pagemap`]; 0 for an untouched page.
    pub fn pagemap(&self, user: User) -> u64 {
        let Some(id) = self.residency().content_of(user) else {
            return 0;
        };
        let content = self.content(id);
        let shared = matches!(content.kind, Kind::File(_)) || content.users().len() > 1;
        let shared = if shared { pagemap::FILE_OR_SHARED } else { 0 };
        match content.place {
            Place::Slot(slot) => {
                pagemap::SWAPPED | shared | u64::from(slot.number()) << pagemap::SLOT_SHIFT
            }
            Place::Frame(frame) => {
                let dirty = if self.is_dirty(frame) {
                    pagemap::DIRTY
                } else {
                    0
                };
                pagemap::PRESENT | shared | dirty | u64::from(frame.number())
            }
        }
    }

    /// Returns the state of a page as the fault log shows it.
    pub fn page_state(&self, space: SpaceId, page: Page) -> PageState {
        let spt = self.space(space).spt();
        let region = spt.region(page);
        let content = spt.content(page).map(|id| self.content(id));
        PageState {
            area: region.map(Area::of),
            rights: region.map_or(Protection::empty(), |region| region.protection),
            place: match (content.map(|content| content.place), region) {
                (Some(Place::Slot(slot)), _) => PagePlace::Slot(slot),
                (Some(Place::Frame(frame)), _) => PagePlace::Frame(frame),
                (None, Some(_)) => PagePlace::Untouched,
                (None, None) => PagePlace::Unmapped,
            },
        }
    }

    /// Returns the physical address of a byte, if its page is in a frame. Programs use it to see
    /// sharing, copy-on-write and lazy loading.
    pub fn physical(&self, space: SpaceId, addr: VirtAddr) -> Option<PhysAddr> {
        let frame = self.frame_of(User {
            space,
            page: addr.page(),
        })?;
        Some(PhysAddr(frame.start().0 + addr.offset()))
    }

    fn check_mapped(&self, space: SpaceId, pages: Range<Page>) -> Result<(), AdviceError> {
        let mut next = pages.start;
        for region in self.space(space).spt().regions().within(pages.clone()) {
            if region.start > next {
                break;
            }
            next = region.end;
        }
        if next < pages.end {
            Err(AdviceError::Hole)
        } else {
            Ok(())
        }
    }

    /// Returns whether a page of a region is not resident, but in swap or in a file.
    fn is_outside(&self, space: SpaceId, region: &Region, page: Page) -> bool {
        match self.residency().content_of(User { space, page }) {
            Some(content) => self.content(content).frame().is_none(),
            None => region.file_page(page).is_some(),
        }
    }
}
