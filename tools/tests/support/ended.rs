//! How a command ended.

use std::process::Output;

/// Returns standard output and standard error of a command that ended with this code.
#[track_caller]
pub fn ended(code: i32, output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints text");
    let (out, messages) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{messages}");
    (out, messages)
}
