//! The tables and pages of a class.
//!
//! # Invariants
//! - All of it is a function of the plan and the records: no time, no path of the host.
//! - Text of students and of their kernels stays text in a page and in a table, never markup or a formula.

pub mod grades;
pub mod html;
pub mod overview;
pub mod student;
