//! The machine program that the grader starts. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    driver::command::main().into()
}
