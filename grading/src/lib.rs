//! The `vmlab` command: grades suites of tests, and makes and accompanies hand-outs of the lab. What looks into a
//! machine it hands on to the tools.
//!
//! # Invariants
//!
//! - The kernel that is graded is in another program, the machine program, of which there is a process for each
//!   attempt of a test ([`programs`], and crate `protocol`): this crate does not depend on `vm`.
//! - No verdict on a program depends on the host, its speed or on what else runs: limits are counted
//!   in work of the guest. Only a kernel that hangs or eats memory is found by limits of the host.
//!
//! # Where to read
//! [`cli`] has a file for each subcommand. [`suite`] says what a test is, [`runner`] runs many, [`verdict`] judges,
//! [`rubric`] weighs, [`results`] has it all, and [`report`] has a file for each format.

pub mod checking;
pub mod cli;
pub mod console_text;
pub mod failures;
pub mod gradescope;
pub mod new_test;
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
