//! How a page comes into a frame.
//!
//! # Invariants
//!
//! On an error nothing has changed but what was evicted for it. In particular, the frame that was
//! taken is free again, and a content that was in a swap slot is still there.

use machine::addr::{Frame, PAGE_SIZE};
use machine::memory::FrameBytes;
use machine::mmu::Access;

use crate::ids::User;
use crate::kill::Kill;
use crate::observe::event::Outcome;
use crate::pager::denied::Denied;
use crate::pager::disk_time::Disk;
use crate::pager::{LOG_TARGET, Pager};
use crate::residency::content::{FilePage, Kind, Part};
use crate::residency::enter::{Sharers, SlotAfter, SwapInError};
use crate::residency::swap::SlotUse;
use crate::residency::token::FreeFrame;

/// Filling frames.
impl Pager {
    /// Gives an untouched page a frame of zeros. A page that is filled for a load is *pristine*:
    /// until it is stored to, eviction may drop it.
    pub(super) fn zero_fill(&mut self, user: User, for_store: bool) -> Result<Frame, Denied> {
        // Before a frame is taken: this may fail, and may free the very frame that is taken next.
        self.make_room_for_private(user.space)?;
        let free = self.take_frame(user, SlotUse::Eviction)?;
        // Always: what the frame held before may be another process's.
        self.residency.zero(&free);
        let pristine = !for_store;
        // On an error `adopt` has freed the frame.
        let loaded = self
            .residency
            .adopt(free, user, Kind::Private { pristine })?;
        Ok(self.loaded(loaded))
    }

    /// Reads an untouched page from its file into the page cache.
    pub(super) fn read_to_cache(&mut self, user: User, page: FilePage) -> Result<Outcome, Denied> {
        let (file, offset) = (page.file.id(), page.part.offset());
        let free = self.take_frame(user, SlotUse::Eviction)?;
        let frame = self.read_file(user, free, &page, Kind::File(page.clone()))?;
        Ok(Outcome::FileRead(frame, file, offset))
    }

    /// Reads an untouched page from its file as a private page, because it is about to be stored
    /// to.
    pub(super) fn read_private(&mut self, user: User, page: FilePage) -> Result<Outcome, Denied> {
        self.make_room_for_private(user.space)?;
        let free = self.take_frame(user, SlotUse::Eviction)?;
        let place = self.place_of(user);
        // Before the read, which reports the page as loaded under the name that is set here.
        if let Some(recording) = &mut self.recording {
            recording.will_be_claimed(&page.key(), place);
        }
        let frame = self.read_file(user, free, &page, Kind::Private { pristine: false })?;
        Ok(Outcome::FileRead(frame, page.file.id(), page.part.offset()))
    }

    /// Brings a page's content back from its swap slot, for all its users.
    pub(super) fn swap_in(&mut self, user: User, access: Access) -> Result<Outcome, Denied> {
        // The last slot is kept for this: the victim needs one before ours is free.
        let free = self.take_frame(user, SlotUse::Exchange)?;
        // An entry would let another process read the frame while the disk is still filling it.
        let sharers = match self.disks.take_time() {
            true => Sharers::LeftOut,
            false => Sharers::Mapped,
        };
        // A store by one of several users goes to a copy: this content stays as the slot has it.
        let is_stored_to = access == Access::Write && self.residency.is_sole_user(user);
        let slot_after = match is_stored_to {
            true => SlotAfter::Free,
            false => SlotAfter::HasCopy,
        };
        let loaded = match self.residency.swap_in(free, user, sharers, slot_after) {
            Ok(loaded) => loaded,
            Err(SwapInError::Tables(error)) => return Err(error.into()),
            // The content is still in its slot: this process ends, its other users may try again.
            Err(SwapInError::Device(slot, error)) => {
                log::warn!(target: LOG_TARGET, "swap-in of slot {slot}: {error}");
                return Err(Kill::SwapRead(slot.number()).into());
            }
        };
        self.stats.swap_reads += 1;
        let slot = loaded.from.expect("it came from there");
        let frame = self.loaded(loaded);
        // After any write of the victim, which `evicted` has queued on the same disk.
        let ready = self.disks.transfer(Disk::Swap);
        // Until then the frame is no candidate, and others that fault on the page wait for it.
        self.residency.set_ready_at(frame, ready);
        Ok(Outcome::SwappedIn(frame, slot))
    }

