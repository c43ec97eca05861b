//! Helpers that the tests of the command share.

#[path = "../../../tools/tests/support/ended.rs"]
mod ended;
pub mod programs;

use std::path::Path;
use std::process::{Command, Output, Stdio};

pub use ended::ended;

/// Runs the command in a folder.
pub fn vmlab_in(folder: &Path, args: &[&str]) -> Output {
    // The command starts the machine program.
    programs::machine();
    Command::new(env!("CARGO_BIN_EXE_vmlab"))
        .args(args)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("vmlab starts")
}
