//! How a content gets into a frame, and how one more page gets a content.
//!
//! # Invariants
//!
//! On an error nothing has changed, but that the frame in the token is free again.

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

/// Why a content did not come back from its slot.
#[derive(Debug)]
pub enum SwapInError {
    /// There is no room for the page table that the asker's entry needs.
    Tables(OutOfTables),
    /// The device did not give it.
    Device(Slot, DiskError),
}

/// What happens to the other pages of a content that comes back for one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharers {
    /// They can be used at once. One for which there is no page table is left out: its process
    /// will fault and ask for itself.
    Mapped,
    /// A disk is still at work on the frame: they fault and wait for themselves.
    LeftOut,
}

/// What becomes of the slot of a content that comes back from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotAfter {
    /// It keeps a copy, for the case that the content is evicted before anybody stores to it.
    HasCopy,
    /// It is free: the content is about to be stored to, and a copy would be old at once.
    Free,
}

impl Residency {
    /// A free frame, if there is one. Its bytes are whatever they were.
    pub fn take_free(&mut self) -> Option<FreeFrame> {
        let frame = self.frames.take_free()?;
        self.memory.renew(frame);
        Some(FreeFrame::new(frame))
    }

    /// Gives back a frame that is not needed after all.
    pub fn give_back(&mut self, free: FreeFrame) {
        self.frames.give_back(free.end());
    }

    /// Makes all bytes of a frame zero.
    pub fn zero(&mut self, free: &FreeFrame) {
        self.memory.zero(free.frame());
    }

    /// Puts the bytes of one frame into another.
    pub fn copy(&mut self, from: Frame, to: &FreeFrame) {
        self.memory.copy(from, to.frame());
    }

    /// Has a frame's bytes filled in.
    pub fn fill<R>(&mut self, free: &FreeFrame, fill: impl FnOnce(&mut FrameBytes) -> R) -> R {
        self.memory.with_frame_mut(free.frame(), fill)
    }

    /// Gives an untouched page a content of its own: what the frame holds.
    ///
    /// # Contract
    /// - Before: the page is in a region and has no content; the frame's bytes are filled in. A page of
    ///   a file is not in the page cache.
    /// - After: the page has the content, and an entry that points to the frame if its region allows
    ///   any access. A page of a file is in the page cache.
    ///
    /// # Errors
    /// [`OutOfTables`]; the page is untouched and the frame free.
    pub fn adopt(
        &mut self,
        free: FreeFrame,
        user: User,
        kind: Kind,
    ) -> Result<Loaded, OutOfTables> {
        let frame = self.checked_for(user, free)?;
        let key = match &kind {
            Kind::File(page) => Some(page.key()),
            Kind::Private { .. } => None,
        };
        let content = self.contents.add(Place::Frame(frame), kind, user);
        if let Some(key) = key {
            self.cache.insert(key, content);
        }
        Ok(self.settle_new(frame, user, content))
    }

