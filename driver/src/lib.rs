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
//! [`run`](mod@run) is one machine from options to report, [`listener`] who is told what happens
//! there. [`fault_log`] writes it down, with the [`names`] of things, [`snapshot`] compares it,
//! [`autopsy`] explains why a process died, [`deaths`] tells so, [`not_loaded`] says what a file is
//! that is no program, [`kernel_panic`] whose a panic is, and [`black_box`] keeps it for whoever
//! judges; [`host::walls`] stand around the kernel. [`command`] is the program.

pub mod autopsy;
pub mod black_box;
pub mod command;
pub mod console;
pub mod deaths;
pub mod during;
pub mod fault_log;
pub mod guest;
pub mod kernel_panic;
pub mod kinds;
pub mod last_words;
pub mod listener;
pub mod machine_args;
pub mod names;
pub mod not_loaded;
pub mod run;
pub mod snapshot;
pub mod stats;
