//! Files of a tree in memory: those that git tracks, as they are in the folder now.
//!
//! # Invariants
//! A link leads to a place in the tree: nothing outside is read through it.

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
    /// Its content; of a link, where it leads, as it says so itself.
    pub bytes: Vec<u8>,
    /// What kind of file it is.
    pub mode: Mode,
}

/// What git knows of a file besides its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A plain file.
    Plain,
    /// An executable file.
    Executable,
    /// A relative symbolic link.
    Link,
}

impl File {
    /// A file of text.
    #[must_use]
    pub fn plain(text: String) -> File {
        File {
            bytes: text.into_bytes(),
            mode: Mode::Plain,
        }
    }

    /// Its text, if it is one. A link has none: it is no text of its own.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.mode {
            Mode::Link => None,
            Mode::Plain | Mode::Executable => std::str::from_utf8(&self.bytes).ok(),
        }
    }

    /// Returns the path from the root that a link with this path leads to; None if it leads out of the tree,
    /// or is no link.
    #[must_use]
    pub fn leads_to(&self, path: &str) -> Option<String> {
        if self.mode != Mode::Link {
            return None;
        }
        let target = std::str::from_utf8(&self.bytes).ok()?;
        let mut folders: Vec<&str> = path.split('/').collect();
        folders.pop();
        for name in target.split('/') {
            match name {
                // The beginning of an absolute path, among others.
                "" => return None,
                "." => {}
                ".." => drop(folders.pop()?),
                name => folders.push(name),
            }
        }
        Some(folders.join("/"))
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
    /// A name that is no text, a link out of the tree, another repository.
    #[error(
        "{0} is neither a plain or executable file nor a link in the tree, with a name in UTF-8"
    )]
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
        Some("120000") => Mode::Link,
        _ => return Err(strange()),
    };
    let there = root.join(path);
    let read = match mode {
        Mode::Link => {
            fs::read_link(&there).map(|target| target.into_os_string().into_encoded_bytes())
        }
        Mode::Plain | Mode::Executable => fs::read(&there),
    };
    let bytes = read.map_err(|error| TreeError::Unreadable {
        path: path.to_owned(),
        error,
    })?;
    let file = File { bytes, mode };
    if mode == Mode::Link && file.leads_to(path).is_none() {
        return Err(strange());
    }
    Ok((path.to_owned(), file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_place_in_the_tree_or_nowhere() {
        let leads_to = |target: &str| {
            let mode = Mode::Link;
            let bytes = target.into();
            File { bytes, mode }.leads_to("open/src/alias.rs")
        };
        assert_eq!(leads_to("ids.rs").as_deref(), Some("open/src/ids.rs"));
        assert_eq!(leads_to("./../a/b").as_deref(), Some("open/a/b"));
        assert_eq!(
            leads_to("../../vm/alias.rs").as_deref(),
            Some("vm/alias.rs")
        );
        for outside in ["/etc/passwd", "../../../x", "../../../vm/../x", ""] {
            assert_eq!(leads_to(outside), None, "{outside}");
        }
    }

    #[test]
    fn links_are_read_as_links_unless_they_lead_out_of_the_tree() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::new();
        files.insert("there".to_owned(), File::plain("text".to_owned()));
        let mode = Mode::Link;
        let bytes = b"../there".to_vec();
        files.insert("a/link".to_owned(), File { bytes, mode });
        crate::write::write(folder.path(), &files, "with a link").unwrap();
        assert_eq!(read(folder.path()).unwrap(), files);
        assert_eq!(files["a/link"].text(), None);

        let bytes = b"../../there".to_vec();
        crate::write::write_file(&folder.path().join("a/link"), &File { bytes, mode }).unwrap();
        let error = read(folder.path()).unwrap_err();
        assert!(matches!(error, TreeError::Strange(_)), "{error}");
    }
}
