//! A new version of a hand-out for students who have begun: one more commit on the one they started from, which
//! they merge into their work.
//!
//! # Invariants
//! - The same files on the same commit make the same commit, whoever makes it and when.
//! - Only a folder whose last commit is one of `vmlab handout` is changed, and only if everything in it is
//!   committed: no work of anyone is overwritten.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::git::{self, AUTHOR, GitError};
use crate::handout::{Handout, HandoutError, NoHandout};
use crate::open;
use crate::source::Source;
use crate::tree::{self, Files, HANDOUT, TreeError};
use crate::write::{self, WriteError};

/// Why a hand-out cannot be updated.
#[derive(Debug, Error)]
pub enum UpdateError {
    /// There is none.
    #[error("{} is no hand-out: it has no {HANDOUT}. Without --update one is made", .0.display())]
    NoHandout(PathBuf),
    /// It has other commits.
    #[error(
        "the last commit in {} is not one of `vmlab handout`. Update the hand-out that students pulled from; \
         they merge it into their work with `git pull`", .0.display()
    )]
    Worked(PathBuf),
    /// Something in it is not committed.
    #[error("{} has changes that are not committed; git status lists them", .0.display())]
    Changed(PathBuf),
    /// The kind of hand-out cannot be read.
    #[error(transparent)]
    Begun(#[from] NoHandout),
    /// The new version cannot be made.
    #[error(transparent)]
    Made(#[from] HandoutError),
    /// Its files cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Its files cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// The result of an update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Updated {
    /// It was up to date.
    Same,
    /// It has one more commit, with this name.
    Commit(String),
}

/// Brings a hand-out to what it would be if it were made of this tree now, as what it began as.
///
/// # Errors
/// Why it is not: somebody has worked in it, or it cannot be made. It is as it was then, unless the file system or
/// git stopped half-way.
pub fn renew(folder: &Path, source: &Source) -> Result<Updated, UpdateError> {
    check(folder)?;
    let begun = Handout::around(folder)?;
    let files = open::files_of(source, begun.kind, &begun.milestones)?;
    let message = format!("{}: a new version", source.course.lab.title);
    update(folder, &files, &message)
}

/// Checks that a folder is a hand-out without other changes.
///
/// # Errors
/// Why it is not.
fn check(folder: &Path) -> Result<(), UpdateError> {
    if !folder.join(HANDOUT).is_file() || !folder.join(".git").exists() {
        return Err(UpdateError::NoHandout(folder.to_owned()));
    }
    let author = git::make(folder, &["log", "-1", "--format=%an <%ae>"])?;
    if String::from_utf8_lossy(&author).trim() != AUTHOR {
        return Err(UpdateError::Worked(folder.to_owned()));
    }
    match git::make(folder, &["status", "--porcelain"])?.is_empty() {
        true => Ok(()),
        false => Err(UpdateError::Changed(folder.to_owned())),
    }
}

/// Makes a hand-out that passed [`check`] have these files, and commits them.
///
/// # Errors
/// What the file system or git says.
fn update(folder: &Path, files: &Files, message: &str) -> Result<Updated, UpdateError> {
    let there = tree::read(folder)?;
    if there == *files {
        return Ok(Updated::Same);
    }
    write::change(folder, &there, files)?;
    // By force: what git knows in the tree it is to know here, ignored elsewhere or not.
    for path in files.keys() {
        if !there.contains_key(path) {
            git::make(folder, &["add", "--force", "--", path])?;
        }
    }
    git::make(folder, &["add", "--update"])?;
    git::make(folder, &["commit", "--quiet", "--message", message])?;
    let name = git::make(folder, &["rev-parse", "HEAD"])?;
    Ok(Updated::Commit(
        String::from_utf8_lossy(&name).trim().to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::tree::File;
    use crate::{handout, toy, write};

    fn made() -> (TempDir, Files) {
        let files = handout::files(&toy::source(), &toy::from("1")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write::write(folder.path(), &files, "A toy").unwrap();
        (folder, files)
    }

    /// The next version: a file more, a file less, a file changed.
    fn next(files: &Files) -> Files {
        let mut next = files.clone();
        next.remove("launcher").expect("hand-outs have one");
        next.insert("docs/new.md".to_owned(), File::plain("new\n".to_owned()));
        next.insert("README.md".to_owned(), File::plain("again\n".to_owned()));
        next
    }

    /// A clone with a student's commit in it.
    fn student(handout: &Path, folder: &Path) {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        git::ask(
            Path::new("."),
            &["clone", "-q", &text(handout), &text(folder)],
        )
        .unwrap();
        fs::write(folder.join("vm/src/mine.rs"), "// mine\n").unwrap();
        git::ask(folder, &["add", "."]).unwrap();
        let me = ["-c", "user.name=me", "-c", "user.email=me@home"];
        let commit = ["commit", "-q", "-m", "my work"];
        git::ask(folder, &[&me[..], &commit].concat()).unwrap();
    }

    #[test]
    fn a_student_who_has_begun_merges_the_new_version() {
        let (handout, files) = made();
        let home = tempfile::tempdir().unwrap();
        let mine = home.path().join("mine");
        student(handout.path(), &mine);

        check(handout.path()).unwrap();
        let updated = update(handout.path(), &next(&files), "A toy, again").unwrap();
        assert!(matches!(updated, Updated::Commit(_)));
        assert_eq!(tree::read(handout.path()).unwrap(), next(&files));

        let me = ["-c", "user.name=me", "-c", "user.email=me@home"];
        let pull = ["pull", "-q", "--no-rebase", "--no-edit"];
        git::ask(&mine, &[&me[..], &pull].concat()).unwrap();
        let mut expected = next(&files);
        expected.insert(
            "vm/src/mine.rs".to_owned(),
            File::plain("// mine\n".to_owned()),
        );
        assert_eq!(tree::read(&mine).unwrap(), expected);
    }

    #[test]
    fn the_same_version_on_the_same_commit_is_the_same_commit_and_nothing_new_is_none() {
        let commits = [(); 2].map(|()| {
            let (handout, files) = made();
            assert_eq!(update(handout.path(), &files, "x").unwrap(), Updated::Same);
            let updated = update(handout.path(), &next(&files), "A toy, again").unwrap();
            assert_eq!(
                update(handout.path(), &next(&files), "x").unwrap(),
                Updated::Same
            );
            updated
        });
        assert_eq!(commits[0], commits[1]);
    }

    #[test]
    fn where_somebody_has_worked_nothing_is_touched() {
        let (handout, _) = made();
        let home = tempfile::tempdir().unwrap();
        let mine = home.path().join("mine");
        student(handout.path(), &mine);
        assert!(matches!(check(&mine), Err(UpdateError::Worked(_))));
        fs::write(handout.path().join("README.md"), "scribbled\n").unwrap();
        assert!(matches!(
            check(handout.path()),
            Err(UpdateError::Changed(_))
        ));
        assert!(matches!(check(home.path()), Err(UpdateError::NoHandout(_))));
    }
}
