//! Why an access cannot be granted and its process must end.
//!
//! # Invariants
//!
//! A [`Kill`] ends one process; the machine and all other processes go on.

use machine::paging::OutOfTables;
use thiserror::Error;

/// Why a process must end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Kill {
    /// The program has no right to the access: an ordinary segmentation fault.
    #[error("{0}")]
    BadAccess(BadAccess),
    /// No frame could be freed: all are pinned or belong to processes at their minimum.
    #[error("out of memory: no frame can be freed")]
    OutOfFrames,
    /// No frame could be freed, since the swap device is full.
    #[error("out of memory: the swap device is full")]
    OutOfSwap,
    /// The kernel has no frame left for a page table.
    #[error("out of memory: no room for page tables")]
    OutOfTables,
    /// The page is past the end of the file it is mapped from (a bus error, as on Unix).
    #[error("access past the end of a mapped file")]
    PastEndOfFile,
    /// The page's content could not be read from the swap device.
    #[error("input/output error reading swap slot {0}")]
    SwapRead(u32),
    /// The page's content could not be read from its file.
    #[error("input/output error reading page {0} of a mapped file")]
    FileRead(u32),
    /// Every page that could have been evicted failed to be written out.
    #[error("input/output error writing a page out to free its frame")]
    PageOut,
}

impl Kill {
    /// Returns whether the program's own access was at fault, rather than memory or a disk.
    #[must_use]
    pub fn is_bad_access(self) -> bool {
        matches!(self, Kill::BadAccess(_))
    }
}

/// What is wrong with an access.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum BadAccess {
    /// The address is the kernel's.
    #[error("kernel address")]
    KernelAddress,
    /// Nothing is mapped there.
    #[error("nothing is mapped there")]
    Unmapped,
    /// The address is in the stack's region, but too far below the stack pointer.
    #[error("below the stack pointer")]
    BelowStack,
    /// A store to a region without the right to write.
    #[error("store to a read-only page")]
    ReadOnly,
    /// An access to a region that allows none.
    #[error("no access allowed")]
    NoAccess,
}

impl From<BadAccess> for Kill {
    fn from(bad: BadAccess) -> Kill {
        Kill::BadAccess(bad)
    }
}

impl From<OutOfTables> for Kill {
    fn from(_: OutOfTables) -> Kill {
        Kill::OutOfTables
    }
}
