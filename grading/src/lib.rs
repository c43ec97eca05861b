//! The `vmlab` command: runs programs on the machine, grades suites of tests, measures.
//!
//! What always holds:
//! - Exit codes are those of [`exit::Exit`], whatever happens; a panic is caught and reported as a
//!   bug of ours.
//! - Standard output belongs to what was asked for: the guest's console in `run`, the list, the
//!   score board, the table. Messages, logs and progress go to standard error.
//! - No verdict depends on the host, its speed or on what else runs: limits are counted in work
//!   of the guest, and each test has a process of its own.
//!
//! # Where to read
//! [`cli`] has a file for each subcommand. [`run`] is one machine from options to report.
//! [`suite`] says what a test is, [`runner`] runs many, [`verdict`] judges, [`board`] prints.
//! [`mod@bench`] measures.

pub mod bench;
pub mod board;
pub mod cli;
pub mod console;
pub mod console_text;
pub mod difference;
pub mod exit;
pub mod guest_dir;
pub mod guest_name;
pub mod program;
pub mod run;
pub mod runner;
pub mod scratch;
pub mod settings;
pub mod stats;
pub mod suite;
pub mod verdict;
pub mod waiting;
