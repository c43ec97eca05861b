//! What the tests of the command share.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the command in a folder.
pub fn vmlab_in(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vmlab"))
        .args(args)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("vmlab starts")
}

/// Standard output and standard error of a command that ended with this code.
#[track_caller]
pub fn ended(code: i32, output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints text");
    let (out, messages) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{messages}");
    (out, messages)
}
