//! Judging tests: which breaks of the kernel a suite of a student's notices.
//!
//! # Invariants
//! - A break is caught by a test that passes on the sound kernel and fails with the break. A test that
//!   fails on the sound kernel catches nothing.
//! - Tests are run until one fails, so which one is named depends on the suite alone.
//! - The verdict on a break depends on the suite and the kernel, and not on the other breaks nor on how
//!   many are tried at a time. With a limit of time, breaks that were not reached are said to be so.
//! - Programs of the suites are a stranger's: they are compiled, and files of the host's are read for
//!   them, in a box.

pub mod judgement;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use grading::results::TestResult;
use grading::suite::{Suite, Test};
use host::scratch::Scratch;

use crate::boxed::Openings;
use crate::breaks::schemata::{self, Copy, NOTES, NUMBER};
use crate::grader::{GraderError, Request};
use judgement::{Fate, Judgement};

/// More work than a test should need, in units of `--max-work`, and more page faults at one for 1,000: page-shuffle
/// has 318,000. A break may make a program run on for ever, which is to cost seconds.
const MAX_WORK: u64 = 500_000_000;

/// How many tests are run in a first go, and in a second; most breaks are caught by then.
const FIRST: usize = 8;
const SECOND: usize = 32;

/// What is judged, and with what.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The suites.
    pub suites: &'a [Suite],
    /// The same as options of `vmlab grade`.
    pub options: &'a [String],
    /// The kernel with all breaks in it.
    pub copy: &'a Copy,
    /// What the grader and all that it starts may open: the suites are a stranger's.
    pub openings: &'a Openings,
    /// How many are tried at a time.
    pub at_once: usize,
    /// When no more are begun.
    pub deadline: Option<Instant>,
}

/// What the suite does without any break.
struct Sound {
    /// Tests that pass, SUITE/NAME, each with the numbers of the breaks that its program comes by.
    comes_by: BTreeMap<String, BTreeSet<usize>>,
    /// Tests that fail, and so catch nothing.
    failed: Vec<String>,
}

impl Sound {
    /// The tests that come by a break, those first that come by few: they are about less, and so are
    /// quick, and more often about this.
    fn concerned(&self, number: usize) -> Vec<&str> {
        let all = self.comes_by.iter();
        let mut concerned: Vec<_> = all.filter(|(_, breaks)| breaks.contains(&number)).collect();
        concerned.sort_by_key(|(test, breaks)| (breaks.len(), *test));
        concerned
            .into_iter()
            .map(|(test, _)| test.as_str())
            .collect()
    }
}

impl Judge<'_> {
    /// Tries the breaks of these numbers; `done` is told as each is.
    ///
    /// # Errors
    /// What keeps the tests from being run.
    pub fn judge(
        &self,
        numbers: &[usize],
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Judgement, GraderError> {
        let sound = self.sound()?;
        let next = AtomicUsize::new(0);
        let fates = Mutex::new(BTreeMap::new());
        let work = || -> Result<(), GraderError> {
            while let Some(&number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                let fate = match self.deadline.is_some_and(|end| Instant::now() >= end) {
                    true => Fate::NotTried,
                    false => self.fate(&sound, number)?,
                };
                let mut fates = fates.lock().unwrap_or_else(PoisonError::into_inner);
                fates.insert(number, fate);
                done(fates.len());
            }
            Ok(())
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.at_once).map(|_| scope.spawn(work)).collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })?;
        Ok(Judgement {
            failed: sound.failed,
            tests: sound.comes_by.len(),
            fates: fates.into_inner().unwrap_or_else(PoisonError::into_inner),
        })
    }

    /// All tests without a break, with notes on what they come by.
    fn sound(&self) -> Result<Sound, GraderError> {
        let notes = Scratch::new()?;
        let mut request = self.request(0);
        request
            .environment
            .push((NOTES, notes.path().as_os_str().to_owned()));
        let openings = request.walls.iter_mut();
        openings.for_each(|openings| openings.write.push(notes.path().to_owned()));
        let results = request.run()?;
        let (passed, failed): (Vec<&TestResult>, Vec<_>) =
            results.tests.iter().partition(|test| test.verdict.passed());
        let programs = self.programs();
        let with_breaks = |test: &TestResult| {
            let id = test.id();
            let noted = schemata::noted(notes.path(), programs[&id]);
            (id, noted)
        };
        Ok(Sound {
            comes_by: passed.into_iter().map(with_breaks).collect(),
            failed: failed.into_iter().map(TestResult::id).collect(),
        })
    }

    /// The program of each test.
    fn programs(&self) -> BTreeMap<String, &str> {
        let tests = self.suites.iter().flat_map(|suite| {
            let id = |test: &Test| format!("{}/{}", suite.name, test.name);
            suite
                .tests
                .iter()
                .map(move |test| (id(test), test.program.as_str()))
        });
        tests.collect()
    }

    /// What becomes of a break: only tests that come by its place are run, for up to there the kernel
    /// does what it does without any.
    fn fate(&self, sound: &Sound, number: usize) -> Result<Fate, GraderError> {
        let mut rest = &sound.concerned(number)[..];
        for size in [FIRST, SECOND, usize::MAX] {
            let (part, others) = rest.split_at(size.min(rest.len()));
            if let Some(test) = self.first_failed(number, part)? {
                return Ok(Fate::Caught(test));
            }
            rest = others;
        }
        Ok(Fate::Missed)
    }

    /// The first of some tests that fails with a break.
    fn first_failed(&self, number: usize, tests: &[&str]) -> Result<Option<String>, GraderError> {
        if tests.is_empty() {
            return Ok(None);
        }
        let mut request = self.request(number);
        request.words.push("--fail-fast".into());
        let only = tests
            .iter()
            .map(|test| format!("--only={}", glob::Pattern::escape(test)));
        request.words.extend(only.map(OsString::from));
        let results = request.run()?;
        // Behind the one that failed none was run.
        let failed = results.tests.iter().find(|test| !test.verdict.passed());
        Ok(failed.map(|test| test.id()))
    }

    fn request(&self, number: usize) -> Request {
        let mut request = Request::of(&self.copy.machine);
        let fixed = ["--check=never".to_owned(), format!("--max-work={MAX_WORK}")];
        let words = self.options.iter().cloned().chain(fixed);
        request.words.extend(words.map(OsString::from));
        request.walls = Some(self.openings.clone());
        request
            .environment
            .push((NUMBER, number.to_string().into()));
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_come_by_few_breaks_are_tried_first_and_others_not_at_all() {
        let comes_by = [
            ("a/all", vec![1, 2, 3]),
            ("b/two", vec![2, 3]),
            ("c/two", vec![1, 2]),
            ("d/one", vec![3]),
        ];
        let comes_by =
            comes_by.map(|(test, breaks)| (test.to_owned(), breaks.into_iter().collect()));
        let sound = Sound {
            comes_by: comes_by.into(),
            failed: Vec::new(),
        };
        assert_eq!(sound.concerned(2), ["b/two", "c/two", "a/all"]);
        assert_eq!(sound.concerned(4), <[&str; 0]>::default());
    }
}
