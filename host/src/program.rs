//! The programs that `vmlab run` can run: a bundled one, any ELF32 executable of the host, or a C
//! or assembly source, which is compiled first.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::compile::{CompileError, compile, is_source};
use crate::guest_name::{GuestName, NameError};
use crate::host_file;
use protocol::similar::DidYouMean;

/// A program and the files that it needs in the guest's file directory.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name there, which is also its `argv[0]` and its name in messages.
    pub name: GuestName,
    /// All files it needs, itself first; their names are distinct.
    pub files: Vec<GuestFile>,
}

/// A file for the guest's file directory.
#[derive(Clone, Debug)]
pub struct GuestFile {
    /// Its name there.
    pub name: GuestName,
    /// Its content.
    pub content: Vec<u8>,
}

/// Why a program or file cannot be used.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// Neither bundled nor a file.
    #[error(
        "there is no bundled program and no file '{word}'{similar}; `vmlab list` shows what is bundled"
    )]
    Unknown {
        /// What was asked for.
        word: String,
        /// What there is.
        similar: DidYouMean,
    },
    /// A file of the host cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A source cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The guest cannot use the name of a file of the host.
    #[error("{error}; {way_out}")]
    Name {
        /// What is wrong with it.
        error: NameError,
        /// What to do.
        way_out: String,
    },
    /// The guest's command line would be split in the program's name.
    #[error(
        "the program's name '{0}' has a space in it, at which its command line would be split; rename or copy the file"
    )]
    Space(GuestName),
}

impl Program {
    /// Finds what the user named: a path if it has a `/` in it; otherwise a bundled program, or a
    /// file if there is none of this name.
    ///
    /// # Errors
    /// [`ProgramError`] if there is none, it cannot be read or compiled, or no guest can have its name.
    pub fn find(word: &str) -> Result<Program, ProgramError> {
        let path = Path::new(word);
        if !word.contains('/') {
            if let Some(program) = images::find(word) {
                return Ok(Program::bundled(program));
            }
            if !path.exists() {
                return Err(unknown(word));
            }
        }
        Program::of_file(path)
    }

    /// Reads a program of the host, whatever bundled one has its name; a source is compiled.
    ///
    /// # Errors
    /// [`ProgramError`] if it cannot be read, or has a name that no guest can have.
    pub fn of_file(path: &Path) -> Result<Program, ProgramError> {
        let name = name_of(path).map_err(|error| ProgramError::Name {
            error,
            way_out: "rename or copy the file".to_owned(),
        })?;
        let content = read(path)?;
        if name.as_str().contains(' ') {
            return Err(ProgramError::Space(name));
        }
        Ok(Program {
            name: name.clone(),
            files: vec![GuestFile { name, content }],
        })
    }

    fn bundled(program: &'static images::Program) -> Program {
        let name = known(program.name);
        Program {
            name,
            files: with_needs(program),
        }
    }
}

fn unknown(word: &str) -> ProgramError {
    let programs = images::programs().iter().map(|program| program.name);
    ProgramError::Unknown {
        word: word.to_owned(),
        similar: DidYouMean::among(word, programs),
    }
}

/// Returns a bundled file, or a bundled program and all files it needs, directly or indirectly.
#[must_use]
pub fn bundled(name: &str) -> Option<Vec<GuestFile>> {
    if let Some(program) = images::find(name) {
        return Some(with_needs(program));
    }
    let content = images::file(name)?.to_vec();
    Some(vec![GuestFile {
        name: known(name),
        content,
    }])
}

fn with_needs(program: &'static images::Program) -> Vec<GuestFile> {
    images::guest_files(program)
        .into_iter()
        .map(|(name, content)| GuestFile {
            name: known(name),
            content: content.to_vec(),
        })
        .collect()
}

/// Returns the name of something bundled, which `images` has checked.
fn known(name: &str) -> GuestName {
    GuestName::new(name).expect("bundled names are guest names")
}

