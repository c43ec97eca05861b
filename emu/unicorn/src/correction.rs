//! Corrections as data: what is wrong in which lines of the emulator's source, and what stands there
//! instead.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::Error;

/// A mistake of the emulator and its mending.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    /// What the emulator does wrong.
    pub wrong: String,
    /// What is right, as hardware does it, or why the change is wanted.
    pub right: String,
    /// Where the manual says so.
    pub manual: String,
    /// The same mistake in the emulator's issue tracker, where it is known there.
    #[serde(default)]
    pub upstream: Option<String>,
    /// The test that fails without it: a file of this repository, `::`, a name.
    pub test: String,
    /// What is changed.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// Lines of one file that are replaced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// The file, from the root of the emulator's source.
    pub file: String,
    /// First line that is replaced, and the last one, counted from 1 in the original. If the last is
    /// before the first, `text` is inserted before the first.
    pub lines: [usize; 2],
    /// What stands there instead.
    pub text: String,
}

/// The version and the files that the corrections were made for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Originals {
    /// The version of crate `unicorn-engine-sys`.
    pub version: String,
    /// SHA-256 of each file that a correction changes.
    pub files: BTreeMap<String, String>,
}

/// Reads all corrections of a folder, in the order of their names.
///
/// # Errors
/// If one cannot be read or is not written as it should be.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<(String, Correction)>, Error> {
    let listing = std::fs::read_dir(folder).map_err(Error::io(folder))?;
    let mut paths = Vec::new();
    for entry in listing {
        let path = entry.map_err(Error::io(folder))?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let named = paths.iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok((name.into_owned(), read(path)?))
    });
    named.collect()
}

/// Reads a TOML file.
///
/// # Errors
/// If it cannot be read or has other keys.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    toml::from_str(&text).map_err(|error| Error::Correction {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
