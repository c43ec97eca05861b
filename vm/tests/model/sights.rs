//! Coverage of rare cases by the histories: a model that agrees shows nothing about a case that
//! never occurred.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// A case that is rare enough to be missed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Sight {
    /// An access for which there was no page table.
    OutOfTables,
    /// An access for which there was neither frame nor slot.
    OutOfSwap,
    /// A page-out for which there was no slot.
    SwapFull,
    /// A fork for which there was no room.
    NoFork,
    /// A page that its file had lost.
    PastEnd,
    /// A page that was pinned when its file lost it, accessed after that.
    Lingering,
    /// A load past the end of a file where a process had stored.
    StoredBehind,
    /// More address spaces than frames.
    Crowd,
}

const ALL: [Sight; 8] = [
    Sight::OutOfTables,
    Sight::OutOfSwap,
    Sight::SwapFull,
    Sight::NoFork,
    Sight::PastEnd,
    Sight::Lingering,
    Sight::StoredBehind,
    Sight::Crowd,
];

/// The number of times that each case occurred.
#[derive(Default)]
pub(crate) struct Sights(RefCell<BTreeMap<Sight, u64>>);

impl Sights {
    pub(crate) fn note(&self, sight: Sight) {
        *self.0.borrow_mut().entry(sight).or_default() += 1;
    }

    pub(crate) fn assert_all_seen(&self) {
        let seen = self.0.borrow();
        let missed = ALL.iter().find(|sight| !seen.contains_key(sight));
        assert_eq!(missed, None, "these were: {seen:?}");
    }
}
