//! The program of the commands for submissions. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    class::cli::main().into()
}
