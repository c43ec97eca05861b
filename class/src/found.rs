//! The submissions in a folder, and their students.
//!
//! # Invariants
//! A student has one submission. Students are sorted by name, whatever the order of the folder.

mod gradescope;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;

use self::gradescope::{MetadataError, Submitters};
use crate::plan::Submission;

/// Endings of archives, the longer ones first.
const ARCHIVES: [&str; 6] = [".tar.gz", ".bundle", ".tar", ".tgz", ".zip", ".rs"];
/// What Moodle appends to a student's name and number.
const MOODLE: &str = "_assignsubmission_file_";

/// Why the submissions cannot be determined.
#[derive(Debug, Error)]
pub enum FoundError {
    /// The folder cannot be read.
    #[error("{}: {error}", path.display())]
    Host {
        /// It.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The students of an export of Gradescope are unknown.
    #[error(transparent)]
    Gradescope(#[from] MetadataError),
    /// A student has two entries.
    #[error("{student} has two submissions, {first} and {second}: keep one")]
    Two {
        /// The student.
        student: String,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// A name is not text.
    #[error("{}: a name of a submission is text in UTF-8", .0.display())]
    Name(PathBuf),
    /// There is no submission.
    #[error("no submission in {}: there should be a folder or an archive for each student", .0.display())]
    Nothing(PathBuf),
    /// The roster cannot be read.
    #[error("{}: {error}; it has a line `student,late_days`, and one for each student", path.display())]
    Roster {
        /// It.
        path: PathBuf,
        /// Why.
        error: csv::Error,
    },
    /// A name cannot be the name of a folder.
    #[error("{path}: '{student}' cannot be the name of a folder, and each student gets one", path = path.display())]
    NoName {
        /// The roster.
        path: PathBuf,
        /// The name.
        student: String,
    },
    /// A student with a submission is not on the roster.
    #[error("{0} handed in, and is not on the roster")]
    Stranger(String),
}

/// Finds the submissions in a folder. With a roster there is one for each student on it, and no other.
///
/// # Errors
/// [`FoundError`]
pub fn submissions(folder: &Path, roster: Option<&Path>) -> Result<Vec<Submission>, FoundError> {
    let mut found = entries(folder)?;
    let Some(roster) = roster else {
        return match found.is_empty() {
            true => Err(FoundError::Nothing(folder.to_owned())),
            false => Ok(found
                .into_iter()
                .map(|(student, path)| submission(student, Some(path), 0))
                .collect()),
        };
    };
    let on_roster = read_roster(roster)?;
    let listed = on_roster.into_iter().map(|(student, late_days)| {
        let path = found.remove(&student);
        submission(student, path, late_days)
    });
    let listed = Vec::from_iter(listed);
    match found.into_keys().next() {
        Some(stranger) => Err(FoundError::Stranger(stranger)),
        None => Ok(listed),
    }
}

fn submission(student: String, path: Option<PathBuf>, late_days: u32) -> Submission {
    Submission {
        student,
        path,
        late_days,
    }
}

/// Returns the entries of the folder, by student.
fn entries(folder: &Path) -> Result<BTreeMap<String, PathBuf>, FoundError> {
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    let failed = |error| FoundError::Host {
        path: folder.to_owned(),
        error,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    let mut submitters = Submitters::read(folder)?;
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| FoundError::Name(path.clone()))?;
        let Some(entry) = student(name, path.is_dir()) else {
            continue;
        };
        let submission = alone_in(&path).unwrap_or(path.clone());
        for student in submitters.take(entry) {
            if let Some(other) = found.insert(student.clone(), submission.clone()) {
                return Err(FoundError::Two {
                    student,
                    first: name_of(&other),
                    second: name.to_owned(),
                });
            }
        }
    }
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Returns the student of an entry; None if it is not a submission.
fn student(name: &str, is_folder: bool) -> Option<String> {
    if name.starts_with('.') {
        return None;
    }
    let name = match is_folder {
        true => name,
        false => ARCHIVES
            .iter()
            .find_map(|ending| name.strip_suffix(ending))?,
    };
    let name = name.split_once(MOODLE).map_or(name, |(student, _)| student);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the only archive in a folder, which is how Moodle and Gradescope pack a single submitted file.
fn alone_in(folder: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let (only, more) = (entries.next()?, entries.next());
    let is_archive = only.file_type().is_ok_and(|kind| kind.is_file())
        && ARCHIVES
            .iter()
            .any(|ending| only.file_name().to_string_lossy().ends_with(ending));
    (more.is_none() && is_archive).then(|| only.path())
}

#[derive(Deserialize)]
struct Row {
    student: String,
    #[serde(default)]
    late_days: Option<u32>,
}

fn read_roster(path: &Path) -> Result<BTreeMap<String, u32>, FoundError> {
    let failed = |error| FoundError::Roster {
        path: path.to_owned(),
        error,
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(failed)?;
    let rows = reader.deserialize::<Row>();
    let rows = rows.map(|row| row.map(|row| (row.student, row.late_days.unwrap_or_default())));
    let rows: BTreeMap<String, u32> = rows.collect::<Result<_, _>>().map_err(failed)?;
    match rows.keys().find(|student| !is_folder_name(student)) {
        Some(student) => Err(FoundError::NoName {
            path: path.to_owned(),
            student: student.clone(),
        }),
        None => Ok(rows),
    }
}

/// Returns whether a name is that of a single folder, not one above.
fn is_folder_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(submissions: &[Submission]) -> Vec<(&str, bool, u32)> {
        let parts = |one: &'_ Submission| (one.path.is_some(), one.late_days);
        submissions
            .iter()
            .map(|one| (one.student.as_str(), parts(one).0, parts(one).1))
            .collect()
    }

    #[test]
    fn folders_and_archives_are_submissions_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("zoe")).unwrap();
        fs::create_dir(at("Ada Lovelace_17_assignsubmission_file_")).unwrap();
        fs::write(at("Ada Lovelace_17_assignsubmission_file_/vm.zip"), "").unwrap();
        for name in ["bob.tar.gz", "roster.csv", ".DS_Store", "notes.txt"] {
            fs::write(at(name), "").unwrap();
        }
        let found = submissions(folder.path(), None).unwrap();
        let expected = [
            ("Ada Lovelace_17", true, 0),
            ("bob", true, 0),
            ("zoe", true, 0),
        ];
        assert_eq!(names(&found), expected);
        assert!(found[0].path.as_ref().unwrap().ends_with("vm.zip"));
    }

    #[test]
    fn an_export_of_gradescope_has_the_students_that_it_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (entry, sid) in [("submission_1", "17"), ("submission_2", "4")] {
            fs::create_dir(at(entry)).unwrap();
            fs::write(at(entry).join("vm.zip"), "").unwrap();
            let mut metadata =
                fs::read_to_string(at("submission_metadata.yml")).unwrap_or_default();
            metadata += &format!("{entry}:\n  :submitters:\n  - :name: X\n    :sid: '{sid}'\n");
            fs::write(at("submission_metadata.yml"), metadata).unwrap();
        }
        let found = submissions(folder.path(), None).unwrap();
        assert_eq!(names(&found), [("17", true, 0), ("4", true, 0)]);
        assert!(
            found[1]
                .path
                .as_ref()
                .unwrap()
                .ends_with("submission_2/vm.zip")
        );
    }

    #[test]
    fn two_submissions_of_one_student_are_not_chosen_between() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bob")).unwrap();
        fs::write(folder.path().join("bob.zip"), "").unwrap();
        let error = submissions(folder.path(), None).unwrap_err().to_string();
        assert_eq!(error, "bob has two submissions, bob and bob.zip: keep one");
    }

