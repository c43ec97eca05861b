//! A temporary folder that does not outlive the command.
//!
//! # Invariants
//!
//! The folder is removed when its [`Scratch`] is dropped, and when a signal ends the command.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use crate::interrupt;

/// Folders to remove if a signal ends the command.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A temporary folder.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// Makes an empty folder.
    ///
    /// # Errors
    /// Those of the host's file system.
    pub fn new() -> std::io::Result<Scratch> {
        interrupt::listen();
        let folder = tempfile::Builder::new().prefix("vmlab-").tempdir()?;
        folders().push(folder.path().to_owned());
        Ok(Scratch { folder })
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        folders().retain(|folder| folder != self.folder.path());
    }
}

fn folders() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all folders, when the command is being ended: what cannot be removed now stays.
pub(crate) fn remove_all() {
    for folder in folders().drain(..) {
        let _ = std::fs::remove_dir_all(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_owner() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        std::fs::write(path.join("file"), "x").unwrap();
        assert!(folders().contains(&path));
        drop(scratch);
        assert!(!path.exists());
        assert!(!folders().contains(&path));
    }
}
