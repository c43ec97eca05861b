//! The program `git`, called so that the result is the same everywhere.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

/// Author and date of commits of hand-outs, always the same, so that commits are the same.
const IDENTITY: [(&str, &str); 8] = [
    ("GIT_AUTHOR_NAME", "vmlab"),
    ("GIT_AUTHOR_EMAIL", "vmlab@localhost"),
    ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00+0000"),
    ("GIT_COMMITTER_NAME", "vmlab"),
    ("GIT_COMMITTER_EMAIL", "vmlab@localhost"),
    ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00+0000"),
    // No settings of the user or the machine: no signature, no hook, no other line endings.
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
];

/// The author of all commits of hand-outs, in git's format.
pub const AUTHOR: &str = "vmlab <vmlab@localhost>";

/// Variables that a hook or a script of the user may have set, and that would lead to another repository.
const ELSEWHERE: [&str; 5] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];

/// Git failed.
#[derive(Debug, Error)]
pub enum GitError {
    /// It cannot be started.
    #[error("git cannot be started, and it is needed for this: {0}")]
    NotStarted(#[source] io::Error),
    /// It refused.
    #[error("git {command} failed in {}: {message}", folder.display())]
    Failed {
        /// The git command.
        command: String,
        /// The folder.
        folder: PathBuf,
        /// What it said.
        message: String,
    },
}

/// Runs git in a folder with the user's settings, and returns its output.
///
/// # Errors
/// What it said.
pub fn ask(folder: &Path, words: &[&str]) -> Result<Vec<u8>, GitError> {
    run(command(folder), folder, words)
}

/// Runs git in a folder with settings, author and date that are always the same.
///
/// # Errors
/// What it said.
pub fn make(folder: &Path, words: &[&str]) -> Result<Vec<u8>, GitError> {
    let mut command = command(folder);
    command.envs(IDENTITY);
    run(command, folder, words)
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder);
    for variable in ELSEWHERE {
        command.env_remove(variable);
    }
    command
}

fn run(mut command: Command, folder: &Path, words: &[&str]) -> Result<Vec<u8>, GitError> {
    let output = command
        .args(words.iter().map(OsStr::new))
        .output()
        .map_err(GitError::NotStarted)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(GitError::Failed {
        command: words.first().copied().unwrap_or_default().to_owned(),
        folder: folder.to_owned(),
        message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
