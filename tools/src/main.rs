//! The program `vmlab-tools`, which inspects machines. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tools::cli::main().into()
}
