//! How the kernel of a submission is compiled: by rustc alone, as cargo would, with no cargo near it.
//!
//! Cargo compiles the tree's own machine program once, and [`recipe`] keeps what it told rustc. For a
//! submission the same is done with its `vm/src` in the place of the tree's ([`place`]), in a box
//! ([`crate::boxed`]).
//!
//! # Invariants
//! - No manifest, lock file, build script or configuration of a submission is read by anybody.
//! - rustc is told the same for each submission, so that what it kept of the hand-out's kernel serves all, and
//!   the order of submissions changes nothing.

pub mod messages;
pub mod place;
pub mod places;
pub mod recipe;