/// Returns what `--put HOST[:GUEST]` names: a file of the host (a source is compiled), or a bundled
/// one if the host has none of this name.
///
/// # Errors
/// [`ProgramError`] if there is none, it cannot be read or compiled, or no guest can have its name.
pub fn put(argument: &str) -> Result<Vec<GuestFile>, ProgramError> {
    let (host, guest) = split(argument);
    let path = Path::new(host);
    if !host.contains('/') && !path.exists() && guest.is_none() {
        return bundled(host).ok_or_else(|| unknown(host));
    }
    let content = read(path)?;
    let name = guest.map_or_else(|| name_of(path), GuestName::new);
    let name = name.map_err(|error| ProgramError::Name {
        error,
        way_out: format!("give it another one there: --put {host}:NAME"),
    })?;
    Ok(vec![GuestFile { name, content }])
}

/// Splits `A:B` at its last colon; without one, or if a `/` follows it, all of it is `A`.
#[must_use]
pub fn split(argument: &str) -> (&str, Option<&str>) {
    match argument.rsplit_once(':') {
        Some((first, second)) if !first.is_empty() => (first, Some(second)),
        _ => (argument, None),
    }
}

/// Returns the guest's name of a file: its base name, for a source that of its program.
fn name_of(path: &Path) -> Result<GuestName, NameError> {
    if is_source(path) {
        GuestName::of_path(&path.with_extension(""))
    } else {
        GuestName::of_path(path)
    }
}

/// Returns the content of a file, or what it is compiled to.
fn read(path: &Path) -> Result<Vec<u8>, ProgramError> {
    if is_source(path) && path.is_file() {
        return Ok(compile(path)?);
    }
    host_file::read(path).map_err(|error| ProgramError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_slash_is_a_bundled_program_first() {
        let program = Program::find("hello").unwrap();
        assert_eq!(program.name.as_str(), "hello");
        assert_eq!(program.files[0].content[..4], *b"\x7fELF");
    }

    #[test]
    fn a_name_with_a_slash_is_a_path() {
        assert!(matches!(
            Program::find("./hello"),
            Err(ProgramError::Unreadable { .. })
        ));
        assert!(Program::find("/dev/zero").is_err());
        assert!(put("/dev/zero").is_err());
    }

    #[test]
    fn an_unknown_name_is_neither_and_may_be_a_slip() {
        let refusal = |word| match Program::find(word) {
            Err(error @ ProgramError::Unknown { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(!refusal("no-such-thing").contains("did you mean"));
        assert_eq!(
            refusal("page-liner"),
            "there is no bundled program and no file 'page-liner' (did you mean page-linear?); \
             `vmlab list` shows what is bundled"
        );
    }

    #[test]
    fn an_executable_keeps_its_base_name_if_the_guest_can_use_it() {
        let folder = tempfile::tempdir().unwrap();
        let find = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "x").unwrap();
            Program::find(path.to_str().unwrap())
        };
        assert_eq!(find("prog").unwrap().name.as_str(), "prog");
        assert!(matches!(
            find("name-of-15-byte"),
            Err(ProgramError::Name { .. })
        ));
        assert!(matches!(find("a b"), Err(ProgramError::Space(_))));
    }

    #[test]
    fn every_bundled_program_comes_with_all_it_needs() {
        for program in images::programs() {
            let files = bundled(program.name).unwrap();
            assert_eq!(files[0].name.as_str(), program.name);
            assert!(
                program
                    .needs
                    .iter()
                    .all(|&need| files.iter().any(|f| f.name.as_str() == need))
            );
        }
    }

    #[test]
    fn an_argument_is_split_at_its_last_colon() {
        assert_eq!(split("a:b"), ("a", Some("b")));
        assert_eq!(split("/x/a:1:b"), ("/x/a:1", Some("b")));
        assert_eq!(split("a"), ("a", None));
        assert_eq!(split(":b"), (":b", None));
    }
}
