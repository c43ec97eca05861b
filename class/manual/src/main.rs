//! The program that knows all commands, those that take submissions among them.

use std::process::ExitCode;

fn main() -> ExitCode {
    manual::main(class_manual::commands()).into()
}
