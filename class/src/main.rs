//! The program of the commands that take submissions; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    class::cli::main().into()
}
