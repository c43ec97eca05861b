//! The tests that failed last time, recorded in `.vmlab/failed` of the current folder.
//!
//! # Invariants
//!
//! A test is in the file from the run in which it failed to the run in which it passes; tests that
//! were not run stay as they were. The file does not exist before a test has failed, and is
//! replaced atomically.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::results::{Results, TestResult};
use host::replacement::Replacement;

const FOLDER: &str = ".vmlab";

/// The tests that failed last time.
#[derive(Debug)]
pub struct Failures {
    folder: PathBuf,
}

impl Failures {
    /// Returns those of `folder`.
    #[must_use]
    pub fn of(folder: &Path) -> Failures {
        Failures {
            folder: folder.join(FOLDER),
        }
    }

    /// Reads the names of the tests, `SUITE/NAME`; None if none has ever failed here.
    ///
    /// # Errors
    /// Those of reading the file.
    pub fn read(&self) -> io::Result<Option<BTreeSet<String>>> {
        match std::fs::read_to_string(self.file()) {
            Ok(text) => Ok(Some(text.lines().map(str::to_owned).collect())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Records which of these tests failed.
    ///
    /// # Errors
    /// Those of writing the file.
    pub fn update(&self, results: &Results) -> io::Result<()> {
        let before = self.read()?;
        let mut failed = before.clone().unwrap_or_default();
        let were_run = |test: &&TestResult| test.verdict.was_run();
        for test in results.tests.iter().filter(were_run) {
            if test.verdict.passed() {
                failed.remove(&test.id());
            } else {
                failed.insert(test.id());
            }
        }
        if before.unwrap_or_default() == failed {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        // The folder is generated, so version control should ignore it.
        std::fs::write(self.folder.join(".gitignore"), "*\n")?;
        let lines: String = failed.iter().map(|id| format!("{id}\n")).collect();
        Replacement::of(&self.file())?.write(lines.as_bytes())
    }

    fn file(&self) -> PathBuf {
        self.folder.join("failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{failed, result, results};
    use crate::verdict::{Skipped, Verdict};

    #[test]
    fn a_failure_stays_until_it_passes() {
        let folder = tempfile::tempdir().unwrap();
        let failures = Failures::of(folder.path());
        let run = |tests| {
            failures.update(&results(tests)).unwrap();
            let names = failures.read().unwrap();
            names.map(|names| names.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(run(vec![result(1, "a", 1, Verdict::Passed)]), None);
        assert!(!folder.path().join(FOLDER).exists());
        let one = Some(vec!["a/test-1".to_owned()]);
        assert_eq!(run(vec![result(1, "a", 1, failed())]), one);
        assert_eq!(run(vec![result(2, "a", 1, Verdict::Passed)]), one);
        assert_eq!(
            run(vec![result(1, "a", 1, Verdict::NotRun(Skipped::FailFast))]),
            one
        );
        assert_eq!(run(vec![result(1, "a", 1, Verdict::Passed)]), Some(vec![]));
    }
}
