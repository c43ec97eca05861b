//! What tests of several crates share: commands and how they ended, folders of files, a console in memory.
//!
//! # Invariants
//!
//! It depends on no other crate here, so tests of any of them can use it. Machines for tests are beside what
//! they need: crate `kit` has those without a CPU, `bare` those without a kernel, `small` those with both, and
//! `executables` what runs on them.
//!
//! Whatever fails here fails the test that called it, at its own line.

mod command;
mod console;
mod files;
mod found;
mod programs;

pub use command::{assert_ended, command, ended, run_in};
pub use console::Console;
pub use files::{files_below, folder, root, write, write_script};
pub use found::or_skipped;
pub use programs::FILL;
