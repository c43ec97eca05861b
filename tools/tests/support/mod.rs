//! The command that these tests run.

use std::path::Path;
use std::process::Output;

/// The program of the tools.
pub(crate) const VMLAB: &str = env!("CARGO_BIN_EXE_vmlab-tools");

/// Runs a command of the tools in a folder.
pub(crate) fn vmlab_in(folder: &Path, args: &[&str]) -> Output {
    testkit::run_in(folder, VMLAB, args)
}
