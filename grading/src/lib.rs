//! The `vmlab` command: grades suites of tests, makes hand-outs of the lab and supports students in
//! them. Commands that inspect a machine are passed on to the tools.
//!
//! # Invariants
//!
//! - The kernel under test is in another program, the machine program, which runs in a process of its
//!   own for each attempt of a test ([`programs`], and crate `protocol`): this crate does not depend
//!   on `vm`.
//! - No verdict on a program depends on the host, its speed or its load: limits are counted in guest
//!   work. Only a kernel that hangs or uses too much memory is stopped by limits of the host.
//!
//! # Where to read
//! [`cli`] has a file for each subcommand. [`suite`] defines tests, [`runner`] runs them, [`verdict`]
//! judges a run, [`rubric`] has the weights, [`results`] the results of all tests, and [`report`] a
//! file for each format.

pub mod checking;
pub mod cli;
pub mod console_text;
pub mod failures;
pub mod gradescope;
pub mod new_test;
pub mod nonce;
mod printable;
pub mod programs;
pub mod report;
pub mod results;
pub mod rubric;
pub mod runner;
pub mod seeds;
pub mod shard;
pub mod suite;
pub mod verdict;
