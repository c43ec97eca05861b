//! How a page gets out of its frame.
//!
//! # Invariants
//!
//! A frame that is evicted has no pin and no entry that points to it; its content is in a swap
//! slot, in its file, or such that its source gives it again. If it cannot be written out it stays
//! where it was, with every entry it had. The machine never gives up: who asked for the frame is
//! told why there is none.

use machine::addr::Frame;
use smallvec::SmallVec;

use crate::ids::{SpaceId, User};
use crate::kill::Kill;
use crate::observe::event::Event;
use crate::pager::candidates::{Candidates, Search};
use crate::pager::denied::Denied;
use crate::pager::in_hand::PAGES_AN_INSTRUCTION;
use crate::pager::{LOG_TARGET, Pager};
use crate::replacement::fuel::Fuel;
use crate::residency::leave::WayOut;
use crate::residency::swap::{SlotUse, SwapOutError};
use crate::residency::token::{FreeFrame, Pin};

/// How many pages are tried before a failing disk is somebody's problem.
const TRIES: usize = 8;
/// The pages that a resident process keeps in their frames whatever others need: as many as one
/// instruction may.
pub const MINIMUM_RESIDENT: u32 = PAGES_AN_INSTRUCTION;

/// A page could not be written out.
pub(crate) struct PageOutFailed;

impl Pager {
    /// A frame for a page of a process: a free one, or another page's; and there is a page table for
    /// the page's entry, so that no disk is asked in vain.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: the token's frame is nobody's, and an entry for the page can be made. If a page had to
    ///   leave, it is one that was evictable, and what it held can be had again. No page leaves while a
    ///   frame is free. A page that its device did not take is where it was, and up to [`TRIES`] others
    ///   are tried.
    ///
    /// # Errors
    /// [`Denied`]: no frame can be freed now (`why_no_victim` says why), or there is no page table.
    pub(super) fn take_frame(&mut self, user: User, slots: SlotUse) -> Result<FreeFrame, Denied> {
        let free: FreeFrame = {
            // lab 4.1: find a frame for a page
            match self.residency.take_free() {
                Some(free) => free,
                None => self.evict_one(user.space, slots)?,
            }
            // lab given
            // | // Until 4.1: when no frame is free, memory is full.
            // | self.residency.take_free().ok_or(Kill::OutOfFrames)?
            // lab end
        };
        // Eviction may have freed a page table, this page's own among them, so now is the time.
        if let Err(error) = self.residency.check_table(user) {
            self.residency.give_back(free);
            return Err(error.into());
        }
        Ok(free)
    }

    // lab 4 only
    fn evict_one(&mut self, asker: SpaceId, slots: SlotUse) -> Result<FreeFrame, Denied> {
        let mut failed: SmallVec<[Pin; TRIES]> = SmallVec::new();
        let result = loop {
            let Some(victim) = self.choose_victim(asker, slots) else {
                break Err(self.why_no_victim(slots, failed.is_empty()));
            };
            if let Ok(free) = self.evict(victim, slots) {
                break Ok(free);
            }
            self.emit(Event::PageOutFailed { frame: victim });
            // Pinned for the time of this search, so that the policy finds another.
            failed.push(self.residency.pin(victim));
            if failed.len() == TRIES {
                break Err(Kill::PageOut.into());
            }
        };
        for pin in failed {
            self.residency.unpin(pin);
        }
        result
    }
    // lab end

    fn choose_victim(&mut self, asker: SpaceId, slots: SlotUse) -> Option<Frame> {
        // Rather than end the asker, take a frame from those who have few.
        self.victim_beyond(MINIMUM_RESIDENT, asker, slots)
            .or_else(|| self.victim_beyond(0, asker, slots))
    }

    fn victim_beyond(&mut self, guaranteed: u32, asker: SpaceId, slots: SlotUse) -> Option<Frame> {
        let search = match self.swap().has_room(slots) {
            true => Search::Any,
            false => Search::WithoutSlot,
        };
        self.find_victim(asker, search, guaranteed)
    }

    /// The frame that the policy gives up, if any is as wanted.
    pub(super) fn find_victim(
        &mut self,
        asker: SpaceId,
        search: Search,
        guaranteed: u32,
    ) -> Option<Frame> {
        let frames = self.frames().count();
        self.policy.victim(&mut Candidates {
            asker,
            search,
            now: self.disks.now(),
            guaranteed,
            in_hand: &self.in_hand,
            residency: &mut self.residency,
            fuel: Fuel::for_search(self.policy_name, frames),
        })
    }

    fn why_no_victim(&self, slots: SlotUse, none_failed: bool) -> Denied {
        let now = self.disks.now();
        let frames = self.frames().iter();
        let filling = frames
            .map(|(_, info)| info.ready_at())
            .filter(|at| *at > now);
        match (filling.min(), none_failed, self.swap().has_room(slots)) {
            (Some(first), ..) => Denied::Busy(first),
            (None, false, _) => Kill::PageOut.into(),
            (None, true, false) => Kill::OutOfSwap.into(),
            (None, true, true) => Kill::OutOfFrames.into(),
        }
    }

    /// Takes the content out of a frame, to wherever it can be had from again.
    ///
    /// # Contract
    /// - Before: the frame holds a content and has no pin.
    /// - After: what [`Residency::way_out`](crate::residency::Residency::way_out) asked for has been
    ///   done, `evicted` was told, and the frame is the caller's. If a device failed, or there is no
    ///   slot, the content is where it was, with every entry; a failure of the swap device is in the log
    ///   of the kernel.
    pub(crate) fn evict(
        &mut self,
        frame: Frame,
        slots: SlotUse,
    ) -> Result<FreeFrame, PageOutFailed> {
        // lab 4.2: take a content out of its frame
        let left = match self.residency.way_out(frame) {
            WayOut::Nowhere => self.residency.drop_clean(frame),
            WayOut::File => self
                .residency
                .evict_to_file(frame)
                .map_err(|_| PageOutFailed)?,
            WayOut::Slot => match self.residency.swap_out(frame, slots) {
                Ok(left) => left,
                Err(SwapOutError::Full) => return Err(PageOutFailed),
                Err(SwapOutError::Device(error)) => {
                    log::warn!(target: LOG_TARGET, "swap-out: {error}");
                    return Err(PageOutFailed);
                }
            },
        };
        Ok(self.evicted(left))
        // lab end
    }

    /// Takes the content out of a frame, which is free then.
    pub(crate) fn evict_and_free(&mut self, frame: Frame) -> Result<(), PageOutFailed> {
        let free = self.evict(frame, SlotUse::Eviction)?;
        self.residency.give_back(free);
        Ok(())
    }
}
