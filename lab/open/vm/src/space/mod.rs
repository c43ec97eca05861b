//! What may be mapped where: regions and files, and ranges that programs pass to the kernel.
//!
//! # Invariants
//!
//! Nothing here knows about frames.

pub mod file;
pub mod limits;
pub mod region;
pub mod user_range;
