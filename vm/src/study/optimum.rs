//! OPT and exact LRU, with which policies are compared. They need every reference to a page: OPT
//! the future ones, LRU the past ones. A policy sees only accessed bits.
//!
//! # Invariants
//!
//! The counts include cold misses. No policy has fewer faults than OPT, with demand paging or with
//! prefetching. Neither count rises with more frames. Both take `n log f` steps for `n` references
//! and `f` frames.

use std::collections::BTreeSet;

use crate::study::reference_string::{Reference, ReferenceString};

/// Returns the number of faults of OPT, which evicts the page whose next use is furthest ahead.
///
/// # Panics
/// If `frames` is 0.
///
/// # Examples
///
/// ```
/// use vm::optimum::{lru, opt};
/// use vm::reference_string::ReferenceString;
///
/// let string = ReferenceString::of_loads([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]);
/// assert_eq!([3, 4].map(|frames| opt(frames, &string)), [7, 6]);
/// assert_eq!([3, 4].map(|frames| lru(frames, &string)), [10, 8]);
/// ```
#[must_use]
pub fn opt(frames: usize, string: &ReferenceString) -> u64 {
    assert!(frames > 0, "no frame");
    let references = string.references();
    let next_uses = next_uses(string);
    // The pages in frames, by their next use. One without a next use leaves at once, since it is
    // the best victim anyway.
    let mut resident: BTreeSet<u32> = BTreeSet::new();
    let mut faults = 0;
    for (now, next) in (0..references.len() as u32).zip(next_uses) {
        let is_resident = resident.first() == Some(&now);
        if is_resident {
            resident.pop_first();
        } else {
            faults += 1;
            if resident.len() == frames {
                resident.pop_last();
            }
        }
        resident.extend(next.position());
    }
    faults
}

/// Returns the number of faults of exact LRU.
///
/// # Panics
/// If `frames` is 0.
#[must_use]
pub fn lru(frames: usize, string: &ReferenceString) -> u64 {
    assert!(frames > 0, "no frame");
    // The pages in frames, by their last use.
    let mut resident: BTreeSet<u32> = BTreeSet::new();
    let mut last_use = vec![None; string.pages()];
    let mut faults = 0;
    for (now, one) in (0..).zip(string.references()) {
        let before: Option<u32> = last_use[one.index()].replace(now);
        if !before.is_some_and(|before| resident.remove(&before)) {
            faults += 1;
            if resident.len() == frames {
                resident.pop_first();
            }
        }
        resident.insert(now);
    }
    faults
}

/// The position at which a page is used next.
#[derive(Clone, Copy)]
struct NextUse(u32);

impl NextUse {
    const NEVER: NextUse = NextUse(u32::MAX);

    fn position(self) -> Option<u32> {
        (self.0 != NextUse::NEVER.0).then_some(self.0)
    }
}

/// Returns for each reference the position at which its page is used next.
fn next_uses(string: &ReferenceString) -> Vec<NextUse> {
    let references: &[Reference] = string.references();
    assert!(references.len() < u32::MAX as usize, "too long a string");
    let mut next_of_page = vec![NextUse::NEVER; string.pages()];
    let mut next_uses = vec![NextUse::NEVER; references.len()];
    for (at, one) in references.iter().enumerate().rev() {
        let next = NextUse(at as u32);
        next_uses[at] = std::mem::replace(&mut next_of_page[one.index()], next);
    }
    next_uses
}
