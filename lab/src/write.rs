//! A hand-out as a folder with one commit.
//!
//! # Invariants
//! The same files make the same commit, whoever makes it and when. Nothing is overwritten: the
//! folder is new, or empty.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use crate::git::{self, GitError};
use crate::tree::{File, Files, Mode};

/// Why the folder cannot be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The folder is not empty.
    #[error("{} is not an empty folder; name one that is new or empty", .0.display())]
    NotEmpty(PathBuf),
    /// It would be inside the tree that it is made from.
    #[error("{} is inside the tree that it would be made of; name a folder elsewhere", .0.display())]
    Inside(PathBuf),
    /// The file system refuses.
    #[error("cannot write {}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Whether a folder can become a hand-out of the tree with this root.
///
/// # Errors
/// Why not.
pub fn check(folder: &Path, root: &Path) -> Result<(), WriteError> {
    let io_error = |error| WriteError::Io {
        path: folder.to_owned(),
        error,
    };
    let real_root = root.canonicalize().map_err(io_error)?;
    if real(folder).map_err(io_error)?.starts_with(real_root) {
        return Err(WriteError::Inside(folder.to_owned()));
    }
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(WriteError::NotEmpty(folder.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(WriteError::NotEmpty(folder.to_owned()))
        }
        Err(error) => Err(io_error(error)),
    }
}

/// Returns the canonical path of a folder to be made: links of the folders that exist are followed.
fn real(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut missing: Vec<OsString> = Vec::new();
    let mut existing = path.as_path();
    loop {
        match existing.canonicalize() {
            Ok(real) => {
                return Ok(missing
                    .iter()
                    .rev()
                    .fold(real, |path, name| path.join(name)));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(error) => match (existing.parent(), existing.file_name()) {
                (Some(parent), Some(name)) => {
                    missing.push(name.to_owned());
                    existing = parent;
                }
                _ => return Err(error),
            },
        }
    }
}

/// Writes the files and commits them with a message. Returns the commit's name.
///
/// # Errors
/// What the file system or git says. The folder is then not complete.
pub fn write(folder: &Path, files: &Files, message: &str) -> Result<String, WriteError> {
    for (path, file) in files {
        write_file(&folder.join(path), file)?;
    }
    let init = ["init", "--quiet", "--template=", "--initial-branch=main"];
    git::make(folder, &init)?;
    // By force: what git knows in the tree it is to know here, ignored elsewhere or not.
    git::make(folder, &["add", "--all", "--force"])?;
    git::make(folder, &["commit", "--quiet", "--message", message])?;
    let name = git::make(folder, &["rev-parse", "HEAD"])?;
    Ok(String::from_utf8_lossy(&name).trim().to_owned())
}

/// Makes a folder that has the files `from` have the files `to`, and returns how many files that changed,
/// added and removed.
///
/// # Errors
/// What the file system says. The folder then has some of each.
pub fn change(folder: &Path, from: &Files, to: &Files) -> Result<usize, WriteError> {
    let gone: Vec<&String> = from.keys().filter(|path| !to.contains_key(*path)).collect();
    for path in &gone {
        let path = folder.join(path);
        fs::remove_file(&path).map_err(|error| WriteError::Io { path, error })?;
    }
    let different = to
        .iter()
        .filter(|(path, file)| from.get(*path) != Some(file));
    let mut count = gone.len();
    for (path, file) in different {
        write_file(&folder.join(path), file)?;
        count += 1;
    }
    Ok(count)
}

/// Writes a file, and the folders that it is in.
///
/// # Errors
/// What the file system says.
pub fn write_file(path: &Path, file: &File) -> Result<(), WriteError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |error| WriteError::Io { path, error }
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(at(parent))?;
    }
    // Not through a link that is there.
    if path.is_symlink() {
        fs::remove_file(path).map_err(at(path))?;
    }
    #[cfg(unix)]
    if file.mode == Mode::Link {
        use std::os::unix::{ffi::OsStrExt, fs::symlink};
        if path.exists() {
            fs::remove_file(path).map_err(at(path))?;
        }
        return symlink(OsStr::from_bytes(&file.bytes), path).map_err(at(path));
    }
    fs::write(path, &file.bytes).map_err(at(path))?;
    #[cfg(unix)]
    if file.mode == Mode::Executable {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(path, mode).map_err(at(path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handout;
    use crate::toy;

    #[test]
    fn the_same_files_make_the_same_commit() {
        let files = handout::files(&toy::source(), &toy::from("1")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| write(&folder.path().join(name), &files, "A toy").unwrap();
        let commits = [make("a"), make("b/c")];
        assert_eq!(commits[0], commits[1]);
        let log = git::ask(&folder.path().join("a"), &["log", "--format=%an %ad %s"]).unwrap();
        let expected = "vmlab Thu Jan 1 00:00:00 2026 +0000 A toy\n";
        assert_eq!(String::from_utf8(log).unwrap(), expected);
    }

    #[test]
    fn a_written_hand_out_is_what_was_made() {
        let files = handout::files(&toy::source(), &toy::from("2")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &files, "A toy").unwrap();
        assert_eq!(crate::tree::read(folder.path()).unwrap(), files);
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_gets_into_the_tree() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir_all(tree.join("empty")).unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let check = |path: &Path| check(path, &tree);
        assert!(check(&folder.path().join("new/one")).is_ok());
        assert!(matches!(check(&file), Err(WriteError::NotEmpty(_))));
        assert!(matches!(check(folder.path()), Err(WriteError::NotEmpty(_))));
        for inside in ["", "empty", "new", "a/b"] {
            assert!(matches!(
                check(&tree.join(inside)),
                Err(WriteError::Inside(_))
            ));
        }
    }
}
