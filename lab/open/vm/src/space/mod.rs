//! What may be where: regions and files, and ranges that programs hand over.
//!
//! # Invariants
//!
//! Nothing here knows of frames.

#[path = "../../../../../vm/src/space/file.rs"]
pub mod file;
#[path = "../../../../../vm/src/space/limits.rs"]
pub mod limits;
#[path = "../../../../../vm/src/space/region.rs"]
pub mod region;
#[path = "../../../../../vm/src/space/user_range.rs"]
pub mod user_range;
