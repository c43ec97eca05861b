//! The `vmlab` command: runs programs on the machine, grades suites of tests, measures.
//!
//! What always holds:
//! - Exit codes are those of [`exit::Exit`], whatever happens; a panic is caught and reported as one of
//!   the kernel that was run or as a bug of ours, by where it comes from.
//! - Standard output belongs to what was asked for: the guest's console in `run`, the list, the
//!   score board, the table. Messages, logs and progress go to standard error.
//! - No verdict on a program depends on the host, its speed or on what else runs: limits are counted
//!   in work of the guest, and each test has a process of its own. Only a kernel that hangs or eats
//!   memory is found by limits of the host ([`last_words`]).
//!
//! # Where to read
//! [`cli`] has a file for each subcommand. [`run`] is one machine from options to report.
//! [`suite`] says what a test is, [`runner`] runs many, [`verdict`] judges, [`autopsy`] explains,
//! [`rubric`] weighs, [`results`] has it all, and [`report`] has a file for each format.
//! [`mod@bench`] measures. [`record`] collects a run, [`html`] draws it, [`trace`] writes it for Perfetto.

pub mod autopsy;
pub mod bench;
pub mod black_box;
pub mod checking;
pub mod cli;
pub mod compile;
pub mod console;
pub mod console_text;
pub mod debug_info;
pub mod difference;
pub mod exit;
pub mod failures;
pub mod fault_log;
pub mod gdb;
pub mod gradescope;
pub mod guest;
pub mod guest_dir;
pub mod guest_name;
pub mod host_file;
pub mod html;
pub mod inspect;
pub mod kernel_panic;
pub mod last_words;
pub mod listener;
pub mod names;
pub mod new_test;
pub mod policies;
pub mod process_group;
pub mod program;
pub mod record;
pub mod replacement;
pub mod report;
pub mod results;
pub mod rubric;
pub mod run;
pub mod runner;
pub mod scratch;
pub mod seeds;
pub mod settings;
pub mod shard;
pub mod shell;
pub mod snapshot;
pub mod stats;
pub mod suite;
pub mod trace;
pub mod verdict;
pub mod waiting;
pub mod why;
