//! Submissions of students: read as data, compiled in a sandbox, and graded, for one student or a class.
//!
//! # Invariants
//! - A submission is data until its machine runs, and that runs behind the walls of crate `driver`: nothing
//!   of it is executed before, and no path that it names is opened.
//! - The same submissions, hand-out and options give the same bytes in every result.
//!
//! # Where to read
//! [`intake`] reads a submission, [`rules`] checks its tokens, [`build`] compiles it with a [`boxed`] compiler,
//! [`judge`] does all of that and runs the tests. [`plan`] has what to do for a class, [`record`] the result of a
//! submission, [`pages`] shows them, [`similar`] compares. [`cli`] has a file for each subcommand.

pub mod boxed;
pub mod breaks;
pub mod build;
pub mod class;
pub mod cli;
pub mod found;
pub mod grader;
pub mod hash;
pub mod intake;
mod json;
pub mod judge;
pub mod judge_tests;
pub mod pages;
pub mod plan;
pub mod pristine;
pub mod record;
pub mod rules;
pub mod similar;
pub mod sources;
