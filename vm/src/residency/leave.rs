//! How a content gets out of its frame, and how pages give contents up.
//!
//! # Invariants
//!
//! A content loses its frame only when it is in a slot or in its file, or its source can give it
//! again. What a device refuses to take stays where it is, with every entry.

use machine::addr::{Frame, PAGE_SIZE};

use crate::ids::User;
use crate::place::Fate;
use crate::residency::Residency;
use crate::residency::change::{Left, LostWrite, Released, WrittenBack};
use crate::residency::content::{FilePage, Kind, Part, Place};
use crate::residency::swap::{SlotUse, SwapOutError};
use crate::residency::token::FreeFrame;
use crate::space::spt::ContentId;

/// Where a content has to go before its frame can be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WayOut {
    /// Nowhere: its source gives it again.
    Nowhere,
    /// To its file.
    File,
    /// To a swap slot.
    Slot,
}

impl Residency {
    /// Where the content of a frame has to go before the frame can be had.
    ///
    /// # Contract
    /// - Before: the frame holds a content.
    /// - After: nothing has changed. `Nowhere` exactly if the region or the file would give every page
    ///   that has it the same bytes again; `File` only for pages of files, `Slot` only for private ones.
    ///
    /// # Panics
    /// If the frame holds nothing.
    pub fn way_out(&self, frame: Frame) -> WayOut {
        // lab 4.3: say where a content has to go
        let dirty = self.dirty(frame);
        match &self.contents.get(self.held(frame)).kind {
            Kind::File(_) if dirty => WayOut::File,
            Kind::File(_) | Kind::Private { pristine: true } if !dirty => WayOut::Nowhere,
            _ => WayOut::Slot,
        }
        // lab end
    }

    /// Takes a content out of its frame that its source can give again.
    ///
    /// # Panics
    /// If it cannot, or the frame is pinned.
    pub fn drop_clean(&mut self, frame: Frame) -> Left {
        assert_eq!(self.way_out(frame), WayOut::Nowhere, "frame {frame}");
        self.leave(frame, Fate::Dropped, false)
    }

    /// Takes a dirty page of a file out of its frame, to its file.
    ///
    /// # Errors
    /// [`LostWrite`]; nothing has changed.
    ///
    /// # Panics
    /// If the frame is pinned or holds no page of a file.
    pub fn evict_to_file(&mut self, frame: Frame) -> Result<Left, LostWrite> {
        let written = self.write_back(frame)?;
        Ok(self.leave(frame, Fate::WrittenBack(written.file), written.wrote))
    }

    /// Takes a private content out of its frame, to a swap slot: the one that has a copy of it from the
    /// last time, if it was not stored to since.
    ///
    /// # Contract
    /// - Before: the frame has no pin and holds a private content.
    /// - After: the content's place is the slot of the fate, which holds its bytes; no entry points to
    ///   the frame, which is nobody's. On an error every page, entry and slot is as it was.
    ///
    /// # Errors
    /// [`SwapOutError`]; nothing has changed, but that a slot that failed is never used again and an old
    /// copy's slot is free.
    ///
    /// # Panics
    /// If the frame is pinned or holds a page of a file.
    pub fn swap_out(&mut self, frame: Frame, slots: SlotUse) -> Result<Left, SwapOutError> {
        let content = self.held(frame);
        assert!(self.is_private(content), "a page of a file to swap");
        if !self.dirty(frame) && self.swap.copy_of(content).is_some() {
            let slot = self.swap.return_to_copy(content, slots)?;
            return Ok(self.leave(frame, Fate::StillInSwap(slot), false));
        }
        self.swap.drop_copy(content);
        let slot = self.swap.write(&self.memory, frame, content, slots)?;
        Ok(self.leave(frame, Fate::SwappedOut(slot), true))
    }

    /// Drops a content whose bytes nobody is to see again, dirty or not.
    ///
    /// # Panics
    /// If the frame is pinned or holds nothing.
    pub fn discard(&mut self, frame: Frame) -> Left {
        self.leave(frame, Fate::Dropped, false)
    }

    /// Writes a page of a file to its place there: the bytes that the file has, no more. It stays in
    /// its frame, and dirty until [`Residency::mark_clean`].
    ///
    /// # Errors
    /// [`LostWrite`]; nothing has changed.
    ///
    /// # Panics
    /// If the frame holds no page of a file.
    pub fn write_back(&self, frame: Frame) -> Result<WrittenBack, LostWrite> {
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

    /// Takes a page's content away from it. With the last user the content goes: what is dirty is
    /// written back to its file, its frame or slot is free.
    ///
    /// # Contract
    /// - Before: the page has a content. If it is in a frame, the address space keeps no pin on it.
    /// - After: the page is untouched and has no entry. If others have the content, it is as it was, and
    ///   dirty if it was. If nobody has, a dirty page of a file is in `written`, or in `lost` if the
    ///   file did not take it, and the frame or slot is free.
    ///
    /// # Panics
    /// If the page has no content.
    pub fn release(&mut self, user: User) -> Released {
        let content = self.touched_content(user);
        let frame = self.contents.get(content).frame();
        if let Some(frame) = frame {
            self.unmap_user(user, frame);
            self.spaces.get_mut(user.space).resident -= 1;
        }
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

    /// Empties all entries for a frame's content and takes it out: it is in the slot of its fate, or
    /// its pages are untouched from now on.
    ///
    /// # Contract
    /// - Before: the frame has no pin. What its content has to be kept for is kept: the bytes are in the
    ///   slot or in the file that the fate names.
    /// - After: no user's entry points to the frame, and no user counts it as resident. With a slot the
    ///   content lives on there; else it is gone, from the page cache too, and no page names it.
    ///   The frame table knows nothing of the frame, which the token in [`Left`] stands for.
    fn leave(&mut self, frame: Frame, fate: Fate, wrote: bool) -> Left {
        let info = self.frames.info(frame);
        assert_eq!(info.pins, 0, "a pinned frame is evicted");
        let content = self.held(frame);
        // lab 4.4: empty a frame
        let first = self.contents.get(content).users()[0];
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
                self.uncache(&gone.kind);
                for user in gone.users() {
                    self.spaces.get_mut(user.space).spt.clear_content(user.page);
                }
                Some(gone)
            }
        };
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

    /// Frees a content that has no user any more, and its place.
    fn free_content(&mut self, content: ContentId) -> Place {
        let gone = self.contents.remove(content);
        self.uncache(&gone.kind);
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

    /// Writes the bytes that the file has in a page's place, no more; whether there were any.
    ///
    /// # Contract
    /// - Before: the frame holds that page of the file.
    /// - After: the file's length is what it was, and what it has of the page is what the frame has.
    ///   The frame, and what is known of its use, is as it was.
    ///
    /// # Errors
    /// [`LostWrite`], with what the file said.
    fn write_to_file(&self, page: &FilePage, frame: Frame) -> Result<bool, LostWrite> {
        // lab 7.3: write a page to its place in the file
        // Only whole pages in shared mappings are ever stored to.
        let Part::Whole(number) = page.part else {
            return Ok(false);
        };
        let offset = u64::from(number) * u64::from(PAGE_SIZE);
        let left = page.file.len().saturating_sub(offset);
        let len = left.min(u64::from(PAGE_SIZE)) as usize;
        if len == 0 {
            return Ok(false); // it was cut off while the page was pinned
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