    /// Resolves a store to a copy-on-write page: gives it a content of its own instead of the
    /// shared one it has in `frame`.
    pub(super) fn unshare(&mut self, user: User, frame: Frame) -> Result<Outcome, Denied> {
        if self.residency.is_claimable(user) {
            // Before room is made, which may evict: without a page table that would be in vain.
            self.residency.check_table(user)?;
            self.make_room_for_private(user.space)?;
            let key = self.residency.claim(user)?;
            if let (Some(key), Some(recording)) = (key, &mut self.recording) {
                recording.claimed(&key);
            }
            return Ok(Outcome::Claimed(frame));
        }
        let copy = self.copy_frame(user, frame)?;
        let (released, loaded) = self.residency.unshare(copy, user)?;
        // The store succeeds even if the old content is lost; the log reports that.
        drop(self.released(released));
        Ok(Outcome::Copied(self.loaded(loaded)))
    }

    /// Gives an untouched page a copy of a cached page, because it is about to be stored to.
    pub(super) fn copy_cached(&mut self, user: User, cached: Frame) -> Result<Outcome, Denied> {
        Ok(Outcome::Copied(self.adopt_copy(user, cached)?))
    }

    /// Gives an untouched page a copy of a frame's content.
    pub(crate) fn adopt_copy(&mut self, user: User, from: Frame) -> Result<Frame, Denied> {
        let copy = self.copy_frame(user, from)?;
        // Never pristine: its bytes come from another page, and no region produces them.
        let own = Kind::Private { pristine: false };
        let loaded = self.residency.adopt(copy, user, own)?;
        Ok(self.loaded(loaded))
    }

    fn copy_frame(&mut self, user: User, from: Frame) -> Result<FreeFrame, Denied> {
        // Both steps below may evict, and the page to be copied would be a candidate.
        let pin = self.residency.pin(from);
        let room = self.make_room_for_private(user.space);
        let taken = room.and_then(|()| self.take_frame(user, SlotUse::Eviction));
        // Before the error is returned: a pin that is not ended would last for ever.
        self.residency.unpin(pin);
        let copy = taken?;
        self.residency.copy(from, &copy);
        self.stats.copies += 1;
        Ok(copy)
    }

    /// Reads a page of a file into a frame, and gives it to an untouched page as a content of
    /// `kind`.
    ///
    /// # Contract
    /// - Before: the user's page is untouched.
    /// - After: it has a content of that kind in the token's frame, whose bytes are the file's,
    ///   zero where it has none; `loaded` was called; one more file read is counted; the transfer
    ///   is queued on the disk of the files, and the frame is ready when that is done. On an error
    ///   the page is untouched and the frame free.
    ///
    /// # Errors
    /// [`Denied`]: [`Kill::FileRead`], whose cause is in the kernel's log, or there is no page
    /// table.
    fn read_file(
        &mut self,
        user: User,
        free: FreeFrame,
        page: &FilePage,
        kind: Kind,
    ) -> Result<Frame, Denied> {
        // lab 2.3: read a page of a file into a frame
        // First the bytes, then the content: no page may name a frame that could not be filled.
        let read = self.residency.fill(&free, |bytes| read_part(page, bytes));
        if let Err(error) = read {
            log::warn!(target: LOG_TARGET, "reading {page:?}: {error}");
            self.residency.give_back(free);
            return Err(Kill::FileRead(page.part.first_page()).into());
        }
        let loaded = self.residency.adopt(free, user, kind)?;
        let frame = self.loaded(loaded);
        self.stats.file_reads += 1;
        let ready = self.disks.transfer(Disk::Files);
        self.residency.set_ready_at(frame, ready);
        Ok(frame)
        // lab end
    }
}

/// Reads the bytes of a page of a file; what the file does not have is zero.
pub(crate) fn read_part(page: &FilePage, to: &mut FrameBytes) -> std::io::Result<()> {
    match &page.part {
        Part::Whole(number) => {
            let offset = u64::from(*number) * u64::from(PAGE_SIZE);
            let read = page.file.read_at(offset, to)?;
            // Past the end of the file a mapping reads as zero, and the frame holds old bytes.
            to[read..].fill(0);
        }
        Part::Pieces(pieces) => {
            // Gaps between segments and .bss, and what the file does not have.
            to.fill(0);
            for piece in pieces.iter() {
                let range = usize::from(piece.at)..usize::from(piece.at) + usize::from(piece.bytes);
                page.file.read_at(piece.offset, &mut to[range])?;
            }
        }
    }
    Ok(())
}
