//! The program of the commands that look into a machine; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tools::cli::main().into()
}