    #[test]
    fn a_roster_has_who_handed_in_nothing_and_no_strangers() {
        let folder = tempfile::tempdir().unwrap();
        let roster = folder.path().join("roster.csv");
        fs::create_dir(folder.path().join("bob")).unwrap();
        fs::write(&roster, "student, late_days\nbob, 2\nada,\n").unwrap();
        let found = submissions(folder.path(), Some(&roster)).unwrap();
        assert_eq!(names(&found), [("ada", false, 0), ("bob", true, 2)]);
        fs::create_dir(folder.path().join("eve")).unwrap();
        let error = submissions(folder.path(), Some(&roster)).unwrap_err();
        assert_eq!(error.to_string(), "eve handed in, and is not on the roster");
        for name in ["../eve", "/etc", "..", "a/b", ""] {
            fs::write(&roster, format!("student,late_days\n\"{name}\",\n")).unwrap();
            let error = submissions(folder.path(), Some(&roster)).unwrap_err();
            assert!(
                matches!(error, FoundError::NoName { .. }),
                "{name}: {error}"
            );
        }
        fs::write(&roster, "name\nbob\n").unwrap();
        let error = submissions(folder.path(), Some(&roster)).unwrap_err();
        assert!(error.to_string().contains("student,late_days"), "{error}");
    }

    #[test]
    fn an_empty_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            submissions(folder.path(), None),
            Err(FoundError::Nothing(_))
        ));
    }
}
