//! Ids of address spaces, owners, pages, slots, files and mappings.
//!
//! # Invariants
//!
//! An id names one thing for as long as it exists, and is created only by the table that owns it.
//! Ids of files and owners come from the kernel and are never reused.

use std::fmt;

use machine::addr::Page;

/// Names an address space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SpaceId(pub(crate) u32);

/// The owner of an address space: the process id, which logs show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Owner(pub u32);

/// A page of an address space: one user of a content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct User {
    /// The address space.
    pub space: SpaceId,
    /// The page in it.
    pub page: Page,
}

/// A page-sized piece of the swap device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slot(pub(crate) u32);

impl Slot {
    /// Returns the slot with this number.
    #[must_use]
    pub const fn new(number: u32) -> Slot {
        Slot(number)
    }

    /// Returns its number, counted from 0.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Names a file. The kernel assigns it and never reuses it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u64);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The number by which a program names one of its mappings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MapId(pub u32);