    /// Gives an untouched page a content that others have.
    ///
    /// # Contract
    /// - Before: the page is in a region and has no content. `content` has a user at least.
    /// - After: the page is one of its users. If the content is in a frame, the page's entry points to
    ///   it. Nobody can store to a private content any more without a fault.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub fn share(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
        // lab 7.2: give one more page a content
        let is_in_frame = self.contents.get(content).frame().is_some();
        if is_in_frame && self.rights(user, content).is_some() {
            self.check_table(user)?;
        }
        self.contents.add_user(content, user);
        self.name_content(user, content);
        let users = self.contents.get(content).users();
        if users.len() == 2 && self.is_private(content) {
            self.write_protect(users[0]);
        }
        self.map_checked(user, content);
        Ok(())
        // lab end
    }

    /// Brings the content of a page back from its slot, for all who have it.
    ///
    /// # Contract
    /// - Before: the content of the asker's page is in a slot.
    /// - After: the content is in the frame of the token, a private one that only swap can keep; its slot
    ///   has a copy of it or is free, as is wanted. All its users count it as resident. The asker's entry points to the frame, and
    ///   with [`Sharers::Mapped`] so does that of each other user for whom there is a page table.
    ///   On an error the content is in its slot, nobody has an entry for it, and the frame is free.
    ///
    /// # Errors
    /// [`SwapInError`]; the content is still in its slot.
    ///
    /// # Panics
    /// If the page's content is not in a slot.
    pub fn swap_in(
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
        back.kind = Kind::Private { pristine: false };
        self.settle(frame, content);
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

    /// Gives a page a content of its own instead of the one it has: the copy of it that is in the
    /// token's frame. The page's pins move with it. If nobody else has the old content, which then is
    /// a page of a file that was stored to, that goes as in [`Residency::release`].
    ///
    /// # Contract
    /// - Before: the page's content is in a frame, whose bytes are in the token's frame too.
    /// - After: the page has a private content of its own in the token's frame, with an entry that may
    ///   store if the region allows it. The pins that its address space keeps on the page are on the
    ///   new frame. Others have what they had.
    ///
    /// # Errors
    /// [`OutOfTables`].
    ///
    /// # Panics
    /// If the page's content is in no frame.
    pub fn unshare(
        &mut self,
        free: FreeFrame,
        user: User,
    ) -> Result<(Released, Loaded), OutOfTables> {
        // lab 8.3: let one page leave a shared content
        let from = self.frame_of(user).expect("in a frame");
        let copy = self.checked_for(user, free)?;
        let pins = self.spaces.get(user.space).pins(user.page);
        self.frames.info_mut(from).pins -= pins;
        let released = self.release(user);
        let own = Kind::Private { pristine: false };
        let content = self.contents.add(Place::Frame(copy), own, user);
        let loaded = self.settle_new(copy, user, content);
        self.frames.info_mut(copy).pins += pins;
        Ok((released, loaded))
        // lab end
    }

    /// Whether a page can have its content without a copy: a page of a file that nobody else uses
    /// and that is as the file has it.
    ///
    /// # Contract
    /// - Before: the page has a content.
    /// - After: nothing has changed.
    pub fn is_claimable(&self, user: User) -> bool {
        let content = self.contents.get(self.touched_content(user));
        content.users().len() == 1 && content.frame().is_some_and(|frame| !self.dirty(frame))
    }

    /// Takes a page of a file out of the page cache: it is its only user's own from now on, and that
    /// may store to it. Gives the key under which the cache found it.
    ///
    /// # Contract
    /// - Before: [`Residency::is_claimable`], and the region is private.
    /// - After: the content is private, in the frame that it was in, not pristine; the page cache does
    ///   not know it; the entry may store if the region allows it.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub fn claim(&mut self, user: User) -> Result<Option<FileKey>, OutOfTables> {
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
        self.map_checked(user, content);
        Ok(key)
    }

    /// The frame in a token, once it is sure that there is a page table for the page it is for.
    fn checked_for(&mut self, user: User, free: FreeFrame) -> Result<Frame, OutOfTables> {
        if let Err(error) = self.check_table(user) {
            self.give_back(free);
            return Err(error);
        }
        Ok(free.end())
    }

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

    /// Puts a content into a frame: the frame table's side of it.
    fn settle(&mut self, frame: Frame, content: ContentId) {
        let info = self.frames.info_mut(frame);
        debug_assert!(info.content.is_none(), "frame {frame} holds two contents");
        info.content = Some(content);
        // The access that brings a page in counts as its first use.
        (info.accessed, info.dirty) = (true, false);
        self.clear_in_alias(frame, PteFlags::ACCESSED.union(PteFlags::DIRTY));
    }

    fn name_content(&mut self, user: User, content: ContentId) {
        let in_frame = self.contents.get(content).frame().is_some();
        let space = self.spaces.get_mut(user.space);
        let old = space.spt.set_content(user.page, content);
        debug_assert!(old.is_none(), "{user:?} had a content already");
        space.resident += u32::from(in_frame);
    }
}
