//! What students hand in: taken as data, compiled behind walls, graded, for one or for a class.
//!
//! # Invariants
//! - A submission is data until its machine runs, and that runs behind the walls of crate `driver`: nothing
//!   of it is executed before, and no path that it names is opened.
//! - Same submissions, same hand-out, same options: the same bytes in every result.
//!
//! # Where to read
//! [`intake`] takes what was handed in, [`rules`] looks at its words, [`build`] compiles it in a [`boxed`] compiler,
//! [`judge`] does all of that and has the tests run. [`plan`] says what is to be done for a class, [`record`] what
//! came of it, [`pages`] shows it, [`similar`] compares. [`cli`] has a file for each subcommand.

pub mod boxed;
pub mod breaks;
pub mod build;
pub mod class;
pub mod cli;
pub mod found;
pub mod grader;
pub mod hash;
pub mod intake;
pub mod judge;
pub mod judge_tests;
pub mod pages;
pub mod plan;
pub mod pristine;
pub mod record;
pub mod rules;
pub mod similar;
pub mod sources;
