//! The other programs of the project, which are next to this one.
//!
//! # Invariants
//!
//! They are looked for in the folder of this program, not in a search path.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use protocol::kind::Kinds;
use thiserror::Error;

/// The machine program.
const MACHINE: &str = "vmlab-machine";
/// The program of the tools.
const TOOLS: &str = "vmlab-tools";
/// The program of the commands for submissions.
const CLASS: &str = "vmlab-class";
/// The programs that know all commands: with those that take submissions, which a hand-out has not,
/// and without.
const MANUALS: [&str; 2] = ["vmlab-class-manual", "vmlab-manual"];

/// One of the programs cannot be used.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// It does not exist.
    #[error("there is no {}; ./vmlab builds it, as does cargo build", .0.display())]
    Missing(PathBuf),
    /// It cannot be started.
    #[error("cannot start {}: {error}", path.display())]
    NotStarted {
        /// The program.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Its answer does not follow the protocol.
    #[error("{} is not a machine program of this version: it does not list its policies", .0.display())]
    NoMachine(PathBuf),
}

/// Returns the path of the machine program next to this one.
///
/// # Errors
/// [`ProgramError::Missing`].
pub fn machine() -> Result<PathBuf, ProgramError> {
    beside(MACHINE)
}

/// Replaces this process by the program of the tools with these arguments; returns only on failure.
pub fn become_tools(words: impl IntoIterator<Item = OsString>) -> ProgramError {
    become_program(TOOLS, words)
}

/// Replaces this process by the program for submissions; returns only on failure.
pub fn become_class(words: impl IntoIterator<Item = OsString>) -> ProgramError {
    become_program(CLASS, words)
}

/// Becomes the program that knows all commands; returns only if it cannot.
pub fn become_manual(words: impl IntoIterator<Item = OsString>) -> ProgramError {
    let [whole, without_class] = MANUALS;
    let name = match beside(whole) {
        Ok(_) => whole,
        Err(_) => without_class,
    };
    become_program(name, words)
}

fn become_program(name: &str, words: impl IntoIterator<Item = OsString>) -> ProgramError {
    match beside(name) {
        Ok(path) => {
            let error = Command::new(&path).args(words).exec();
            ProgramError::NotStarted { path, error }
        }
        Err(missing) => missing,
    }
}

/// Asks a machine program for its policies and slot allocators.
///
/// # Errors
/// All except [`ProgramError::Missing`].
pub fn kinds(machine: &Path) -> Result<Kinds, ProgramError> {
    let output = Command::new(machine).arg("kinds").output();
    let output = output.map_err(|error| ProgramError::NotStarted {
        path: machine.to_owned(),
        error,
    })?;
    serde_json::from_slice(&output.stdout).map_err(|_| ProgramError::NoMachine(machine.to_owned()))
}

fn beside(name: &str) -> Result<PathBuf, ProgramError> {
    let path = match std::env::current_exe() {
        Ok(own) => own.with_file_name(name),
        Err(error) => {
            let path = name.into();
            return Err(ProgramError::NotStarted { path, error });
        }
    };
    if path.is_file() {
        Ok(path)
    } else {
        Err(ProgramError::Missing(path))
    }
}
