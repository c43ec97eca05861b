//! All files of a hand-out, made from a tree and the milestones that are left to do.
//!
//! # Invariants
//! A hand-out has no links: where the tree has one, it has the files that the link leads to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;

use crate::course::{self, Course, CourseError};
use crate::ids::{Milestone, Unsolved};
use crate::lock::{self, LockError};
use crate::manifest::{self, ManifestError};
use crate::regions::Part;
use crate::rubric;
use crate::source::Source;
use crate::transform::{self, Home};
use crate::tree::{File, Files, HANDOUT, README};

/// The rubric that `vmlab grade` has built in.
const RUBRIC: &str = "grading/rubric.toml";
/// The first line of a crate with unwritten functions.
const ALLOWANCE: &str =
    "#![allow(unused, unreachable_code)] // until the last task of the lab is written\n";

/// Why a hand-out cannot be made.
#[derive(Debug, Error)]
pub enum HandoutError {
    /// A manifest does not have the expected form.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// `Cargo.lock` does not have the expected form.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The crate of open hand-outs does not have the expected form.
    #[error("{file}: {problem}")]
    Open {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A required text file is missing or not text.
    #[error("{0} is missing, or is no text")]
    Missing(String),
}

/// The files of a hand-out.
///
/// # Errors
/// Why it cannot be made.
pub fn files(source: &Source, unsolved: &Unsolved) -> Result<Files, HandoutError> {
    let mut files = given_files(source, unsolved);
    let readme = text_of(source.files(), README)?;
    files.insert("README.md".to_owned(), File::plain(readme));
    files.remove(README);
    let rubric = File::plain(rubric::text(&source.course));
    files.insert(RUBRIC.to_owned(), rubric);
    let description = description(Kind::Marked, unsolved);
    files.insert(HANDOUT.to_owned(), File::plain(description));
    for path in crates_with_tasks(source, unsolved) {
        edit(&mut files, &path, |text| Ok(allowing(text)))?;
    }
    let course = &source.course;
    edit(&mut files, "vm/Cargo.toml", |text| {
        Ok(manifest::with_milestones(text, course, unsolved)?)
    })?;
    reduce_workspace(&mut files)?;
    Ok(files)
}

/// Reduces the workspace and its lock file to what is handed out.
///
/// # Errors
/// One of them does not have the expected form.
pub(crate) fn reduce_workspace(files: &mut Files) -> Result<(), HandoutError> {
    let members = manifest::members(&text_of(files, "Cargo.toml")?)?;
    let (kept, names) = kept_members(files, &members)?;
    edit(files, "Cargo.toml", |text| {
        Ok(manifest::with_members(text, &kept)?)
    })?;
    edit(files, "Cargo.lock", |text| Ok(lock::reduced(text, &names)?))
}

/// Returns the files of the tree that are handed out, without the solutions.
pub(crate) fn given_files(source: &Source, unsolved: &Unsolved) -> Files {
    let mut files = Files::new();
    for (path, file) in source.files() {
        if source.course.leaves_out(path) {
            continue;
        }
        files.extend(given(source, path, file, unsolved));
    }
    files
}

/// Returns what a hand-out has for a file, without the solutions: the file itself, or those behind a link.
pub(crate) fn given<'a>(
    source: &'a Source,
    path: &'a str,
    file: &'a File,
    unsolved: &'a Unsolved,
) -> impl Iterator<Item = (String, File)> {
    let behind = source.behind(path, file).into_iter();
    behind.map(|(place, own_path, file)| {
        let mut file = file.clone();
        if let Some(parts) = source.marked().get(own_path) {
            file.bytes = transform::text(parts, Home::of(own_path), unsolved).into_bytes();
        }
        (place, file)
    })
}

/// Returns the roots of the crates in which something is left to do.
fn crates_with_tasks(source: &Source, unsolved: &Unsolved) -> BTreeSet<String> {
    let is_left = |part: &Part| match part {
        Part::Task(task) => unsolved.has(task.id.milestone),
        Part::Only { milestone, .. } => unsolved.has(*milestone),
        Part::Plain(_) | Part::Tests { .. } | Part::Example { .. } => false,
    };
    let marked = source.marked().iter();
    let left = marked.filter(|(_, parts)| parts.iter().any(is_left));
    left.filter_map(|(path, _)| path.split_once("/src/"))
        .map(|(folder, _)| format!("{folder}/src/lib.rs"))
        .collect()
}

