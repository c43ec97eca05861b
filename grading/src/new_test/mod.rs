//! A folder with a suite of one's own to start from: a C program, an assembly program, their
//! expected output, and the suite file.
//!
//! # Invariants
//!
//! The new suite passes. Nothing is overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use host::guest_name::MAX_NAME;
use thiserror::Error;

use crate::suite::SUITE_FILE;

/// The suffix of the assembly program's name.
const ASSEMBLY: &str = "-asm";

/// Why the test cannot be made.
#[derive(Debug, Error)]
pub enum NewTestError {
    /// The name is not valid for a program.
    #[error(
        "'{0}' cannot be the name of a test: it has 1 to {most} letters, digits and '-'",
        most = MAX_NAME - ASSEMBLY.len()
    )]
    Name(String),
    /// A file or folder of this name exists.
    #[error(
        "there is a '{0}' already; choose another name, or remove it first (to run its tests: \
         vmlab grade --suite {0})"
    )]
    Taken(String),
    /// The folder or a file in it cannot be made.
    #[error("cannot make {}: {error}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Makes the folder `name` in `parent`; returns the files in it.
///
/// # Errors
/// [`NewTestError`], for example if a folder or file of this name exists.
pub fn write(parent: &Path, name: &str) -> Result<Vec<PathBuf>, NewTestError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = (1..=MAX_NAME - ASSEMBLY.len()).contains(&name.len());
    if !fits || !name.chars().all(is_plain) || name.starts_with('-') {
        return Err(NewTestError::Name(name.to_owned()));
    }
    let folder = parent.join(name);
    let failed = |path: &Path, error| NewTestError::File {
        path: path.to_owned(),
        error,
    };
    fs::create_dir(&folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => NewTestError::Taken(name.to_owned()),
        _ => failed(&folder, error),
    })?;
    let files = [
        (format!("{name}.c"), include_str!("program.c")),
        (format!("{name}{ASSEMBLY}.S"), include_str!("program.S")),
        (format!("{name}.txt"), include_str!("expected.txt")),
        (SUITE_FILE.to_owned(), include_str!("suite.toml")),
    ];
    let mut written = Vec::new();
    for (file, template) in files {
        let path = folder.join(file);
        fs::write(&path, template.replace("@NAME@", name)).map_err(|error| failed(&path, error))?;
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn what_is_written_is_a_suite() {
        let parent = tempfile::tempdir().unwrap();
        let files = write(parent.path(), "demo-12345").unwrap();
        assert_eq!(files.len(), 4);
        let suite = Suite::read(&parent.path().join("demo-12345")).unwrap();
        assert_eq!((suite.name.as_str(), suite.tests.len()), ("demo-12345", 2));
    }

    #[test]
    fn names_fit_and_nothing_is_overwritten() {
        let parent = tempfile::tempdir().unwrap();
        for bad in ["", "a b", "../x", "-x", "demo-123456", "a/b"] {
            let refused = write(parent.path(), bad);
            assert!(matches!(refused, Err(NewTestError::Name(_))), "{bad}");
        }
        write(parent.path(), "a").unwrap();
        assert!(matches!(
            write(parent.path(), "a"),
            Err(NewTestError::Taken(_))
        ));
    }
}
