//! The tests that passed in their last run, in `target/lab/passed` of the hand-out.
//!
//! # Invariants
//! A test is in the file from the run in which it passed to the run in which it did not; tests that
//! were not run stay as they were.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::course::Stage;
use crate::ids::Milestone;

/// The tests that passed last time.
#[derive(Debug)]
pub struct Progress {
    file: PathBuf,
    passed: BTreeSet<String>,
}

/// The state of a milestone, by the last results of its tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The number of bundled tests that passed.
    pub passed: usize,
    /// The number of bundled tests.
    pub tests: usize,
    /// Whether crate `vm`'s own tests of the milestone passed.
    pub kernel_passed: bool,
}

impl Standing {
    /// Whether nothing is left to show.
    #[must_use]
    pub fn is_done(self) -> bool {
        self.passed == self.tests && self.kernel_passed
    }
}

impl Progress {
    /// Reads that of the hand-out with this root; nothing has passed if there is no file.
    ///
    /// # Errors
    /// That the file cannot be read.
    pub fn read(root: &Path) -> io::Result<Progress> {
        let file = root.join("target/lab/passed");
        let passed = match fs::read_to_string(&file) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(error),
        };
        Ok(Progress { file, passed })
    }

    /// Notes whether tests passed: names (SUITE/NAME, or [`kernel`]) with their results.
    ///
    /// # Errors
    /// Those of writing the file.
    pub fn note(&mut self, results: impl IntoIterator<Item = (String, bool)>) -> io::Result<()> {
        for (name, passed) in results {
            if passed {
                self.passed.insert(name);
            } else {
                self.passed.remove(&name);
            }
        }
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let lines = self.passed.iter().map(|name| format!("{name}\n"));
        fs::write(&self.file, lines.collect::<String>())
    }

    /// How far a milestone is that has these bundled tests.
    #[must_use]
    pub fn standing(&self, stage: &Stage, tests: &[&str]) -> Standing {
        let passed = tests.iter().filter(|&&test| self.passed.contains(test));
        Standing {
            passed: passed.count(),
            tests: tests.len(),
            kernel_passed: self.passed.contains(&kernel(stage.number)),
        }
    }
}

/// Returns the name used here for crate `vm`'s own tests of a milestone.
#[must_use]
pub fn kernel(milestone: Milestone) -> String {
    format!("cargo/{}", milestone.feature())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;

    #[test]
    fn a_milestone_is_done_when_all_its_tests_passed_last_time() {
        let folder = tempfile::tempdir().unwrap();
        let course = toy::course();
        let stage = &course.milestones[0];
        let note = |results: &[(&str, bool)]| {
            let results = results
                .iter()
                .map(|&(name, passed)| (name.to_owned(), passed));
            Progress::read(folder.path())
                .unwrap()
                .note(results)
                .unwrap();
            let progress = Progress::read(folder.path()).unwrap();
            progress.standing(stage, &["vm/a", "vm/b"])
        };
        let first = note(&[("vm/a", true), ("vm/b", false), ("vm/c", true)]);
        assert_eq!((first.passed, first.tests, first.is_done()), (1, 2, false));
        assert!(!note(&[("vm/b", true)]).is_done());
        assert!(note(&[(&kernel(stage.number), true)]).is_done());
        assert!(!note(&[("vm/a", false)]).is_done());
    }
}
