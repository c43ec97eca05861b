//! The virtual memory of the kernel: what is in each page of each address space, where it is at
//! the moment, and how it gets into a frame when the CPU asks for it.
//!
//! [`Vm`] is the whole of it to the rest of the kernel. It works on page tables in RAM, a block
//! device for swap and files behind the small trait [`FileSource`]; it knows neither ELF nor file
//! names nor the CPU, so all of it is tested without one.
//!
//! # Invariants
//! Each is kept by the module named, and all are checked by [`Vm::check_invariants`]:
//! 1. A page is in exactly one place: nowhere yet (its region says zero or file), in a frame, in a
//!    swap slot. The supplemental page table says which ([`spt`], [`content`]); P is set exactly
//!    for pages in a frame that the hardware may reach.
//! 2. A frame's users and the page-table entries that point to it are the same set ([`frame`]).
//! 3. Dirty is never lost: what a cleared entry knew is remembered with the frame ([`frame`]).
//! 4. A swap slot belongs to one content, from eviction to swap-in or to the end of its last user
//!    ([`swap`]).
//! 5. A pinned frame is never evicted, and every pin has an owner that ends it ([`user_memory`]).
//! 6. Regions do not overlap, neighbours that could be one are, and there are no more than there
//!    may be ([`regions`]).
//! 7. A fault does not take away what the faults of the same instruction have asked for
//!    (`in_hand`), and private pages leave room for the code of others (`room`). So a machine
//!    executes an instruction after a few faults, or ends the process that asks for too much.
//!
//! # Where to read
//! [`fault`] is the decision that the course is about, top to bottom. It calls `load` (how a page
//! gets into a frame), `evict` (how one gets out) and `sharing` (who else has it). [`replacement`]
//! says who is evicted; [`simulator`] tries policies on a [`reference_string`] without a machine,
//! [`optimum`] says what could be had at best, and [`touches`] records the string of a real run.

#![forbid(unsafe_code)]

pub mod advice;
pub mod content;
mod disk_time;
pub mod event;
mod evict;
pub mod fault;
pub mod file;
mod file_io;
mod fork;
pub mod frame;
mod in_hand;
mod inspect;
mod invariants;
pub mod kill;
mod load;
pub mod mapping;
pub mod optimum;
pub mod page_map;
mod peek;
pub mod pins;
pub mod reference_string;
pub mod region;
pub mod regions;
pub mod replacement;
mod room;
mod sharing;
mod shortened;
pub mod simulator;
pub mod space;
pub mod spt;
pub mod stats;
pub mod swap;
pub mod touches;
pub mod user_memory;
mod users;
mod vm;

pub use advice::AdviceError;
pub use event::Event;
pub use evict::MINIMUM_RESIDENT;
pub use file::{FileId, FileRef, FileSource};
pub use fork::ForkError;
pub use kill::{BadAccess, Kill};
pub use mapping::{FileMapping, MapError, UnmapError};
pub use pins::PinError;
pub use region::{Backing, MapId, Piece, Protection, Purpose, Region, Sharing};
pub use regions::{MAX_REGIONS, MAX_REGIONS_OF_ALL, TooManyRegions};
pub use replacement::PolicyKind;
pub use space::{Owner, SpaceId};
pub use stats::Stats;
pub use user_memory::{AliasPolicy, Pinned};
pub use vm::{Vm, VmOptions};

pub use emu::mmu::Access;
