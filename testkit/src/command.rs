//! Commands under test, and how they ended.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Returns a program to be started as the tests start all: without input, and without the user's choice of
/// what is logged.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// Runs a program in a folder.
///
/// # Panics
/// If it cannot be started.
#[track_caller]
pub fn run_in(folder: &Path, program: impl AsRef<Path>, args: &[&str]) -> Output {
    let output = command(program).args(args).current_dir(folder).output();
    output.expect("the program starts")
}

/// Checks that a command ended with this code.
///
/// # Panics
/// If it ended otherwise, or printed something that is no text.
#[track_caller]
pub fn assert_ended(code: i32, output: &Output) {
    let _ = ended(code, output);
}

/// Returns standard output and standard error of a command that ended with this code.
///
/// # Panics
/// If it ended otherwise, or printed something that is no text.
#[track_caller]
#[must_use]
pub fn ended(code: i32, output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints text");
    let (out, messages) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{messages}");
    (out, messages)
}
