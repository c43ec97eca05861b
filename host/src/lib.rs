//! What the commands need of the host: programs and files for a guest, processes, the terminal.
//!
//! # Invariants
//!
//! Nothing of the host gets to a guest but what the user named; what is made for a while is gone
//! when the command ends, also by a signal ([`scratch`]).

pub mod command;
pub mod compile;
pub mod guest_dir;
pub mod guest_name;
pub mod host_file;
pub mod interrupt;
pub mod process_group;
pub mod program;
pub mod replacement;
pub mod scratch;
pub mod shell;
pub mod waiting;
