//! The command that these tests run.

pub(crate) mod programs;

use std::path::Path;
use std::process::Output;

/// The command.
pub(crate) const VMLAB: &str = env!("CARGO_BIN_EXE_vmlab");

/// Runs the command in a folder.
pub(crate) fn vmlab_in(folder: &Path, args: &[&str]) -> Output {
    // The command starts the machine program.
    programs::machine();
    testkit::run_in(folder, VMLAB, args)
}
