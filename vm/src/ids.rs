//! What things are called: address spaces, contents, slots, files, mappings.
//!
//! # Invariants
//!
//! An id names one thing for as long as that lives, and is made only by the table that owns it.
//! Those of files and owners are the kernel's, and never used again.

use std::fmt;

use machine::addr::Page;

/// Names an address space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SpaceId(pub(crate) u32);

/// Who an address space belongs to: the process' number, which logs show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Owner(pub u32);

/// A page of an address space.
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
    /// The slot of this number.
    pub const fn new(number: u32) -> Slot {
        Slot(number)
    }

    /// Its number, from 0 on.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Which file; given by the kernel, never used again for another one.
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
