//! How a content comes into a frame, and how one more page gets a content.
//!
//! # Invariants
//!
//! On an error nothing has changed, except that the frame in the token is free again.

use machine::addr::Frame;
use machine::disk::DiskError;
use machine::memory::FrameBytes;
use machine::paging::OutOfTables;
use machine::pte::PteFlags;

use crate::ids::{Slot, User};
use crate::residency::Residency;
use crate::residency::change::{Loaded, Released};
use crate::residency::content::{FileKey, Kind, Place};
use crate::residency::token::FreeFrame;
use crate::space::spt::ContentId;

/// Why a swap-in failed.
#[derive(Debug)]
pub(crate) enum SwapInError {
    /// The page table for the faulting page's entry cannot be allocated.
    Tables(OutOfTables),
    /// The device failed.
    Device(Slot, DiskError),
}

/// What a swap-in does for the other users of the content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sharers {
    /// They are mapped at once. One whose page table cannot be allocated is left out; its process
    /// will fault.
    Mapped,
    /// A disk is still filling the frame: their processes fault and wait themselves.
    LeftOut,
}

/// What happens to the slot of a content that is swapped in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SlotAfter {
    /// It keeps a copy, in case the content is evicted before it is stored to.
    HasCopy,
    /// It is free: the content is about to be stored to, which would make a copy stale at once.
    Free,
}

/// Frames, and contents that are put into them.
impl Residency {
    /// Takes a free frame, if there is one. Its bytes are those of its last use.
    pub(crate) fn take_free(&mut self) -> Option<FreeFrame> {
        let frame = self.frames.take_free()?;
        // Code that was translated from the old bytes must not run for the new ones.
        self.memory.renew(frame);
        Some(FreeFrame::new(frame))
    }

    /// Gives back a frame that was not used.
    pub(crate) fn give_back(&mut self, free: FreeFrame) {
        self.frames.give_back(free.end());
    }

    /// Zeroes a frame.
    pub(crate) fn zero(&mut self, free: &FreeFrame) {
        self.memory.zero(free.frame());
    }

    /// Copies the bytes of one frame to another.
    pub(crate) fn copy(&mut self, from: Frame, to: &FreeFrame) {
        self.memory.copy(from, to.frame());
    }

    /// Lets `fill` write a frame's bytes.
    pub(crate) fn fill<R>(
        &mut self,
        free: &FreeFrame,
        fill: impl FnOnce(&mut FrameBytes) -> R,
    ) -> R {
        self.memory.with_frame_mut(free.frame(), fill)
    }

    /// Gives an untouched page a content of its own: the bytes in the frame.
    ///
    /// # Contract
    /// - Before: the page is in a region and has no content; the frame's bytes are filled in. A page of
    ///   a file is not in the page cache.
    /// - After: the page has the content, and an entry that points to the frame if its region allows
    ///   any access. A page of a file is in the page cache.
    ///
    /// # Errors
    /// [`OutOfTables`]; the page is untouched and the frame free.
    pub(crate) fn adopt(
        &mut self,
        free: FreeFrame,
        user: User,
        kind: Kind,
    ) -> Result<Loaded, OutOfTables> {
        // The only step that can fail comes first.
        let frame = self.checked_for(user, free)?;
        let key = match &kind {
            Kind::File(page) => Some(page.key()),
            Kind::Private { .. } => None,
        };
        let content = self.contents.add(Place::Frame(frame), kind, user);
        // From here on other mappings of this page of the file find its frame.
        if let Some(key) = key {
            self.cache.insert(key, content);
        }
        Ok(self.settle_new(frame, user, content))
    }

