//! How a content leaves its frame, and how pages give up contents.
//!
//! # Invariants
//!
//! A content loses its frame only when it is in a slot or in its file, or can be produced again by
//! its region. What a device fails to take stays where it is, with all its entries.

use machine::addr::{Frame, PAGE_SIZE};

use crate::ids::User;
use crate::place::Fate;
use crate::residency::Residency;
use crate::residency::change::{Left, LostWrite, Released, WrittenBack};
use crate::residency::content::{FilePage, Kind, Part, Place};
use crate::residency::swap::{SlotUse, SwapOutError};
use crate::residency::token::FreeFrame;
use crate::space::spt::ContentId;

/// Where a content has to be saved before its frame can be reused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WayOut {
    /// Nowhere: its region produces it again.
    Nowhere,
    /// To its file.
    File,
    /// To a swap slot.
    Slot,
}

/// Eviction, write-back and release.
impl Residency {
    /// Returns where the content of a frame has to be saved before the frame can be reused.
    ///
    /// # Contract
    /// - Before: the frame holds a content.
    /// - After: nothing has changed. `Nowhere` exactly if the region or the file would give every page
    ///   that has it the same bytes again; `File` only for pages of files, `Slot` only for private ones.
    ///
    /// # Panics
    /// If the frame holds nothing.
    pub(crate) fn way_out(&self, frame: Frame) -> WayOut {
        // lab 4.3: say where a content has to go
        let dirty = self.dirty(frame);
        match &self.contents.get(self.held(frame)).kind {
            Kind::File(_) if dirty => WayOut::File,
            Kind::File(_) | Kind::Private { pristine: true } if !dirty => WayOut::Nowhere,
            // Also a clean page from swap: `swap_out` sees whether its slot still has a valid copy.
            _ => WayOut::Slot,
        }
        // lab end
    }

    /// Evicts a content that its region can produce again: it is dropped.
    ///
    /// # Panics
    /// If it has to be saved, or the frame is pinned.
    pub(crate) fn drop_clean(&mut self, frame: Frame) -> Left {
        assert_eq!(self.way_out(frame), WayOut::Nowhere, "frame {frame}");
        self.leave(frame, Fate::Dropped, false)
    }

    /// Evicts a dirty page of a file to its file.
    ///
    /// # Errors
    /// [`LostWrite`]; nothing has changed.
    ///
    /// # Panics
    /// If the frame is pinned or holds no page of a file.
    pub(crate) fn evict_to_file(&mut self, frame: Frame) -> Result<Left, LostWrite> {
        let written = self.write_back(frame)?;
        Ok(self.leave(frame, Fate::WrittenBack(written.file), written.wrote))
    }

    /// Evicts a private content to a swap slot: the slot that still has a copy of it, if it was not
    /// stored to since it was swapped in.
    ///
    /// # Contract
    /// - Before: the frame has no pin and holds a private content.
    /// - After: the content's place is the slot of the fate, which holds its bytes; no entry points to
    ///   the frame, which is unused. On an error every page, entry and slot is as it was.
    ///
    /// # Errors
    /// [`SwapOutError`]; nothing has changed, except that a slot that failed is never used again
    /// and the slot of an old copy is free.
    ///
    /// # Panics
    /// If the frame is pinned or holds a page of a file.
    pub(crate) fn swap_out(&mut self, frame: Frame, slots: SlotUse) -> Result<Left, SwapOutError> {
        let content = self.held(frame);
        assert!(self.is_private(content), "a page of a file to swap");
        // Clean since its swap-in, so the copy in the slot is exact.
        if !self.dirty(frame) && self.swap.copy_of(content).is_some() {
            let slot = self.swap.return_to_copy(content, slots)?;
            return Ok(self.leave(frame, Fate::StillInSwap(slot), false));
        }
        // Before the write: the copy is stale, and its slot may be the only free one. The allocator
        // chooses anew, so that pages written together lie together.
        self.swap.drop_copy(content);
        let slot = self.swap.write(&self.memory, frame, content, slots)?;
        Ok(self.leave(frame, Fate::SwappedOut(slot), true))
    }

    /// Drops a content, dirty or not: its bytes must not be seen again.
    ///
    /// # Panics
    /// If the frame is pinned or holds nothing.
    pub(crate) fn discard(&mut self, frame: Frame) -> Left {
        self.leave(frame, Fate::Dropped, false)
    }

    /// Writes a page of a file back: the bytes up to the end of the file, no more. It stays in its
    /// frame, and dirty until [`Residency::mark_clean`].
    ///
    /// # Errors
    /// [`LostWrite`]; nothing has changed.
    ///
    /// # Panics
    /// If the frame holds no page of a file.
    pub(crate) fn write_back(&self, frame: Frame) -> Result<WrittenBack, LostWrite> {
        let Kind::File(page) = &self.contents.get(self.held(frame)).kind else {
            panic!("frame {frame} holds no page of a file");
        };
        let wrote = self.write_to_file(page, frame)?;
        Ok(WrittenBack {
            frame,
            file: page.file.id(),
            page: page.part.first_page(),
            wrote,
        })
    }

