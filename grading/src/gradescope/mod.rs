//! The upload for Gradescope: a folder with `setup.sh`, `run_autograder` and a copy of the tree, to be put into a zip
//! file. Submissions are graded there by `vmlab submit grade`, behind the walls of every class.
//!
//! # Invariants
//!
//! The folder must be new or empty, so that nothing is overwritten. The copy is a git repository of what git knows in
//! the tree: no build output, no history, links that stay in it.

use std::fs;
use std::path::{Path, PathBuf};

use host::shell::quoted;
use lab::course;
use lab::handout::{Handout, NoHandout};
use lab::tree::{self, File, Files, HANDOUT, Mode, TreeError};
use lab::write::{self, WriteError};
use thiserror::Error;

const SETUP: &str = include_str!("setup.sh");
const RUN: &str = include_str!("run_autograder");

/// Why the upload cannot be made.
#[derive(Debug, Error)]
pub enum UploadError {
    /// There is no tree to copy.
    #[error(
        "{} is not the tree that hand-outs are made of, which has a file 'vmlab' and a folder 'class'; \
         run this there, or name it with --project", .0.display()
    )]
    NoProject(PathBuf),
    /// The folder is no hand-out.
    #[error("--handout {}: {error}", folder.display())]
    NoHandout {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        error: NoHandout,
    },
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The folder cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What is graded, and how.
#[derive(Debug)]
pub struct Autograder<'a> {
    /// The tree that hand-outs are made of.
    pub project: &'a Path,
    /// The hand-out that the students had, if it is not that of all milestones.
    pub handout: Option<&'a Path>,
    /// More options of `vmlab submit grade`.
    pub options: &'a [String],
}

impl Autograder<'_> {
    /// Writes the upload into `target`.
    ///
    /// # Errors
    /// [`UploadError`]; what was written until then stays.
    pub fn write(&self, target: &Path) -> Result<(), UploadError> {
        let no_project = || UploadError::NoProject(self.project.to_owned());
        let root = tree::root(self.project).map_err(|error| match error {
            TreeError::NoCheckout { .. } => no_project(),
            error => error.into(),
        })?;
        let project = tree::read(&root)?;
        if !["vmlab", "class/Cargo.toml"]
            .iter()
            .all(|path| project.contains_key(*path))
        {
            return Err(no_project());
        }
        write::check(target, &root)?;
        let mut options: Vec<String> = self.options.iter().map(|word| quoted(word)).collect();
        if let Some(folder) = self.handout {
            options.push("--handout=../handout".to_owned());
            for (path, file) in description(folder)? {
                write::write_file(&target.join("handout").join(path), &file)?;
            }
        }
        let run = RUN.replace("@OPTIONS@", &options.join(" "));
        write::write_file(&target.join("run_autograder"), &script(&run))?;
        write::write_file(&target.join("setup.sh"), &script(SETUP))?;
        write::write(
            &target.join("project"),
            &project,
            "The tree of the autograder",
        )?;
        Ok(())
    }
}

/// Returns the files that say what a hand-out leaves to do. It may be a copy, without git.
fn description(folder: &Path) -> Result<Files, UploadError> {
    let handout = Handout::around(folder).map_err(|error| UploadError::NoHandout {
        folder: folder.to_owned(),
        error,
    })?;
    let read = |path: &str| {
        let whole = handout.root.join(path);
        match fs::read_to_string(&whole) {
            Ok(text) => Ok((path.to_owned(), File::plain(text))),
            Err(error) => Err(WriteError::Io { path: whole, error }),
        }
    };
    Ok(Files::from([read(HANDOUT)?, read(course::PATH)?]))
}

fn script(text: &str) -> File {
    File {
        bytes: text.into(),
        mode: Mode::Executable,
    }
}
