//! The bundled tests on a kernel with one break.
//!
//! # Invariants
//!
//! However broken the kernel is, a trial ends: its guests have a work limit and each process of it
//! a limit of CPU time. Only tests that come by the place of the break are run: up to there the
//! kernel does what it does without any, so the others pass.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use class::breaks::schemata::{self, Copy, NOTES, NUMBER};
use class::breaks::{Break, CodeTest};
use grading::report;
use grading::results::Results;
use grading::suite::Test;
use grading::verdict::Verdict;
use host::program::{Program, bundled};
use serde::{Deserialize, Serialize};

use super::code_test::CodeTests;
use crate::bundled_tests;

/// More work than any test needs. A break may make a program run on for ever.
const MAX_WORK: u64 = 250_000_000;
/// More CPU time than any test needs, in seconds. A break may make the kernel itself do that.
const MAX_SECONDS: u32 = 8;
/// More memory than any test needs, in KiB.
const MAX_MEMORY: u32 = 12 << 20;

/// What came of a trial.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// The score that is left, in per cent.
    pub score: f64,
    /// The extra points that are left.
    pub extra: u32,
    /// The tests that fail, as SUITE/NAME, in their order.
    pub failed: Vec<String>,
    /// Whether the test of the code fails that is named for the break.
    pub is_caught_by_code: bool,
}

/// Trials, and what is known of earlier ones, which is kept in a file: a test is run with a break
/// again only when the kernel, the break or the test has changed.
#[derive(Debug)]
pub struct Trials<'a> {
    copy: &'a Copy,
    folder: &'a Path,
    /// By the names of breaks.
    known: BTreeMap<String, Known>,
    /// The results without any break.
    sound: Results,
    /// By SUITE/NAME.
    tests: BTreeMap<String, Concern>,
    code_tests: CodeTests<'a>,
}

/// What is known of a break.
#[derive(Default, Serialize, Deserialize, Debug)]
struct Known {
    /// Stands for the kernel and the break.
    kernel: u64,
    /// The tests that were run with it, by SUITE/NAME.
    tests: BTreeMap<String, Tried>,
    /// The test of the code that is named for it, if that was run.
    #[serde(default)]
    code_test: Option<Tried>,
}

#[derive(Clone, Copy, Serialize, Deserialize, Debug)]
struct Tried {
    /// Stands for the test.
    test: u64,
    passed: bool,
}

/// What matters of a test.
#[derive(Debug)]
struct Concern {
    /// Stands for all that there is to it.
    key: u64,
    /// The numbers of the breaks whose places it comes by.
    comes_by: BTreeSet<usize>,
}

