//! States of the five pages of a case, and how a kernel resolves a fault there.
//!
//! # Invariants
//!
//! Each resolved fault gives a page more rights, so no page has more than two faults.

use crate::case::{CODE, DATA, STACK};

/// The pages: two of data, two of the stack, the second of code.
pub(crate) const PAGES: [u32; 5] = [DATA - 0x1000, DATA, STACK - 0x1000, STACK, CODE];

/// The initial state of a page, and how it changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Page {
    /// Present, writable.
    Resident,
    /// Absent; present and writable after a fault.
    Untouched,
    /// Absent; a load brings it in read-only, a store makes it writable.
    Swapped,
    /// Present, read-only; a store makes it writable.
    CopyOnWrite,
    /// Present, always read-only.
    ReadOnly,
    /// Always absent.
    Absent,
}

/// What the program may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Rights {
    None,
    Read,
    Write,
}

impl Page {
    /// Returns the initial rights.
    pub(crate) fn first(self) -> Rights {
        match self {
            Page::Resident => Rights::Write,
            Page::CopyOnWrite | Page::ReadOnly => Rights::Read,
            Page::Untouched | Page::Swapped | Page::Absent => Rights::None,
        }
    }

    /// Returns the rights after a fault; `None` if it cannot be resolved.
    pub(crate) fn after(self, write: bool) -> Option<Rights> {
        match (self, write) {
            (Page::Resident | Page::Absent | Page::ReadOnly, _) => None,
            (Page::Swapped, false) => Some(Rights::Read),
            (Page::CopyOnWrite, false) => None,
            _ => Some(Rights::Write),
        }
    }

    /// Returns whether every access comes to its end.
    pub(crate) fn is_resolved(self) -> bool {
        !matches!(self, Page::ReadOnly | Page::Absent)
    }
}

/// The states of all pages: of the first and the second of data and stack, and of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pages {
    pub first: Page,
    pub second: Page,
    pub code: Page,
}

impl Pages {
    /// All there.
    pub(crate) const RESIDENT: Pages = Pages::of(Page::Resident, Page::Resident);

    const fn of(first: Page, second: Page) -> Pages {
        Pages {
            first,
            second,
            code: Page::Resident,
        }
    }

    /// Returns them in the order of [`PAGES`].
    pub(crate) fn all(self) -> [Page; 5] {
        [self.first, self.second, self.first, self.second, self.code]
    }

    /// Returns whether every access comes to its end.
    pub(crate) fn are_resolved(self) -> bool {
        self.all().into_iter().all(Page::is_resolved)
    }
}

/// Returns all states that are tried, besides the one with all pages present.
pub(crate) const STATES: [Pages; 17] = {
    use Page::*;
    [
        Pages::of(Untouched, Untouched),
        Pages::of(Untouched, Resident),
        Pages::of(Resident, Untouched),
        Pages::of(Swapped, Swapped),
        Pages::of(Swapped, CopyOnWrite),
        Pages::of(CopyOnWrite, Swapped),
        Pages::of(CopyOnWrite, CopyOnWrite),
        Pages::of(CopyOnWrite, Resident),
        Pages::of(Resident, CopyOnWrite),
        Pages {
            first: Untouched,
            second: Untouched,
            code: Untouched,
        },
        Pages::of(ReadOnly, ReadOnly),
        Pages::of(ReadOnly, Resident),
        Pages::of(Resident, ReadOnly),
        Pages::of(Absent, Absent),
        Pages::of(Absent, Resident),
        Pages::of(Resident, Absent),
        Pages::of(Absent, ReadOnly),
    ]
};
