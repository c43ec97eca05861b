//! Why the virtual memory refuses a request of a process.
//!
//! # Invariants
//!
//! A refused request has changed nothing, unless the error says otherwise.

use machine::paging::OutOfTables;
use thiserror::Error;

use crate::kill::Kill;
use crate::space::limits::TooManyRegions;

/// Why a region was not added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum MapError {
    /// It has no page, leaves user space, or its file offset is out of range.
    #[error("not a range of user pages")]
    BadRange,
    /// A page of it is in another region.
    #[error("overlaps a region in use")]
    Overlap,
    /// The limit on regions is reached.
    #[error(transparent)]
    TooManyRegions(#[from] TooManyRegions),
    /// A page of it could not be made resident, in a kernel that brings pages in when a region is
    /// added.
    #[error("a page of it cannot be brought in: {0}")]
    Kill(#[from] Kill),
    /// This kernel has no such mappings.
    #[error("not mapped by this kernel")]
    Unsupported,
}

/// Why a mapping did not end as it should.
#[derive(Debug, Error)]
pub enum UnmapError {
    /// There is no such mapping.
    #[error("no such mapping")]
    NoSuchMapping,
    /// A hole splits a region in two, and the limit on regions is reached; nothing changed.
    #[error(transparent)]
    TooManyRegions(#[from] TooManyRegions),
    /// The mapping is gone, but a page of it could not be written back to its file.
    #[error("page {page} of the file could not be written back")]
    WriteBack {
        /// The first such page of the file.
        page: u32,
        /// The error of the file.
        #[source]
        source: std::io::Error,
    },
}

/// Why an address space could not be copied; nothing is left of the copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ForkError {
    /// The kernel has no frame for its page directory or page tables.
    #[error(transparent)]
    Tables(#[from] OutOfTables),
    /// The limit on regions is reached.
    #[error(transparent)]
    TooManyRegions(#[from] TooManyRegions),
    /// A page could not be copied.
    #[error("copying a page: {0}")]
    Copy(Kill),
}

/// Why pages were not pinned or unpinned; nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PinError {
    /// A page does not allow the access, or cannot be brought in.
    #[error(transparent)]
    Kill(#[from] Kill),
    /// Processes may not pin more than half of the frames.
    #[error("too many pinned pages")]
    TooMany,
    /// A page to be unpinned has no pin.
    #[error("the page is not pinned")]
    NotPinned,
    /// This kernel does not pin for processes.
    #[error("this kernel does not pin pages for processes")]
    Unsupported,
}

/// Why advice was not followed, or not for all pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum AdviceError {
    /// Some page of the range is in no region (ENOMEM). The advice was followed for the others.
    #[error("part of the range is not mapped")]
    Hole,
    /// Some page of the range is pinned (EINVAL). The advice was followed for the others.
    #[error("part of the range is pinned")]
    Pinned,
    /// The limit on regions is reached (ENOMEM). Nothing changed.
    #[error(transparent)]
    TooManyRegions(#[from] TooManyRegions),
    /// Some page could not be written out (EIO): the device failed, or no slot is left.
    #[error("a page could not be written out")]
    PageOut,
    /// A page could not be brought in.
    #[error(transparent)]
    Kill(#[from] Kill),
    /// This kernel does not support such advice.
    #[error("this kernel does not take such advice")]
    Unsupported,
}