impl<'a> Trials<'a> {
    /// Runs all tests without any break; takes in what is known of earlier trials.
    ///
    /// # Errors
    /// What keeps the tests from being run, or which of them fail.
    pub fn new(copy: &'a Copy, folder: &'a Path) -> Result<Trials<'a>, String> {
        let notes = tempfile::tempdir().map_err(|error| error.to_string())?;
        let sound = grade(copy, &[(NOTES, notes.path().into())], &[])?;
        if !sound.all_passed() {
            let failed = failed(&sound).join(", ");
            return Err(format!("without any break these tests fail: {failed}"));
        }
        let tests = bundled_tests().into_iter().map(|(suite, test)| {
            let concern = Concern {
                key: key(&test),
                comes_by: schemata::noted(notes.path(), &test.program),
            };
            (format!("{suite}/{}", test.name), concern)
        });
        let text = std::fs::read_to_string(tried(folder)).unwrap_or_default();
        Ok(Trials {
            copy,
            folder,
            known: serde_json::from_str(&text).unwrap_or_default(),
            sound,
            tests: tests.collect(),
            code_tests: CodeTests::new(&copy.tree, &copy.target),
        })
    }

    /// Forgets all earlier trials.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// The extra points that there are.
    #[must_use]
    pub fn extra(&self) -> u32 {
        self.sound.extra().map_or(0, |extra| extra.max)
    }

    /// How many tests come by the place of a break, which is what it costs to try it.
    #[must_use]
    pub fn concerned(&self, number: usize) -> usize {
        let tests = self.tests.values();
        tests.filter(|test| test.comes_by.contains(&number)).count()
    }

    /// The outcome with a break; `number` is its place among all, from 1.
    ///
    /// # Errors
    /// What keeps the tests from being run.
    pub fn outcome(&mut self, number: usize, one: &Break) -> Result<Outcome, String> {
        let mut hasher = DefaultHasher::new();
        let place = (&one.file, &one.find, &one.within, &one.replace);
        (self.copy.kernel, place).hash(&mut hasher);
        let kernel = hasher.finish();
        let known = self.known.remove(&one.name).unwrap_or_default();
        let known = match known.kernel == kernel {
            true => known,
            false => Known::default(),
        };
        let (tests, code_test) = match &one.caught_by {
            Some(test) => {
                let tried = self.try_code_test(number, test, known.code_test)?;
                (BTreeMap::new(), Some(tried))
            }
            None => (self.try_tests(number, known.tests)?, None),
        };
        let outcome = self.with(&tests, code_test);
        let known = Known {
            kernel,
            tests,
            code_test,
        };
        self.known.insert(one.name.clone(), known);
        self.keep()?;
        Ok(outcome)
    }

    /// All tests that come by a break: what is known of them, and the others run.
    fn try_tests(
        &self,
        number: usize,
        mut known: BTreeMap<String, Tried>,
    ) -> Result<BTreeMap<String, Tried>, String> {
        let concerned = |id: &String| match self.tests.get(id) {
            Some(test) if test.comes_by.contains(&number) => Some(test.key),
            _ => None,
        };
        known.retain(|id, tried| concerned(id) == Some(tried.test));
        let new = self.tests.keys().filter(|id| concerned(id).is_some());
        let new: Vec<&str> = new
            .filter(|id| !known.contains_key(*id))
            .map(String::as_str)
            .collect();
        if new.is_empty() {
            return Ok(known);
        }
        let env = [(NUMBER, number.to_string().into())];
        for test in grade(self.copy, &env, &new)?.tests {
            let id = test.id();
            if let Some(key) = concerned(&id) {
                let passed = test.verdict.passed();
                known.insert(id, Tried { test: key, passed });
            }
        }
        Ok(known)
    }

    /// The test of the code that is named for a break: what is known of it, or run.
    fn try_code_test(
        &mut self,
        number: usize,
        test: &CodeTest,
        known: Option<Tried>,
    ) -> Result<Tried, String> {
        let mut hasher = DefaultHasher::new();
        (self.copy.code_tests, test).hash(&mut hasher);
        let key = hasher.finish();
        match known {
            Some(tried) if tried.test == key => Ok(tried),
            _ => {
                let passed = !self.code_tests.fails(test, number)?;
                Ok(Tried { test: key, passed })
            }
        }
    }

    /// The results of all tests: those that were tried, and the others as without a break.
    fn with(&self, tried: &BTreeMap<String, Tried>, code_test: Option<Tried>) -> Outcome {
        let mut results = self.sound.clone();
        for test in &mut results.tests {
            if tried.get(&test.id()).is_some_and(|tried| !tried.passed) {
                test.verdict = Verdict::Failed(Vec::new());
            }
        }
        Outcome {
            score: results.score(),
            extra: results.extra().map_or(0, |extra| extra.got),
            failed: failed(&results),
            is_caught_by_code: code_test.is_some_and(|tried| !tried.passed),
        }
    }

    fn keep(&self) -> Result<(), String> {
        let at = tried(self.folder);
        let text = serde_json::to_string(&self.known).map_err(|error| error.to_string())?;
        std::fs::write(&at, text).map_err(|error| format!("{}: {error}", at.display()))
    }
}

/// Stands for a test: what is expected, its program and its files.
fn key(test: &Test) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{test:?}").hash(&mut hasher);
    let put = test.put.iter().flat_map(|name| bundled(name)).flatten();
    let program = Program::find(&test.program).map_or(Vec::new(), |program| program.files);
    for file in program.into_iter().chain(put) {
        (file.name.as_str(), file.content).hash(&mut hasher);
    }
    hasher.finish()
}

/// Runs `vmlab grade` with an environment, on some tests or, if none are named, on all.
fn grade(copy: &Copy, env: &[(&str, OsString)], only: &[&str]) -> Result<Results, String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let report = scratch.path().join("report.json");
    let mut request = OsString::from("json=");
    request.push(&report);
    let limits = format!("ulimit -t {MAX_SECONDS}; ulimit -v {MAX_MEMORY}; ulimit -c 0");
    Command::new("sh")
        .args(["-c", &format!("{limits}; exec \"$@\""), "sh"])
        .arg(&copy.program)
        .args([
            "grade",
            "--check=never",
            "--max-work",
            &MAX_WORK.to_string(),
        ])
        // Of each test it must be known whether it fails.
        .args(["--max-hangs", &usize::MAX.to_string()])
        .args(only.iter().map(|test| format!("--only={test}")))
        .arg("--report")
        .arg(request)
        .envs(env.iter().cloned())
        // Where `vmlab grade` keeps which tests failed.
        .current_dir(scratch.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("cannot start {}: {error}", copy.program.display()))?;
    let text = std::fs::read_to_string(&report)
        .map_err(|error| format!("vmlab grade wrote no report: {error}"))?;
    report::read(&text).map_err(|error| error.to_string())
}

fn failed(results: &Results) -> Vec<String> {
    let failed = results.tests.iter().filter(|test| !test.verdict.passed());
    failed.map(|test| test.id()).collect()
}

fn tried(folder: &Path) -> PathBuf {
    folder.join("tried.json")
}
