//! A page of a process, by a name that is never reused for another process.

use std::fmt;
use std::ops::RangeInclusive;

use machine::addr::Page;
use vm::Owner;

/// A page of a process. How two compare does not depend on the virtual memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Spot {
    pub process: u32,
    pub page: Page,
}

impl Spot {
    pub(crate) fn new(process: u32, page: Page) -> Spot {
        Spot { process, page }
    }

    pub(crate) fn of(owner: Owner, page: Page) -> Spot {
        Spot::new(owner.0, page)
    }

    pub(crate) fn owner(self) -> Owner {
        Owner(self.process)
    }

    /// Returns all pages that a process can have.
    pub(crate) fn all_of(process: u32) -> RangeInclusive<Spot> {
        let last = Page::new(u32::MAX >> 12);
        Spot::new(process, Page::new(0))..=Spot::new(process, last)
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of process {}", self.page.start(), self.process)
    }
}