/// Returns the text of a crate's root, in which warnings about unused code are off.
fn allowing(text: &str) -> String {
    let is_documentation = |line: &&str| line.starts_with("//!") || line.trim().is_empty();
    let head: usize = text
        .split_inclusive('\n')
        .take_while(is_documentation)
        .map(str::len)
        .sum();
    format!("{}{ALLOWANCE}{}", &text[..head], &text[head..])
}

/// Returns the members of the workspace that are handed out, and the names of their packages.
fn kept_members(
    files: &Files,
    members: &[String],
) -> Result<(Vec<String>, BTreeSet<String>), HandoutError> {
    let mut kept = Vec::new();
    let mut names = BTreeSet::new();
    for member in members {
        let path = format!("{member}/Cargo.toml");
        if files.contains_key(&path) {
            names.insert(manifest::package(&path, &text_of(files, &path)?)?);
            kept.push(member.clone());
        }
    }
    Ok((kept, names))
}

/// Returns the text of [`HANDOUT`].
pub(crate) fn description(kind: Kind, unsolved: &Unsolved) -> String {
    let numbers: Vec<String> = unsolved.0.iter().map(ToString::to_string).collect();
    let kind = match kind {
        Kind::Marked => "",
        Kind::Open => "kind = \"open\"\n",
    };
    format!(
        "# By this file a folder is a hand-out. The milestones that are left to do:\n\
         milestones = [{}]\n{kind}",
        numbers.join(", ")
    )
}

/// What students start from.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The design of this tree, with tasks to write.
    #[default]
    Marked,
    /// A kernel without paging; the design is theirs, and the milestones are a guide.
    Open,
}

pub(crate) fn text_of(files: &Files, path: &str) -> Result<String, HandoutError> {
    let text = files.get(path).and_then(File::text);
    text.map(str::to_owned)
        .ok_or_else(|| HandoutError::Missing(path.to_owned()))
}

pub(crate) fn edit(
    files: &mut Files,
    path: &str,
    change: impl FnOnce(&str) -> Result<String, HandoutError>,
) -> Result<(), HandoutError> {
    let text = change(&text_of(files, path)?)?;
    files.insert(path.to_owned(), File::plain(text));
    Ok(())
}

impl Kind {
    /// The feature of crate `vm` that has the tests of a milestone, where they are apart from the others.
    #[must_use]
    pub fn feature(self, milestone: Milestone) -> Option<String> {
        match self {
            Kind::Marked => Some(milestone.feature()),
            Kind::Open => None,
        }
    }
}

/// A student's hand-out in a folder.
#[derive(Debug)]
pub struct Handout {
    /// Its root.
    pub root: PathBuf,
    /// Its course.
    pub course: Course,
    /// The milestones that were left to do.
    pub milestones: Unsolved,
    /// The kind of hand-out it is.
    pub kind: Kind,
}

