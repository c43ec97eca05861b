//! What the commands need from the host: programs and files for a guest, processes, the terminal.
//!
//! # Invariants
//!
//! A guest gets nothing from the host except what the user named. Temporary files are removed when
//! the command ends, even by a signal ([`scratch`]).

pub mod command;
pub mod compile;
pub mod debug_info;
pub mod guest_dir;
pub mod guest_name;
pub mod host_file;
pub mod interrupt;
pub mod packages;
pub mod process_group;
pub mod program;
pub mod programs;
pub mod replacement;
pub mod scratch;
pub mod sha256;
pub mod shell;
pub mod waiting;
pub mod walls;
