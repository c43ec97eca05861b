//! Where one page of one process is, as far as the events told.

use std::collections::BTreeSet;

use machine::addr::{Frame, Page};
use vm::Owner;
use vm::Slot;

/// Where a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In no frame and no slot.
    Nowhere,
    /// In a frame.
    Frame(Frame),
    /// In a slot.
    Slot(Slot),
}

/// A page that is followed.
#[derive(Clone, Debug)]
pub struct Track {
    /// The page.
    pub page: Page,
    /// Where it is.
    pub place: Place,
    /// Whether it still has what is in its frame, also while its entry is not present.
    pub holds: bool,
    /// Whether no access is allowed: then it has no entry, but keeps what it has.
    pub forbidden: bool,
    /// The slot that it was in before an entry showed it in a frame, until an event says why.
    pub came_from: Option<Slot>,
    /// Whether it lost its frame since the last fault: a fault that swaps in frees a slot, and may
    /// put this page into it before it tells.
    pub just_evicted: bool,
    /// Other pages that are known to have the same content.
    pub sharers: BTreeSet<(Owner, Page)>,
}

impl Track {
    /// A page that was never touched.
    pub fn untouched(page: Page) -> Track {
        Track {
            page,
            place: Place::Nowhere,
            holds: false,
            forbidden: false,
            came_from: None,
            just_evicted: false,
            sharers: BTreeSet::new(),
        }
    }

    /// Takes note that the page is in a frame.
    pub fn is_in(&mut self, frame: Frame) {
        if let Place::Slot(slot) = self.place {
            self.came_from = Some(slot);
        }
        self.place = Place::Frame(frame);
        self.holds = true;
    }

    /// Takes note that the page has no content any more, or one that its source gives again.
    pub fn is_nowhere(&mut self) {
        *self = Track {
            forbidden: self.forbidden,
            ..Track::untouched(self.page)
        };
    }

    /// Whether the page came out of this slot into this frame, or is only about to be seen there.
    pub fn came(&self, slot: Slot, frame: Frame) -> bool {
        self.place == Place::Slot(slot) && !self.just_evicted
            || self.place == Place::Frame(frame) && self.came_from == Some(slot)
    }
}
