//! Compiles the kernel of a submission: with rustc alone, as cargo would do it, but without cargo.
//!
//! Cargo compiles the tree's own machine program once, and [`recipe`] records its calls of rustc. For a
//! submission the same is done with its `vm/src` in the place of the tree's ([`place`]), in a box
//! ([`crate::boxed`]).
//!
//! # Invariants
//! - No manifest, lock file, build script or configuration of a submission is ever read.
//! - rustc gets the same arguments for each submission, so that the hand-out's incremental state serves all, and
//!   the order of submissions changes nothing.

pub mod messages;
pub mod place;
pub mod places;
pub mod recipe;
