//! How a page gets into a frame.
//!
//! What always holds: on an error nothing has changed; in particular the frame that was taken is
//! given back and a content that was in a swap slot is still there.

use emu::addr::{Frame, PAGE_SIZE};
use emu::memory::FrameBytes;
use emu::paging::OutOfTables;

use crate::ids::{ContentId, Slot, User};
use crate::kill::{Denied, Kill};
use crate::observe::event::Outcome;
use crate::pager::Vm;
use crate::pager::disk_time::Disk;
use crate::residency::content::{FilePage, Kind, Part, Place};
use crate::residency::swap::SlotUse;
use crate::study::touches::place_of;

impl Vm {
    /// Gives an untouched page a frame of zeros. A page that is filled for a load is *pristine*:
    /// until it is stored to it need not be kept.
    pub(crate) fn zero_fill(&mut self, user: User, for_store: bool) -> Result<Frame, Denied> {
        self.make_room_for_private(user.space)?;
        let frame = self.take_frame(user, SlotUse::Eviction)?;
        self.memory.zero(frame);
        self.attach_new(
            user,
            frame,
            Kind::Private {
                pristine: !for_store,
            },
        );
        Ok(frame)
    }

    /// Reads an untouched page from its file, into the page cache.
    pub(crate) fn read_to_cache(&mut self, user: User, page: FilePage) -> Result<Outcome, Denied> {
        let (file, offset) = (page.file.id(), page.part.offset());
        let frame = self.take_frame(user, SlotUse::Eviction)?;
        self.fill_from_file(&page, frame)?;
        self.attach_new(user, frame, Kind::File(page));
        Ok(Outcome::FileRead(frame, file, offset))
    }

    /// Reads an untouched page from its file for its user alone, which is about to store to it.
    pub(crate) fn read_private(&mut self, user: User, page: FilePage) -> Result<Outcome, Denied> {
        self.make_room_for_private(user.space)?;
        let frame = self.take_frame(user, SlotUse::Eviction)?;
        self.fill_from_file(&page, frame)?;
        if let Some(recording) = &mut self.recording {
            recording.will_be_claimed(&page.key(), place_of(&self.spaces, user));
        }
        self.attach_new(user, frame, Kind::Private { pristine: false });
        Ok(Outcome::FileRead(frame, page.file.id(), page.part.offset()))
    }

    /// Brings a content back from its swap slot, for all its users.
    pub(crate) fn swap_in(
        &mut self,
        user: User,
        content: ContentId,
        slot: Slot,
    ) -> Result<Outcome, Denied> {
        // The last slot is kept for this: the page on its way out needs one before ours is free.
        let frame = self.take_frame(user, SlotUse::Exchange)?;
        if let Err(error) = self.swap.read(slot, &self.memory, frame) {
            log::warn!(target: crate::pager::LOG_TARGET, "swap-in of slot {slot}: {error}");
            self.frames.give_back(frame);
            return Err(Kill::SwapRead(slot.number()).into());
        }
        self.swap.release(slot);
        self.stats.swap_reads += 1;
        let back = self.contents.get_mut(content);
        back.place = Place::Frame(frame);
        back.kind = Kind::Private { pristine: false };
        self.settle(frame, content);
        self.frames.info_mut(frame).ready_at = self.disks.transfer(Disk::Swap);
        self.map_users(user, content);
        Ok(Outcome::SwappedIn(frame, slot))
    }

    /// Gives a page that is about to be stored to a content of its own, instead of the shared one
    /// it has in `frame`.
    pub(crate) fn unshare(
        &mut self,
        user: User,
        content: ContentId,
        frame: Frame,
    ) -> Result<Outcome, Denied> {
        if self.is_claimable(content, frame) {
            self.check_table(user)?;
            self.make_room_for_private(user.space)?;
            self.claim(content);
            self.map_checked(user, content);
            return Ok(Outcome::Claimed(frame));
        }
        let copy = self.copy_frame(user, frame)?;
        let pins = self.move_pins_out(user, frame);
        self.detach(user.space, user.page)
            .expect("a content with other users is not written back");
        self.attach_new(user, copy, Kind::Private { pristine: false });
        self.frames.info_mut(copy).pins += pins;
        Ok(Outcome::Copied(copy))
    }

    /// Gives an untouched page that is about to be stored to a copy of a page in the cache.
    pub(crate) fn copy_cached(&mut self, user: User, cached: Frame) -> Result<Outcome, Denied> {
        let copy = self.copy_frame(user, cached)?;
        self.attach_new(user, copy, Kind::Private { pristine: false });
        Ok(Outcome::Copied(copy))
    }

    /// A page of a file that nobody else uses and that is as the file has it needs no copy.
    fn is_claimable(&self, content: ContentId, frame: Frame) -> bool {
        self.contents.get(content).users().len() == 1 && !self.is_dirty(frame)
    }

    /// Takes a page of a file out of the page cache: it is its only user's from now on.
    fn claim(&mut self, content: ContentId) {
        let private = Kind::Private { pristine: false };
        let was = std::mem::replace(&mut self.contents.get_mut(content).kind, private);
        if let Kind::File(page) = was {
            self.cache.remove(&page.key());
            if let Some(recording) = &mut self.recording {
                recording.claimed(&page.key());
            }
        }
    }

    pub(crate) fn copy_frame(&mut self, user: User, from: Frame) -> Result<Frame, Denied> {
        self.frames.info_mut(from).pins += 1;
        let room = self.make_room_for_private(user.space);
        let taken = room.and_then(|()| self.take_frame(user, SlotUse::Eviction));
        self.frames.info_mut(from).pins -= 1;
        let copy = taken?;
        self.memory.copy(from, copy);
        self.stats.copies += 1;
        Ok(copy)
    }

    fn fill_from_file(&mut self, page: &FilePage, frame: Frame) -> Result<(), Denied> {
        let read = self
            .memory
            .with_frame_mut(frame, |bytes| read_part(page, bytes));
        if let Err(error) = read {
            log::warn!(target: crate::pager::LOG_TARGET, "reading {page:?}: {error}");
            self.frames.give_back(frame);
            return Err(Kill::FileRead(page.part.first_page()).into());
        }
        self.stats.file_reads += 1;
        self.frames.info_mut(frame).ready_at = self.disks.transfer(Disk::Files);
        Ok(())
    }
}

/// Reads what a page of a file holds; what the file does not give is zero.
pub(crate) fn read_part(page: &FilePage, to: &mut FrameBytes) -> std::io::Result<()> {
    match &page.part {
        Part::Whole(number) => {
            let offset = u64::from(*number) * u64::from(PAGE_SIZE);
            let read = page.file.read_at(offset, to)?;
            to[read..].fill(0);
        }
        Part::Pieces(pieces) => {
            to.fill(0);
            for piece in pieces.iter() {
                let range = usize::from(piece.at)..usize::from(piece.at) + usize::from(piece.bytes);
                page.file.read_at(piece.offset, &mut to[range])?;
            }
        }
    }
    Ok(())
}

impl From<OutOfTables> for Kill {
    fn from(_: OutOfTables) -> Kill {
        Kill::OutOfTables
    }
}
