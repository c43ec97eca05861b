//! Positions in suite files, and errors at them.
//!
//! # Invariants
//!
//! Every error names the file, and the line if there is one.

use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::Spanned;

use host::program::bundled;
use protocol::similar::DidYouMean;

/// An error in a suite file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SuiteError {
    /// It cannot be read.
    #[error("cannot read {file}: {error}")]
    Unreadable {
        /// The suite file.
        file: String,
        /// Why.
        error: String,
    },
    /// It is not TOML, or has an unknown key, or a value of the wrong type or out of range.
    #[error("{file}: {message}")]
    Format {
        /// The suite file.
        file: String,
        /// Where and what, over several lines.
        message: String,
    },
    /// It is well-formed, but makes no sense.
    #[error("{file}, line {line}: {what}")]
    Content {
        /// The suite file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// It has no tests.
    #[error("{file}: there is no [[test]] in it")]
    Empty {
        /// The suite file.
        file: String,
    },
}

/// A suite file in which something may be wrong.
#[derive(Debug)]
pub struct EntryPlace<'a> {
    /// Its name.
    pub file: &'a str,
    /// Its content.
    pub text: &'a str,
    /// The folder of the files that it names; None if it may name bundled files only.
    pub folder: Option<&'a Path>,
}

impl EntryPlace<'_> {
    /// Returns an error at a value.
    pub fn error<T>(&self, at: &Spanned<T>, what: impl Into<String>) -> SuiteError {
        let line = self.text[..at.span().start].matches('\n').count() + 1;
        SuiteError::Content {
            file: self.file.to_owned(),
            line,
            what: what.into(),
        }
    }

    /// Returns the path of a file next to the suite file, if there is one.
    pub fn beside(&self, name: &str) -> Option<PathBuf> {
        let path = self.folder?.join(name);
        path.is_file().then_some(path)
    }

    /// Returns a program as `vmlab run` takes it: a file next to the suite file, or a bundled one.
    pub fn program(&self, name: &Spanned<String>) -> Result<String, SuiteError> {
        let word = name.get_ref();
        self.word(word, images::find(word).is_some())
            .ok_or_else(|| self.missing(name, "program"))
    }

    /// Returns the program of a test that names none: the source or executable with the test's
    /// name.
    pub fn program_of_name(&self, name: &Spanned<String>) -> Result<String, SuiteError> {
        let word = name.get_ref();
        [format!("{word}.c"), format!("{word}.S")]
            .iter()
            .find_map(|source| self.word(source, false))
            .map_or_else(|| self.program(name), Ok)
    }

    /// Returns a file to copy in, as `vmlab run --put` takes it.
    pub fn put(&self, put: &Spanned<String>) -> Result<String, SuiteError> {
        let (name, guest) = host::program::split(put.get_ref());
        let is_bundled = guest.is_none() && bundled(name).is_some();
        let Some(mut word) = self.word(name, is_bundled) else {
            return Err(self.missing(put, "file or program"));
        };
        if let Some(guest) = guest {
            word = format!("{word}:{guest}");
        }
        Ok(word)
    }

    /// Returns the content of a file next to the suite file, or of a bundled one.
    pub fn content(&self, name: &Spanned<String>) -> Result<Vec<u8>, SuiteError> {
        match self.beside(name.get_ref()) {
            Some(path) => host::host_file::read(&path)
                .map_err(|error| self.error(name, format!("'{}': {error}", name.get_ref()))),
            None => images::file(name.get_ref())
                .map(<[u8]>::to_vec)
                .ok_or_else(|| self.missing(name, "file")),
        }
    }

    /// Returns the name of something bundled, or a path that cannot be mistaken for one.
    fn word(&self, name: &str, is_bundled: bool) -> Option<String> {
        match self.beside(name) {
            Some(path) if path.components().count() == 1 => Some(format!("./{name}")),
            Some(path) => Some(path.display().to_string()),
            None => is_bundled.then(|| name.to_owned()),
        }
    }

    fn missing(&self, name: &Spanned<String>, what: &str) -> SuiteError {
        let beside = match self.folder {
            Some(_) => ", and no such file beside the suite file",
            None => "",
        };
        let name_only = host::program::split(name.get_ref()).0;
        let programs = images::programs().iter().map(|program| program.name);
        let similar = DidYouMean::among(name_only, programs);
        self.error(
            name,
            format!("there is no bundled {what} '{name_only}'{beside}{similar}"),
        )
    }
}
