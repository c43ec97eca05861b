//! A class: all submissions of a plan, a record for each, and pages made from them.
//!
//! # Invariants
//! - A record is complete or absent, and once it exists nothing but a change of what it depends on has
//!   its submission graded again: a class that was cut off goes on where it was.
//! - The pages of a class are a function of its records, however and in whatever order those were made.

pub mod engine;
pub mod results;

use std::time::Duration;

/// Time after which a long operation says that it is running.
pub const SILENCE: Duration = Duration::from_secs(2);
