//! The place of one page of one process, according to the events.

use std::collections::BTreeSet;

use machine::addr::{Frame, Page};
use vm::Owner;
use vm::Slot;

/// Where a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whereabouts {
    /// In no frame and no slot.
    Nowhere,
    /// In a frame.
    Frame(Frame),
    /// In a slot.
    Slot(Slot),
}

/// A page that is followed.
#[derive(Clone, Debug)]
pub(super) struct Track {
    /// The page.
    pub page: Page,
    /// Where it is.
    pub place: Whereabouts,
    /// Whether the frame's content is still this page's, even while its entry is not present.
    pub holds: bool,
    /// Whether no access is allowed: then it has no entry, but keeps its content.
    pub forbidden: bool,
    /// The slot it was in before an entry showed it in a frame, until an event gives the reason.
    pub came_from: Option<Slot>,
    /// Whether it lost its frame since the last fault: a fault that swaps in frees a slot, and this
    /// page may be written into it before the fault itself is reported.
    pub just_evicted: bool,
    /// Other pages that are known to have the same content.
    pub sharers: BTreeSet<(Owner, Page)>,
}

impl Track {
    /// Returns a page that was never touched.
    pub(super) fn untouched(page: Page) -> Track {
        Track {
            page,
            place: Whereabouts::Nowhere,
            holds: false,
            forbidden: false,
            came_from: None,
            just_evicted: false,
            sharers: BTreeSet::new(),
        }
    }

    /// Notes that the page is in a frame.
    pub(super) fn is_in(&mut self, frame: Frame) {
        if let Whereabouts::Slot(slot) = self.place {
            self.came_from = Some(slot);
        }
        self.place = Whereabouts::Frame(frame);
        self.holds = true;
    }

    /// Notes that the page has no content any more, or one that its source can provide again.
    pub(super) fn is_nowhere(&mut self) {
        *self = Track {
            forbidden: self.forbidden,
            ..Track::untouched(self.page)
        };
    }

    /// Returns whether the page came from this slot into this frame, or is about to appear there.
    pub(super) fn came(&self, slot: Slot, frame: Frame) -> bool {
        self.place == Whereabouts::Slot(slot) && !self.just_evicted
            || self.place == Whereabouts::Frame(frame) && self.came_from == Some(slot)
    }
}
