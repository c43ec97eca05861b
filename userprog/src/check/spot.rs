//! A page of a process, by a name that is never reused for another process.

use std::fmt;
use std::ops::RangeInclusive;

use machine::addr::Page;
use vm::Owner;

/// A page of a process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Spot {
    pub owner: Owner,
    pub page: Page,
}

impl Spot {
    pub fn new(owner: Owner, page: Page) -> Spot {
        Spot { owner, page }
    }

    /// Returns all pages that a process can have.
    pub fn all_of(owner: Owner) -> RangeInclusive<Spot> {
        let last = Page::new(u32::MAX >> 12);
        Spot::new(owner, Page::new(0))..=Spot::new(owner, last)
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of process {}", self.page.start(), self.owner.0)
    }
}
