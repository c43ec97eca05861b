//! The guest of a machine: a program, its arguments, and its files.
//!
//! # Invariants
//!
//! Every run of a guest starts with the same files, none of which replaces the program.

use std::error::Error;

use host::guest_dir::{GuestDir, GuestDirError};
use host::program::{self, GuestFile, Program};

/// A program, ready to be run on any number of machines.
#[derive(Clone, Debug)]
pub struct Guest {
    program: Program,
    args: Vec<String>,
    /// Files other than those that the program needs.
    put: Vec<GuestFile>,
}

impl Guest {
    /// Finds the program that `word` names (see [`Program::find`]) and the files that `put` names
    /// (see [`program::put`]).
    ///
    /// # Errors
    /// A message about what cannot be found, or would replace the program.
    pub fn find(word: &str, args: &[String], put: &[String]) -> Result<Guest, Box<dyn Error>> {
        let program = Program::find(word)?;
        let mut files = Vec::new();
        for put in put {
            let found = program::put(put)?;
            if found.iter().any(|file| file.name == program.name) {
                return Err(format!(
                    "--put {put} would replace the program itself; give it another name: \
                     --put HOST:NAME"
                )
                .into());
            }
            files.extend(found);
        }
        Ok(Guest::new(program, args.to_vec(), files))
    }

    /// Returns a guest with files of its own; none has the program's name.
    #[must_use]
    pub fn new(program: Program, args: Vec<String>, put: Vec<GuestFile>) -> Guest {
        Guest { program, args, put }
    }

    /// Copies all its files into a folder.
    ///
    /// # Errors
    /// [`GuestDirError::Put`] for the first that cannot be copied.
    pub fn put_into(&self, dir: &GuestDir) -> Result<(), GuestDirError> {
        let mut files = self.program.files.iter().chain(&self.put);
        files.try_for_each(|file| dir.put(file))
    }

    /// The command line as people read it.
    #[must_use]
    pub fn title(&self) -> String {
        self.command_line().replace('\0', " ")
    }

    /// The command line as the guest's kernel takes it: with zeros between the words if spaces could not tell
    /// them apart.
    pub fn command_line(&self) -> String {
        let mut words = vec![self.program.name.as_str()];
        words.extend(self.args.iter().map(String::as_str));
        let whole = |word: &&str| !word.is_empty() && !word.contains(' ');
        words.join(if words.iter().all(whole) { " " } else { "\0" })
    }
}
