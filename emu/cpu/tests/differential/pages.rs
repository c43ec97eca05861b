//! States of the five pages that a case may find, and what a kernel does about a fault there.
//!
//! # Invariants
//!
//! Each fault that is resolved gives a page more rights, so no page has more than two.

use crate::case::{CODE, DATA, STACK};

/// The pages: two of data, two of the stack, the second of code.
pub const PAGES: [u32; 5] = [DATA - 0x1000, DATA, STACK - 0x1000, STACK, CODE];

/// What a page is at first, and becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// There, writable.
    Resident,
    /// Not there; after a fault it is, writable.
    Untouched,
    /// Not there; a load brings it in read-only, a store makes it writable.
    Swapped,
    /// There, read-only; a store makes it writable.
    CopyOnWrite,
    /// There, read-only for good.
    ReadOnly,
    /// Not there for good.
    Absent,
}

/// What the program may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rights {
    None,
    Read,
    Write,
}

impl Page {
    /// The rights at first.
    pub fn first(self) -> Rights {
        match self {
            Page::Resident => Rights::Write,
            Page::CopyOnWrite | Page::ReadOnly => Rights::Read,
            Page::Untouched | Page::Swapped | Page::Absent => Rights::None,
        }
    }

    /// The rights after a fault; `None` if there is nothing to be done about it.
    pub fn after(self, write: bool) -> Option<Rights> {
        match (self, write) {
            (Page::Resident | Page::Absent | Page::ReadOnly, _) => None,
            (Page::Swapped, false) => Some(Rights::Read),
            (Page::CopyOnWrite, false) => None,
            _ => Some(Rights::Write),
        }
    }

    /// Whether every access comes to its end.
    pub fn is_resolved(self) -> bool {
        !matches!(self, Page::ReadOnly | Page::Absent)
    }
}

/// The states of all pages: of the first and the second of data and stack, and of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pages {
    pub first: Page,
    pub second: Page,
    pub code: Page,
}

impl Pages {
    /// All there.
    pub const RESIDENT: Pages = Pages::of(Page::Resident, Page::Resident);

    const fn of(first: Page, second: Page) -> Pages {
        Pages {
            first,
            second,
            code: Page::Resident,
        }
    }

    /// One after the other as in [`PAGES`].
    pub fn all(self) -> [Page; 5] {
        [self.first, self.second, self.first, self.second, self.code]
    }

    /// Whether every access comes to its end.
    pub fn are_resolved(self) -> bool {
        self.all().into_iter().all(Page::is_resolved)
    }
}

/// All states that are tried, besides the one in which all is there.
pub const STATES: [Pages; 17] = {
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
