//! The `vmlab` command; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    grading::cli::main().into()
}
