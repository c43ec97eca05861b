//! The memory management of a kernel without paging: each page that a program may use is in a frame
//! of its own from the start, and stays there until the program ends.
//!
//! [`Vm`] is the interface for the rest of the kernel. `README.md` beside this crate says which
//! calls the kernel makes, when, and what has to hold. Any crate that complies may replace this
//! one.
//!
//! # Invariants
//! 1. A page is in a frame exactly if it is in a region, and no frame holds two pages ([`Pager`]).
//! 2. The page-table entry of a page in a frame names that frame, with the rights of the page's region.
//! 3. A region is added completely or not at all: if there are not enough frames, the caller gets
//!    an error.
//!
//! So a page fault is always a mistake of the program.
//!
//! # Where to read
//! `load` brings regions in, `fault` says which accesses are allowed, `user_memory` is for system calls,
//! `look` for inspectors; `unsupported` has what this kernel does not support.

#![forbid(unsafe_code)]

mod alias;
mod fault;
mod files;
mod frames;
mod ids;
pub mod kill;
pub mod lab;
mod load;
mod look;
mod observe;
mod options;
mod pager;
mod place;
mod refused;
pub mod registry;
pub mod replacement;
mod serve;
mod served;
pub mod slots;
mod space;
mod spaces;
mod study;
mod tell;
mod unsupported;
mod user_memory;

pub use observe::{pagemap, view};
pub use study::{optimum, reference_string, simulator, touches};

/// The vocabulary of the fault log, and how it is written.
pub mod event {
    pub use crate::observe::event::*;
    pub use crate::observe::text::{EntryText, Names, RightsText, SourceText, access_name};
}

pub use alias::AliasPolicy;
pub use event::Event;
pub use ids::{FileId, MapId, Owner, Slot, SpaceId, User};
pub use kill::{BadAccess, Kill};
pub use observe::stats::Stats;
pub use options::VmOptions;
pub use pager::Pager;
pub use refused::{AdviceError, ForkError, MapError, PinError, UnmapError};
pub use replacement::{POLICIES, PolicyKind};
pub use serve::Vm;
pub use served::{Moment, Resolved, Served};
pub use slots::{SLOT_ALLOCATORS, SlotAllocatorKind};
pub use space::file::{FileRef, FileSource};
pub use space::limits::{MAX_REGIONS, MAX_REGIONS_OF_ALL, TooManyRegions};
pub use space::region::{Backing, FileMapping, Piece, Protection, Purpose, Region, Sharing};
pub use space::user_range::{Client, UserPtr};

pub use machine::mmu::Access;
