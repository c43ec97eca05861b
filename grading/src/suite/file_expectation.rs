//! What a test expects of the guest's files after the run.
//!
//! # Invariants
//!
//! An expectation is about a name that a guest's file can have, and says one thing about it.

use serde::Deserialize;
use toml::Spanned;

use super::place::{EntryPlace, SuiteError};
use host::guest_name::GuestName;

/// The expectation about one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileExpectation {
    /// Its name.
    pub name: GuestName,
    /// The expected state.
    pub state: FileState,
}

/// What a file can be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileState {
    /// There, with just these bytes.
    Content(Vec<u8>),
    /// Not there.
    Absent,
}

/// The table in the suite file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileEntry {
    name: Spanned<String>,
    content: Option<String>,
    same_as: Option<Spanned<String>>,
    absent: Option<bool>,
}

impl FileExpectation {
    /// Checks what a suite file says.
    ///
    /// # Errors
    /// [`SuiteError`] if that is not one of the three states, no guest can have the name, or the other file cannot
    /// be read.
    pub fn check(place: &EntryPlace<'_>, entry: FileEntry) -> Result<FileExpectation, SuiteError> {
        let name = GuestName::new(entry.name.get_ref())
            .map_err(|error| place.error(&entry.name, error.to_string()))?;
        let state = match (entry.content, entry.same_as, entry.absent) {
            (Some(content), None, None) => FileState::Content(content.into_bytes()),
            (None, Some(file), None) => FileState::Content(place.content(&file)?),
            (None, None, Some(true)) => FileState::Absent,
            _ => {
                let what = format!(
                    "'{name}' needs one of: content = \"TEXT\", same-as = \"FILE\", absent = true"
                );
                return Err(place.error(&entry.name, what));
            }
        };
        Ok(FileExpectation { name, state })
    }
}
