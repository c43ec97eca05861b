//! An edit of the sources: one expression in the place of another.
//!
//! # Invariants
//!
//! An edit whose place was found fits its file exactly once.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why an edit does not fit.
#[derive(Debug, Error)]
pub enum EditError {
    /// Its file cannot be read.
    #[error("{name}: {}: {error}", path.display())]
    Unreadable {
        /// The edit.
        name: String,
        /// Its file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What it looks for is not in a text exactly once.
    #[error("{name}: this is in {of} {count} times, not once:\n{find}")]
    NotOnce {
        /// The edit.
        name: String,
        /// What it looks for.
        find: String,
        /// Where.
        of: String,
        /// How many times it is there.
        count: usize,
    },
}

/// An edit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Edit {
    /// Its name.
    pub name: String,
    /// The file, from the root of the workspace.
    pub file: String,
    /// The expression that is replaced.
    pub find: String,
    /// What is put in its place, of the same type.
    pub replace: String,
    /// A longer text with the expression, where that alone is not unique.
    pub within: Option<String>,
}

impl Edit {
    /// Checks that it fits the sources in `root`.
    ///
    /// # Errors
    /// If its expression is not in its file exactly once.
    pub fn check(&self, root: &Path) -> Result<(), EditError> {
        let path = root.join(&self.file);
        match std::fs::read_to_string(&path) {
            Ok(text) => self.place(&text).map(drop),
            Err(error) => Err(EditError::Unreadable {
                name: self.name.clone(),
                path,
                error,
            }),
        }
    }

    /// Where in the text of its file its expression is.
    ///
    /// # Errors
    /// If it is not there exactly once.
    pub fn place(&self, text: &str) -> Result<Range<usize>, EditError> {
        let around = self.within.as_ref().unwrap_or(&self.find);
        let outer = self.only(text, around, &self.file)?;
        let inner = self.only(around, &self.find, "its own `within`")?;
        let start = outer + inner;
        Ok(start..start + self.find.len())
    }

    fn only(&self, text: &str, find: &str, of: &str) -> Result<usize, EditError> {
        let mut places = text.match_indices(find).map(|(at, _)| at);
        match (places.next(), places.count()) {
            (Some(at), 0) => Ok(at),
            (first, others) => Err(EditError::NotOnce {
                name: self.name.clone(),
                find: find.to_owned(),
                of: of.to_owned(),
                count: usize::from(first.is_some()) + others,
            }),
        }
    }
}
