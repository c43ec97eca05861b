//! Debian's packages, for real programs on the machine: fetched, and taken apart; nothing is installed.
//!
//! # Invariants
//!
//! A folder of packages is complete or not there. What is pinned has the SHA-256 sums that it is pinned to, or
//! is refused before it is taken apart.

mod apt;
mod pinned;

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use pinned::{Architecture, Catalogue, NoCatalogue, Package, Set};

use crate::sha256::Sum;
use apt::Apt;

/// Why packages cannot be had.
#[derive(Debug, Error)]
pub enum PackagesError {
    /// A command of Debian's is missing.
    #[error(
        "there is no {command} on this host; packages are fetched with apt-get and taken apart with dpkg, as \
         Debian and Ubuntu have them"
    )]
    NoCommand {
        /// The command.
        command: &'static str,
    },
    /// A command failed.
    #[error("{command}: {said}")]
    Failed {
        /// The command.
        command: &'static str,
        /// What it said.
        said: String,
    },
    /// The file system refused.
    #[error("{}: {error}", path.display())]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A package in this version cannot be fetched.
    #[error(
        "{package} cannot be fetched ({said}). If the mirror has only a newer version by now: \
         https://snapshot.debian.org/package/{} has all versions; put the .deb with the SHA-256 sum {} into {} and \
         fetch again", package.name, package.sha256, folder.display()
    )]
    Gone {
        /// The package.
        package: Box<Package>,
        /// What the command said.
        said: String,
        /// Where a file put there by hand is found.
        folder: PathBuf,
    },
    /// A package is not the one that it is pinned to.
    #[error("{package} was refused: its SHA-256 sum is {found}, and not {}", package.sha256)]
    OtherSum {
        /// The package.
        package: Box<Package>,
        /// The sum of what was fetched.
        found: Sum,
    },
}

/// Returns a folder of this name in `target` with the files of these packages for the i386, in the versions that
/// the host's own sources have. They are fetched if it is not there.
///
/// # Errors
/// [`PackagesError`] if they cannot be had.
pub fn files_of(packages: &[&str], target: &Path, name: &str) -> Result<PathBuf, PackagesError> {
    let folder = target.join(name);
    if !folder.exists() {
        let apt = Apt::new(target, Architecture::I386, None)?;
        // One list that is not there does not matter, if the packages are.
        let updated = apt.update();
        let fetched = packages.iter().try_for_each(|package| {
            let file = apt.download(package)?;
            apt.take_apart(&file)
        });
        match (fetched, updated) {
            (Ok(()), _) => apt.finish(&folder)?,
            (Err(_), Err(first)) => return Err(first),
            (Err(error), Ok(())) => return Err(error),
        }
    }
    Ok(folder)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PackagesError {
    let path = path.to_owned();
    move |error| PackagesError::Files { path, error }
}