    /// Releases a page's content. If the page was the last user the content is freed: a dirty page
    /// of a file is written back, and the frame or slot is free.
    ///
    /// # Contract
    /// - Before: the page has a content. If it is in a frame, the address space keeps no pin on it.
    /// - After: the page is untouched and has no entry. If the content has other users, it is as it
    ///   was, and dirty if it was. If it has none, a dirty page of a file is in `written`, or in
    ///   `lost` if the file did not take it, and the frame or slot is free.
    ///
    /// # Panics
    /// If the page has no content.
    pub(crate) fn release(&mut self, user: User) -> Released {
        let content = self.touched_content(user);
        let frame = self.contents.get(content).frame();
        if let Some(frame) = frame {
            // Before the dirty bit is read below: D of this user's entry is with the frame then.
            self.unmap_user(user, frame);
            self.spaces.get_mut(user.space).resident -= 1;
        }
        // With other users left the page stays in the cache, dirty; the last one has it written.
        let is_last = self.contents.get(content).users().len() == 1;
        let is_files = !self.is_private(content);
        let to_write = frame.filter(|frame| is_last && is_files && self.dirty(*frame));
        let (written, lost) = match to_write.map(|frame| self.write_back(frame)) {
            Some(Ok(written)) => (Some(written), None),
            Some(Err(lost)) => (None, Some(lost)),
            None => (None, None),
        };
        self.spaces.get_mut(user.space).spt.clear_content(user.page);
        let is_left = self.contents.remove_user(content, user);
        let freed = (!is_left).then(|| self.free_content(content));
        Released {
            content,
            written,
            lost,
            freed,
        }
    }

    /// Removes a frame's content after it was saved: clears all entries that map the frame. The
    /// content is in the slot of its fate, or its pages are untouched from now on.
    ///
    /// # Contract
    /// - Before: the frame has no pin. If its content has to be saved it is: the bytes are in the
    ///   slot or in the file that the fate names.
    /// - After: no user's entry points to the frame, and no user counts it as resident. With a slot the
    ///   content lives on there; else it is gone, from the page cache too, and no page names it.
    ///   The frame table has no record of the frame, which the token in [`Left`] stands for.
    fn leave(&mut self, frame: Frame, fate: Fate, wrote: bool) -> Left {
        let info = self.frames.info(frame);
        assert_eq!(info.pins, 0, "a pinned frame is evicted");
        let content = self.held(frame);
        // lab 4.4: empty a frame
        // For the log, which names a content by its first user; below it may lose all of them.
        let first = self.contents.get(content).users()[0];
        // By the reverse map: one entry that is missed lets its process write into the frame's next
        // page. `unmap_user` also notes the TLB invalidation (SDM vol. 3, 4.10.4.2).
        for index in 0..self.contents.walk(content).len() {
            let user = self.contents.get(content).users()[index];
            self.unmap_user(user, frame);
            self.spaces.get_mut(user.space).resident -= 1;
        }
        let forgotten = match fate {
            Fate::SwappedOut(slot) | Fate::StillInSwap(slot) => {
                self.contents.get_mut(content).place = Place::Slot(slot);
                None
            }
            Fate::Dropped | Fate::WrittenBack(_) => {
                let gone = self.contents.remove(content);
                // Else the next fault on this page of the file would find an id that is reused.
                self.uncache(&gone.kind);
                for user in gone.users() {
                    self.spaces.get_mut(user.space).spt.clear_content(user.page);
                }
                Some(gone)
            }
        };
        // A and D of this content must not count for the next one, nor code translated from it run.
        *self.frames.info_mut(frame) = Default::default();
        self.memory.renew(frame);
        Left {
            free: FreeFrame::new(frame),
            content,
            first,
            fate,
            wrote,
            forgotten,
        }
        // lab end
    }

    /// Frees a content without users, and its place.
    fn free_content(&mut self, content: ContentId) -> Place {
        let gone = self.contents.remove(content);
        self.uncache(&gone.kind);
        // A content in a frame may have a copy in swap as well; both places end with it.
        match gone.place {
            Place::Frame(frame) => {
                self.frames.give_back(frame);
                self.swap.drop_copy(content);
            }
            Place::Slot(slot) => self.swap.release(slot),
        }
        gone.place
    }

    fn uncache(&mut self, kind: &Kind) {
        if let Kind::File(page) = kind {
            self.cache.remove(&page.key());
        }
    }

    /// Writes a page to its file, up to the end of the file. Returns whether any byte was written.
    ///
    /// # Contract
    /// - Before: the frame holds that page of the file.
    /// - After: the file's length is what it was, and its part of the page is what the frame has.
    ///   The frame, and the record of its use, is as it was.
    ///
    /// # Errors
    /// [`LostWrite`], with the error of the file.
    fn write_to_file(&self, page: &FilePage, frame: Frame) -> Result<bool, LostWrite> {
        // lab 7.3: write a page to its place in the file
        // Only whole pages in shared mappings are ever stored to.
        let Part::Whole(number) = page.part else {
            return Ok(false);
        };
        let offset = u64::from(number) * u64::from(PAGE_SIZE);
        // Not the whole frame: a write past the end would make the file longer ("Memory Mapped
        // Files" in the Pintos documentation: the tail of the last page is not written).
        let left = page.file.len().saturating_sub(offset);
        let len = left.min(u64::from(PAGE_SIZE)) as usize;
        if len == 0 {
            return Ok(false); // the file was truncated while the page was pinned
        }
        let written = self
            .memory
            .with_frame(frame, |bytes| page.file.write_at(offset, &bytes[..len]));
        written.map_err(|error| LostWrite {
            file: page.file.id(),
            page: number,
            error,
        })?;
        Ok(true)
        // lab end
    }
}
