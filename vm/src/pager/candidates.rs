//! A replacement policy's view of the frames.
//!
//! # Invariants
//!
//! A policy can read A and D bits and clear A, and nothing else. A search that never ends is
//! stopped by a panic that says so.

use machine::addr::Frame;

use crate::ids::SpaceId;
use crate::pager::in_hand::InHand;
use crate::replacement::Frames;
use crate::replacement::fuel::Fuel;
use crate::residency::Residency;
use crate::residency::content::Kind;
use crate::space::spt::ContentId;

/// Which pages are candidates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Search {
    /// All.
    Any,
    /// Those that need no swap slot, because swap is full.
    WithoutSlot,
    /// Anonymous pages that still hold the zeros they began with.
    Pristine,
}

/// The view of the frames while a victim is wanted.
pub(super) struct Candidates<'a> {
    pub asker: SpaceId,
    pub search: Search,
    /// Guest work so far.
    pub now: u64,
    /// The number of frames that a process keeps whatever others need.
    pub guaranteed: u32,
    pub in_hand: &'a InHand,
    pub residency: &'a mut Residency,
    /// The number of looks that the policy has left.
    pub fuel: Fuel,
}

impl Candidates<'_> {
    /// Returns whether a content belongs to another process that has no frame to spare.
    ///
    /// # Contract
    /// - After: nothing has changed. Only processes that are being scheduled keep anything, and the
    ///   asker's own pages are never kept from it. Of a content with several users one such process
    ///   is enough.
    fn is_guaranteed(&self, content: ContentId) -> bool {
        // lab 10.2: leave everyone what an instruction needs
        self.guaranteed > 0
            && self.residency.walk(content).iter().any(|user| {
                let space = self.residency.space(user.space);
                user.space != self.asker && space.has_turns() && space.resident() <= self.guaranteed
            })
        // lab given
        // | // Until 10.2: nobody keeps anything.
        // | false
        // lab end
    }

    fn is_wanted(&self, frame: Frame, content: ContentId) -> bool {
        match (self.search, &self.residency.content(content).kind) {
            (Search::Any, _) | (Search::WithoutSlot, Kind::File(_)) => true,
            (Search::Pristine, Kind::File(_)) => false,
            // The entry of a pristine page may be writable: a store sets D without a fault.
            (_, Kind::Private { pristine }) => *pristine && !self.residency.dirty(frame),
        }
    }
}

impl Frames for Candidates<'_> {
    fn first(&self) -> Frame {
        self.residency.frames().first()
    }

    fn count(&self) -> u32 {
        self.residency.frames().count()
    }

    /// Returns whether the page in a frame may be evicted now.
    ///
    /// # Contract
    /// - After: nothing has changed. No, if the frame holds nothing, is pinned, in hand or being filled
    ///   by a disk, if the search is not for such a page, or if a process is left with too few frames.
    fn is_evictable(&self, frame: Frame) -> bool {
        self.fuel.look();
        let info = self.residency.frames().info(frame);
        let Some(content) = info.content() else {
            return false;
        };
        // lab 6.3: spare the pages that have to stay
        // The cheap questions first: the last one visits every user of the content.
        info.pins() == 0
            && !self.in_hand.holds(frame)
            && info.ready_at() <= self.now
            && self.is_wanted(frame, content)
            && !self.is_guaranteed(content)
        // lab given
        // | // Until 6.3: nobody asks whether a page has to stay.
        // | self.is_wanted(frame, content)
        // lab end
    }

    fn accessed(&self, frame: Frame) -> bool {
        self.fuel.look();
        self.residency.accessed(frame)
    }

    fn dirty(&self, frame: Frame) -> bool {
        self.fuel.look();
        self.residency.dirty(frame)
    }

    fn clear_accessed(&mut self, frame: Frame) {
        self.fuel.look();
        self.residency.clear_accessed(frame);
    }
}

/// The view of the frames while no victim is wanted.
impl Frames for Residency {
    fn first(&self) -> Frame {
        self.frames().first()
    }

    fn count(&self) -> u32 {
        self.frames().count()
    }

    fn is_evictable(&self, _: Frame) -> bool {
        false
    }

    fn accessed(&self, frame: Frame) -> bool {
        Residency::accessed(self, frame)
    }

    fn dirty(&self, frame: Frame) -> bool {
        Residency::dirty(self, frame)
    }

    fn clear_accessed(&mut self, frame: Frame) {
        Residency::clear_accessed(self, frame);
    }
}
