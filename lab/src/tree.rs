//! Files of a tree in memory: those that git tracks, as they are in the folder now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::git::{self, GitError};

/// The file that identifies a hand-out; it says which milestones are left to do.
pub const HANDOUT: &str = "lab/handout.toml";
/// In the whole tree, the README that hand-outs have.
pub const README: &str = "lab/handout/README.md";

/// Files by their paths from the root, with '/' between folders.
pub type Files = BTreeMap<String, File>;

/// A file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it is executable.
    pub mode: Mode,
}

/// What git keeps of a file's permissions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A plain file.
    Plain,
    /// An executable file.
    Executable,
}

impl File {
    /// A file of text.
    pub fn plain(text: String) -> File {
        File {
            bytes: text.into_bytes(),
            mode: Mode::Plain,
        }
    }

    /// Its text, if it is one.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// Why a tree cannot be read.
#[derive(Debug, Error)]
pub enum TreeError {
    /// No checkout of git, or git is missing.
    #[error("{} is no git checkout, and git says what belongs to the tree: {error}", folder.display())]
    NoCheckout {
        /// Where it was looked for.
        folder: PathBuf,
        /// What git said.
        error: GitError,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A name that is no text, a link, another repository.
    #[error("{0} is neither a plain nor an executable file with a name in UTF-8")]
    Strange(String),
    /// A file that git knows cannot be read.
    #[error("{path}, which git knows, cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// The root of the checkout that a folder is in.
///
/// # Errors
/// That it is in none.
pub fn root(folder: &Path) -> Result<PathBuf, TreeError> {
    let answer =
        git::ask(folder, &["rev-parse", "--show-toplevel"]).map_err(|error| match error {
            GitError::NotStarted(_) => TreeError::Git(error),
            GitError::Failed { .. } => TreeError::NoCheckout {
                folder: folder.to_owned(),
                error,
            },
        })?;
    let path = String::from_utf8_lossy(&answer).into_owned();
    Ok(PathBuf::from(path.trim_end_matches(['\n', '\r'])))
}

/// All files of the checkout with this root.
///
/// # Errors
/// What cannot be read.
pub fn read(root: &Path) -> Result<Files, TreeError> {
    let listing = git::ask(root, &["ls-files", "--stage", "-z"])?;
    let entries = listing.split(|&byte| byte == 0);
    entries
        .filter(|entry| !entry.is_empty())
        .map(|entry| read_entry(root, entry))
        .collect()
}

/// Reads the file of one entry: `MODE OBJECT STAGE\tPATH`.
fn read_entry(root: &Path, entry: &[u8]) -> Result<(String, File), TreeError> {
    let strange = || TreeError::Strange(String::from_utf8_lossy(entry).into_owned());
    let entry = std::str::from_utf8(entry).map_err(|_| strange())?;
    let (facts, path) = entry.split_once('\t').ok_or_else(strange)?;
    let mode = match facts.split(' ').next() {
        Some("100644") => Mode::Plain,
        Some("100755") => Mode::Executable,
        _ => return Err(strange()),
    };
    let bytes = fs::read(root.join(path)).map_err(|error| TreeError::Unreadable {
        path: path.to_owned(),
        error,
    })?;
    Ok((path.to_owned(), File { bytes, mode }))
}
