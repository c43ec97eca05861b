//! Is called by cargo instead of rustc, and records how the crates of a machine program are compiled.
//!
//! # Invariants
//! rustc gets cargo's arguments, whether or not recording succeeds.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use class::build::recipe;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(rustc) = words.next() else {
        eprintln!("vmlab-rustc: cargo calls it, as RUSTC_WRAPPER");
        return ExitCode::from(2);
    };
    let words = Vec::from_iter(words);
    if let Err(error) = recipe::note(&rustc, &words) {
        eprintln!("vmlab-rustc: cannot write down how it is compiled: {error}");
        return ExitCode::from(2);
    }
    let error = Command::new(&rustc).args(&words).exec();
    eprintln!("vmlab-rustc: cannot start {}: {error}", rustc.display());
    ExitCode::from(2)
}
