//! How a page leaves its frame.
//!
//! # Invariants
//!
//! A frame that is evicted has no pin and no entry that points to it. Its content is in a swap slot
//! or in its file, or can be produced again by its region. A page that cannot be written out stays
//! where it was, with all its entries. If no frame can be freed, the process that asked for one
//! gets the reason as an error; the machine goes on.

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

/// The number of victims tried on a failing disk before the process that asked for a frame gets an
/// error.
const TRIES: usize = 8;
/// The minimum resident set: the number of pages that a scheduled process keeps in frames whatever
/// others need. It is the most that one instruction can need.
pub const MINIMUM_RESIDENT: u32 = PAGES_AN_INSTRUCTION;

/// A page could not be written out.
pub(crate) struct PageOutFailed;

/// Finding a frame, and emptying one.
impl Pager {
    /// Takes a frame for a page of a process: a free one, or a victim's. It makes sure that the
    /// page's entry has a page table, so that no disk is read in vain.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: the token's frame holds nothing, and an entry for the page can be made. If a page
    ///   had to leave, it is one that was evictable, and what it held can be brought back. No page
    ///   leaves while a frame is free. A page that its device did not take is where it was, and up
    ///   to [`TRIES`] others are tried.
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
        // Not before the eviction: it may have freed a page table, even the one for this page.
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
            // A pin for the duration of this search keeps the policy from choosing it again.
            failed.push(self.residency.pin(victim));
            // Each try costs a write that may take long; a broken device would be tried forever.
            if failed.len() == TRIES {
                break Err(Kill::PageOut.into());
            }
        };
        // The disk may recover, so these pages are candidates for the next search.
        for pin in failed {
            self.residency.unpin(pin);
        }
        result
    }
    // lab end

    fn choose_victim(&mut self, asker: SpaceId, slots: SlotUse) -> Option<Frame> {
        // If every process is at its minimum, breaking one is better than killing this process.
        self.victim_beyond(MINIMUM_RESIDENT, asker, slots)
            .or_else(|| self.victim_beyond(0, asker, slots))
    }

    fn victim_beyond(&mut self, guaranteed: u32, asker: SpaceId, slots: SlotUse) -> Option<Frame> {
        // With swap full, a page of a file or a pristine page can still go.
        let search = match self.swap().has_room(slots) {
            true => Search::Any,
            false => Search::WithoutSlot,
        };
        self.find_victim(asker, search, guaranteed)
    }

    /// Asks the policy for a victim among the frames that the search allows.
    pub(super) fn find_victim(
        &mut self,
        asker: SpaceId,
        search: Search,
        guaranteed: u32,
    ) -> Option<Frame> {
        let frames = self.frames().count();
        // All that the policy may know of the machine; it is built anew for each search, with fuel
        // of its own.
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
        // Waiting comes first: a frame that a disk is filling can be a victim once it is ready.
        match (filling.min(), none_failed, self.swap().has_room(slots)) {
            (Some(first), ..) => Denied::Busy(first),
            // There were victims, and their device took none of them.
            (None, false, _) => Kill::PageOut.into(),
            // Not the frames are short, but the places for what is in them.
            (None, true, false) => Kill::OutOfSwap.into(),
            (None, true, true) => Kill::OutOfFrames.into(),
        }
    }

    /// Evicts the content of a frame to a place from which it can be brought back.
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
        // Each transition saves before it empties entries, so an error here leaves the page mapped.
        let left = match self.residency.way_out(frame) {
            WayOut::Nowhere => self.residency.drop_clean(frame),
            WayOut::File => self
                .residency
                .evict_to_file(frame)
                .map_err(|_| PageOutFailed)?,
            WayOut::Slot => match self.residency.swap_out(frame, slots) {
                Ok(left) => left,
                Err(SwapOutError::Full) => return Err(PageOutFailed),
                // A file's error reaches its owner on unmap; a swap error is seen here or nowhere.
                Err(SwapOutError::Device(error)) => {
                    log::warn!(target: LOG_TARGET, "swap-out: {error}");
                    return Err(PageOutFailed);
                }
            },
        };
        Ok(self.evicted(left))
        // lab end
    }

    /// Evicts the content of a frame and frees the frame.
    pub(crate) fn evict_and_free(&mut self, frame: Frame) -> Result<(), PageOutFailed> {
        let free = self.evict(frame, SlotUse::Eviction)?;
        self.residency.give_back(free);
        Ok(())
    }
}