    /// Gives an untouched page a content that other pages have.
    ///
    /// # Contract
    /// - Before: the page is in a region and has no content. `content` has at least one user.
    /// - After: the page is one of its users. If the content is in a frame, the page's entry points to
    ///   it. A store to a private content faults from now on, whichever user makes it.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub(crate) fn share(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
        // lab 7.2: give one more page a content
        // A page in swap, or without any right, gets no entry now and needs no page table.
        let is_in_frame = self.contents.get(content).frame().is_some();
        if is_in_frame && self.rights(user, content).is_some() {
            self.check_table(user)?;
        }
        self.contents.add_user(content, user);
        self.name_content(user, content);
        let users = self.contents.get(content).users();
        // Only the second user finds a writable entry; later ones find a content that is protected.
        if users.len() == 2 && self.is_private(content) {
            self.write_protect(users[0]);
        }
        self.map_checked(user, content);
        Ok(())
        // lab end
    }

    /// Brings the content of a page back from its slot, for all its users.
    ///
    /// # Contract
    /// - Before: the content of the asker's page is in a slot.
    /// - After: the content is in the frame of the token, a private one that only swap can keep;
    ///   its slot has a copy of it or is free, as `slot_after` says. All its users count it as
    ///   resident. The asker's entry points to the frame, and with [`Sharers::Mapped`] so does that
    ///   of each other user for whom there is a page table. On an error the content is in its slot,
    ///   no entry names it, and the frame is free.
    ///
    /// # Errors
    /// [`SwapInError`]; the content is still in its slot.
    ///
    /// # Panics
    /// If the page's content is not in a slot.
    pub(crate) fn swap_in(
        &mut self,
        free: FreeFrame,
        asker: User,
        sharers: Sharers,
        slot_after: SlotAfter,
    ) -> Result<Loaded, SwapInError> {
        let content = self.touched_content(asker);
        let Place::Slot(slot) = self.contents.get(content).place else {
            panic!("{asker:?} is not in swap");
        };
        // lab 4.6: bring a content back from its slot
        // Page table, then device: the slot is given up only when both have succeeded.
        let frame = self.checked_for(asker, free).map_err(SwapInError::Tables)?;
        if let Err(error) = self.swap.read(slot, &self.memory, frame) {
            self.frames.give_back(frame);
            return Err(SwapInError::Device(slot, error));
        }
        match slot_after {
            SlotAfter::HasCopy => self.swap.keep_copy(slot),
            SlotAfter::Free => self.swap.release(slot),
        }
        let back = self.contents.get_mut(content);
        back.place = Place::Frame(frame);
        // It differs from zeros, whatever its D bits say: dropping it would lose what it holds.
        back.kind = Kind::Private { pristine: false };
        self.settle(frame, content);
        // The asker first: the others' entries may use up the frame for its page table.
        self.map_checked(asker, content);
        for index in 0..self.contents.walk(content).len() {
            let user = self.contents.get(content).users()[index];
            self.spaces.get_mut(user.space).resident += 1;
            if user != asker && sharers == Sharers::Mapped {
                self.map_if_possible(user, content);
            }
        }
        Ok(Loaded {
            content,
            frame,
            from: Some(slot),
        })
        // lab end
    }

    /// Breaks copy-on-write sharing: gives a page the copy of its content that is in the token's
    /// frame. The page's pins move with it. If the page was the last user of the old content, a
    /// dirty page of a file, that is freed as in [`Residency::release`].
    ///
    /// # Contract
    /// - Before: the page's content is in a frame, whose bytes are in the token's frame too.
    /// - After: the page has a private content of its own in the token's frame, with an entry that may
    ///   store if the region allows it. The pins that its address space keeps on the page are on the
    ///   new frame. Other users have what they had.
    ///
    /// # Errors
    /// [`OutOfTables`].
    ///
    /// # Panics
    /// If the page's content is in no frame.
    pub(crate) fn unshare(
        &mut self,
        free: FreeFrame,
        user: User,
    ) -> Result<(Released, Loaded), OutOfTables> {
        // lab 8.3: let one page leave a shared content
        let from = self.frame_of(user).expect("in a frame");
        let copy = self.checked_for(user, free)?;
        let pins = self.spaces.get(user.space).pins(user.page);
        // Off before `release`, which must not free a frame with pins; on again once the page is in
        // its new frame. The space's list stays: it names the page, not the frame.
        self.frames.info_mut(from).pins -= pins;
        let released = self.release(user);
        let own = Kind::Private { pristine: false };
        let content = self.contents.add(Place::Frame(copy), own, user);
        let loaded = self.settle_new(copy, user, content);
        self.frames.info_mut(copy).pins += pins;
        Ok((released, loaded))
        // lab end
    }

    /// Returns whether a page can have its content without a copy: it is the only user of a page of
    /// a file that is clean.
    ///
    /// # Contract
    /// - Before: the page has a content.
    /// - After: nothing has changed.
    pub(crate) fn is_claimable(&self, user: User) -> bool {
        let content = self.contents.get(self.touched_content(user));
        content.users().len() == 1 && content.frame().is_some_and(|frame| !self.dirty(frame))
    }

    /// Removes a page of a file from the page cache and makes it its only user's private page,
    /// which may be stored to. Returns the key that it had in the cache.
    ///
    /// # Contract
    /// - Before: [`Residency::is_claimable`], and the region is private.
    /// - After: the content is private, in the frame that it was in, not pristine; the page cache does
    ///   not know it; the entry may store if the region allows it.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub(crate) fn claim(&mut self, user: User) -> Result<Option<FileKey>, OutOfTables> {
        self.check_table(user)?;
        let content = self.touched_content(user);
        let private = Kind::Private { pristine: false };
        let was = std::mem::replace(&mut self.contents.get_mut(content).kind, private);
        let key = match was {
            Kind::File(page) => Some(page.key()),
            Kind::Private { .. } => None,
        };
        if let Some(key) = &key {
            self.cache.remove(key);
        }
        // After the change of kind, on which the rights depend.
        self.map_checked(user, content);
        Ok(key)
    }

    /// Ends a token after making sure that there is a page table for the page. Returns the frame.
    fn checked_for(&mut self, user: User, free: FreeFrame) -> Result<Frame, OutOfTables> {
        if let Err(error) = self.check_table(user) {
            self.give_back(free);
            return Err(error);
        }
        Ok(free.end())
    }

    /// Puts a new content into a frame and maps it for its only user.
    fn settle_new(&mut self, frame: Frame, user: User, content: ContentId) -> Loaded {
        self.settle(frame, content);
        self.name_content(user, content);
        self.map_checked(user, content);
        Loaded {
            content,
            frame,
            from: None,
        }
    }

    /// Records a content in the frame table.
    fn settle(&mut self, frame: Frame, content: ContentId) {
        let info = self.frames.info_mut(frame);
        debug_assert!(info.content.is_none(), "frame {frame} holds two contents");
        info.content = Some(content);
        // The access that brings a page in is its first use, as on hardware, where the restarted
        // instruction sets A.
        (info.accessed, info.dirty) = (true, false);
        // What the alias has kept from the frame's last content must not count for this one.
        self.clear_in_alias(frame, PteFlags::ACCESSED.union(PteFlags::DIRTY));
    }

    /// Makes a page's supplemental page table entry name a content.
    fn name_content(&mut self, user: User, content: ContentId) {
        // A page that is inherited in swap does not count as resident.
        let in_frame = self.contents.get(content).frame().is_some();
        let space = self.spaces.get_mut(user.space);
        let old = space.spt.set_content(user.page, content);
        debug_assert!(old.is_none(), "{user:?} had a content already");
        space.resident += u32::from(in_frame);
    }
}
