//! What may be where: address spaces, their regions and their supplemental page tables.
//!
//! # Invariants
//!
//! Nothing here knows of frames, slots or time; a page's entry in the supplemental page table is
//! the name of its content, whose place is the business of [`residency`](crate::residency).

pub mod address_space;
pub mod file;
pub mod limits;
pub mod page_map;
pub mod region;
pub mod regions;
pub mod spt;
pub mod user_range;
