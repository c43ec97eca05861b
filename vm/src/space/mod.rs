//! What may be mapped where: address spaces, their regions and their supplemental page tables.
//!
//! # Invariants
//!
//! Nothing here knows about frames, slots or time. A page's entry in the supplemental page table is
//! the id of its content; [`residency`](crate::residency) knows where that content is.

pub(crate) mod address_space;
pub(crate) mod file;
pub(crate) mod limits;
pub mod page_map;
pub mod region;
pub mod regions;
pub mod spt;
pub(crate) mod user_range;