/// Why a folder is not in a hand-out.
#[derive(Debug, Error)]
pub enum NoHandout {
    /// It is in the tree with the solutions.
    #[error("this is the whole kernel, not a hand-out; make one with `vmlab handout DIR`")]
    Whole,
    /// It is somewhere else.
    #[error("this folder is not in a hand-out: neither it nor one above it has {HANDOUT}")]
    Elsewhere,
    /// A file of the hand-out cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Its course.
    #[error(transparent)]
    Course(#[from] CourseError),
    /// Its description.
    #[error("{HANDOUT}: {0}")]
    Format(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    milestones: BTreeSet<Milestone>,
    #[serde(default)]
    kind: Kind,
}

impl Handout {
    /// The hand-out that a folder is in.
    ///
    /// # Errors
    /// Why it is in none.
    pub fn around(folder: &Path) -> Result<Handout, NoHandout> {
        let above = |file: &str| folder.ancestors().find(|root| root.join(file).is_file());
        let Some(root) = above(HANDOUT) else {
            return Err(match above(course::PATH) {
                Some(_) => NoHandout::Whole,
                None => NoHandout::Elsewhere,
            });
        };
        let description: Description = toml::from_str(&read(&root.join(HANDOUT))?)
            .map_err(|error| NoHandout::Format(error.to_string().trim_end().to_owned()))?;
        let course = Course::parse(&read(&root.join(course::PATH))?)?;
        for &milestone in &description.milestones {
            course.stage(milestone)?;
        }
        Ok(Handout {
            root: root.to_owned(),
            course,
            milestones: Unsolved(description.milestones),
            kind: description.kind,
        })
    }
}

/// The course of the tree or hand-out that a folder is in.
///
/// # Errors
/// That it is in none, or cannot be read.
pub fn course_around(folder: &Path) -> Result<Course, NoHandout> {
    let mut above = folder.ancestors().map(|root| root.join(course::PATH));
    let path = above.find(|path| path.is_file());
    Ok(Course::parse(&read(&path.ok_or(NoHandout::Elsewhere)?)?)?)
}

fn read(path: &Path) -> Result<String, NoHandout> {
    fs::read_to_string(path).map_err(|error| NoHandout::Unreadable {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;
    use crate::tree::Mode;

    fn handout(first: &str) -> Files {
        files(&toy::source(), &toy::from(first)).unwrap()
    }

    fn text(files: &Files, path: &str) -> String {
        files[path].text().unwrap().to_owned()
    }

    #[test]
    fn what_is_left_out_is_not_there_and_all_else_is() {
        let files = handout("1");
        let mut expected: BTreeSet<String> = toy::files().into_keys().collect();
        for gone in ["secret/Cargo.toml", "secret/answers.md", README] {
            assert!(expected.remove(gone));
        }
        expected.insert(HANDOUT.to_owned());
        assert_eq!(files.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert_eq!(files["launcher"], toy::files()["launcher"]);
        assert_eq!(files["launcher"].mode, Mode::Executable);
    }

    #[test]
    fn students_get_their_own_readme_and_rubric() {
        let files = handout("1");
        assert_eq!(text(&files, "README.md"), "For students.\n");
        assert!(text(&files, RUBRIC).contains("title = \"1: grow\"\nweight = 40\n"));
    }

    #[test]
    fn solved_milestones_are_there_without_their_marks() {
        let files = handout("2");
        assert!(text(&files, "vm/src/grow.rs").contains("self.next_page_of_zeros()"));
        assert!(text(&files, "vm/src/swap.rs").contains("not_yet(\"2.1: write it out\")"));
        assert!(text(&files, "vm/src/swap.rs").contains("\n    u32::MAX\n"));
        for (path, file) in &files {
            let text = file.text().unwrap_or_default();
            assert!(
                !text.lines().any(|line| line.trim().starts_with("// lab ")),
                "{path}"
            );
        }
    }

    #[test]
    fn a_crate_with_tasks_says_that_things_are_unused() {
        let head = "//! A crate.\n\n#![allow(unused, unreachable_code)] // until the last task";
        assert!(text(&handout("1"), "vm/src/lib.rs").starts_with(head));
        assert_eq!(
            text(&handout("3"), "vm/src/lib.rs"),
            toy::files()["vm/src/lib.rs"].text().unwrap()
        );
        assert!(text(&handout("3"), "userprog/src/lib.rs").starts_with("#![allow(unused"));
    }

    #[test]
    fn cargo_knows_what_is_left_of_the_workspace() {
        let files = handout("1");
        let members = "members = [\"vm\", \"userprog\"]\n";
        assert!(text(&files, "Cargo.toml").contains(members));
        assert!(!text(&files, "Cargo.lock").contains("hidden"));
        assert!(
            text(&files, "vm/Cargo.toml")
                .contains("milestone-3 = [\"milestone-1\", \"milestone-2\"]")
        );
    }

    #[test]
    fn a_hand_out_is_known_from_any_of_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("vm/src");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir_all(folder.path().join("lab")).unwrap();
        let known = || Handout::around(&inner);
        assert!(matches!(known(), Err(NoHandout::Elsewhere)));
        fs::write(folder.path().join(course::PATH), toy::COURSE).unwrap();
        assert!(matches!(known(), Err(NoHandout::Whole)));
        assert_eq!(course_around(&inner).unwrap().lab.title, "A toy");
        for kind in [Kind::Marked, Kind::Open] {
            let text = description(kind, &toy::from("2"));
            fs::write(folder.path().join(HANDOUT), text).unwrap();
            let handout = known().unwrap();
            assert_eq!(
                (handout.root.as_path(), handout.milestones, handout.kind),
                (folder.path(), toy::from("2"), kind)
            );
        }
    }
}
