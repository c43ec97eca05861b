//! What may be mapped where: regions and files, and ranges that programs pass to the kernel.
//!
//! # Invariants
//!
//! Nothing here knows about frames.

#[path = "../../../../../vm/src/space/file.rs"]
pub mod file;
#[path = "../../../../../vm/src/space/limits.rs"]
pub mod limits;
#[path = "../../../../../vm/src/space/region.rs"]
pub mod region;
#[path = "../../../../../vm/src/space/user_range.rs"]
pub mod user_range;
