//! A class: all submissions of a plan, one record each, and pages of them.
//!
//! # Invariants
//! - A record is there as a whole or not at all, and once it is there nothing but a change of what it depends on has
//!   its submission graded again: a class that was cut off goes on where it was.
//! - What is written of a class is a function of its records, whoever made them and in which order.

pub mod engine;
pub mod results;

use std::time::Duration;

/// After how long something that goes on says so.
pub const SILENCE: Duration = Duration::from_secs(2);
