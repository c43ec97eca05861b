//! Builds the emulator: the source of crate `unicorn-engine-sys`, with the corrections of this folder.
//!
//! # Invariants
//! - What is built is the pinned version, file by file the one that the corrections were made for; anything
//!   else stops the build before it begins.
//! - The library appears in the target folder whole or not at all, together with a copy of all that it
//!   was made from (`emu/cpu/build.rs` and the launcher compare that copy).
//! - Nothing is kept outside the target folder, and nothing in it names the place of the checkout.

mod apply;
mod build;
mod correction;
mod encodings;
mod inputs;
mod list;
mod origin;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error;

/// Why there is no corrected emulator.
#[derive(Debug, Error)]
pub enum Error {
    /// A file or folder cannot be used.
    #[error("{path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the host says.
        source: std::io::Error,
    },
    /// A correction is not written as it should be.
    #[error("{path}: {reason}")]
    Correction {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The source is not the one that the corrections are for.
    #[error("{0}")]
    Origin(String),
    /// cmake or the compiler failed.
    #[error("{0}")]
    Build(String),
}

impl Error {
    /// For `map_err` on whatever was done with `path`.
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.to_owned();
        |source| Error::Io { path, source }
    }
}

const USAGE: &str = "\
Builds the corrected emulator into the target folder. `./vmlab` does this without being asked.

usage: cargo run -p corrected-unicorn -- build TARGET_DIR
       cargo run -p corrected-unicorn -- source DIR    write the corrected source, to read or to debug
       cargo run -p corrected-unicorn -- list          print all corrections, as docs/corrections.md has them

example: cargo run -p corrected-unicorn -- build target";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["build", target] => build::build(Path::new(target)),
        ["source", folder] => apply::write_source(Path::new(folder)),
        ["list"] => list::all().map(|text| print!("{text}")),
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corrected-unicorn: {error}");
            ExitCode::from(2)
        }
    }
}
