//! One program on one machine, from the user's choices to the report. The grader starts its
//! program, `vmlab-machine`, for each attempt of a test; crate `protocol` documents how the two
//! communicate.
//!
//! # Invariants
//!
//! No verdict on a program depends on the host, its speed or its load: limits are counted in guest
//! work. Only a kernel that hangs or uses too much memory is stopped by limits of the host
//! ([`last_words`]).
//!
//! # Where to read
//! [`run`](mod@run) is one machine from options to report; each [`listener`] gets its events.
//! [`fault_log`] writes them, with the [`names`] of processes, functions and variables; [`snapshot`]
//! compares the log with a recorded one. [`autopsy`] explains why a process died, [`kernel_panic`]
//! whether a panic is the kernel's, and [`black_box`] keeps all that for the grader. [`walls`] are
//! the sandbox around the kernel. [`command`] is the program.

pub mod autopsy;
pub mod black_box;
pub mod command;
pub mod console;
pub mod debug_info;
pub mod during;
pub mod fault_log;
pub mod guest;
pub mod kernel_panic;
pub mod kinds;
pub mod last_words;
pub mod listener;
pub mod machine_args;
pub mod names;
pub mod run;
pub mod snapshot;
pub mod stats;
pub mod walls;
