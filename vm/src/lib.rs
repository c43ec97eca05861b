//! The virtual memory of the kernel: what is in each page of each address space, where it is at
//! the moment, and how it comes into a frame when the CPU faults on it.
//!
//! [`Vm`] is the interface for the rest of the kernel. It can be read at any time. A change is made
//! for a process at a given moment, and reports whether the process has to sleep ([`Vm::serve`]).
//! The crate works on page tables in RAM, a block device for swap, and files behind the small trait
//! [`FileSource`]. It does not know ELF, file names or the CPU, so it is tested without a CPU.
//!
//! # Invariants
//! Each is kept by the module named, and all are checked by [`Pager::check_invariants`]:
//! 1. A page is in exactly one place: nowhere yet (it is as its region defines it), in a frame, or
//!    in a swap slot. The supplemental page table says which ([`spt`], [`content`]); P is set
//!    exactly for pages in a frame that the hardware may reach.
//! 2. A frame's users and the page-table entries that point to it are the same set (`residency`).
//! 3. A D bit is never lost: that of an entry that is cleared is kept with the frame ([`frame`]).
//! 4. A swap slot belongs to one content, from eviction to swap-in or to the end of its last user
//!    ([`swap`]).
//! 5. A pinned frame is never evicted, and every pin has an owner that ends it ([`user_memory`]).
//! 6. Regions do not overlap, neighbours that could be joined are, and their number is limited
//!    ([`regions`]).
//! 7. A fault does not evict what earlier faults of the same instruction have brought in, and
//!    private pages leave room for the code of other processes (`pager`). So the machine executes
//!    an instruction after a few faults, or ends the process that asks for too much.
//!
//! # Where to read
//! Each folder imports only those before it. [`replacement`] chooses the victim and [`slots`] the
//! swap slot it goes to; [`registry`] takes more of both. `space` says what may be where,
//! `residency` where it is and how that changes. `study` compares with the optimum, `observe` has
//! events and views. `pager` has the page-fault decision that the course is about
//! (`pager/fault.rs`, top to bottom), and `calls` what the kernel does for system calls.

#![forbid(unsafe_code)]

mod alias;
mod calls;
mod ids;
pub mod kill;
pub mod lab;
mod observe;
mod options;
mod pager;
mod place;
mod refused;
pub mod registry;
pub mod replacement;
mod residency;
mod served;
pub mod slots;
mod space;
mod study;

pub use calls::{advice, mapping, pins, user_memory};
pub use observe::{pagemap, view};
pub use residency::{content, frame, swap};
pub use space::{page_map, region, regions, spt};
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
pub use pager::evict::MINIMUM_RESIDENT;
pub use pager::serve::Vm;
pub use refused::{AdviceError, ForkError, MapError, PinError, UnmapError};
pub use replacement::{POLICIES, PolicyKind};
pub use served::{Moment, Resolved, Served};
pub use slots::{SLOT_ALLOCATORS, SlotAllocatorKind};
pub use space::file::{FileRef, FileSource};
pub use space::limits::{MAX_REGIONS, MAX_REGIONS_OF_ALL, TooManyRegions};
pub use space::region::{Backing, FileMapping, Piece, Protection, Purpose, Region, Sharing};
pub use space::spt::ContentId;
pub use space::user_range::{Client, UserPtr};

pub use machine::mmu::Access;
