//! What the histories came across: a model that agrees shows nothing about what never happened.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// What can be come across and is rare enough to be missed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sight {
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
    /// A load behind the end of a file where somebody had stored.
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

/// How often each was come across.
#[derive(Default)]
pub struct Sights(RefCell<BTreeMap<Sight, u64>>);

impl Sights {
    pub fn note(&self, sight: Sight) {
        *self.0.borrow_mut().entry(sight).or_default() += 1;
    }

    pub fn assert_all_seen(&self) {
        let seen = self.0.borrow();
        let missed = ALL.iter().find(|sight| !seen.contains_key(sight));
        assert_eq!(missed, None, "these were: {seen:?}");
    }
}
