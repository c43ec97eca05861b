//! What is written of a class: tables and pages.
//!
//! # Invariants
//! - All of it is a function of the plan and the records: no time, no path of the host.
//! - What somebody handed in or printed is text in a page and in a table, never markup or a formula.

pub mod grades;
pub mod html;
pub mod overview;
pub mod student;
