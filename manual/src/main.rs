//! The program that knows all commands of a tree without submissions.

use std::process::ExitCode;

fn main() -> ExitCode {
    manual::main(Vec::new()).into()
}
