//! What may be mapped where: regions and files, and ranges that programs pass to the kernel.
//!
//! # Invariants
//!
//! Nothing here knows about frames.

pub(crate) mod file;
pub(crate) mod limits;
pub(crate) mod region;
pub(crate) mod user_range;
