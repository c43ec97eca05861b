//! What runs on a machine: a program, its arguments, and the files that it finds there.
//!
//! # Invariants
//!
//! Every run of a guest finds the same files; none of them replaces the program.

use std::error::Error;

use host::guest_dir::{GuestDir, GuestDirError};
use host::program::{self, GuestFile, Program};

/// A program, ready to be run on any number of machines.
#[derive(Clone, Debug)]
pub struct Guest {
    program: Program,
    args: Vec<String>,
    /// Files beside those that the program needs.
    put: Vec<GuestFile>,
}

impl Guest {
    /// The program that `word` names, as [`Program::find`] has it, with its arguments, and the
    /// files that `put` names, as [`program::put`] has them.
    ///
    /// # Errors
    /// What cannot be found, or would replace the program.
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
        Ok(Guest {
            program,
            args: args.to_vec(),
            put: files,
        })
    }

    /// Puts all its files into a folder.
    ///
    /// # Errors
    /// [`GuestDirError::Put`] for the first that cannot be put there.
    pub fn put_into(&self, dir: &GuestDir) -> Result<(), GuestDirError> {
        let mut files = self.program.files.iter().chain(&self.put);
        files.try_for_each(|file| dir.put(file))
    }

    /// The command line as people read it.
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
