//! Helpers that the tests of the commands share.

mod ended;

use std::path::Path;
use std::process::{Command, Output, Stdio};

pub use ended::ended;

/// Runs a command of the tools in a folder.
pub fn vmlab_in(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vmlab-tools"))
        .args(args)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("vmlab-tools starts")
}
