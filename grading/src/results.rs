//! The results of a run of suites, from which every report is made.
//!
//! # Invariants
//!
//! Tests are in the order in which they were read, whichever ended first. The score is 100 only if
//! every test that counts passed. Results that are written as JSON and read again are equal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::rubric::{Rubric, Share};
use crate::runner::Outcome;
use crate::shard::Shard;
use crate::suite::{Suite, Test};
use crate::verdict::Verdict;

/// The results of the tests that were run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Results {
    /// The part of all tests that this is, if it is a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The number of tests in all parts.
    pub all_tests: usize,
    /// The tests that were run.
    pub tests: Vec<TestResult>,
}

/// The result of one test.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TestResult {
    /// Its number among all tests, from 1.
    pub number: usize,
    /// The name of its suite.
    pub suite: String,
    /// The suite's title.
    pub title: String,
    /// Its name.
    pub name: String,
    /// What it shows.
    pub shows: String,
    /// Its points.
    pub points: u32,
    /// The set of the rubric that its points count for.
    pub share: Share,
    /// Its tags.
    pub tags: Vec<String>,
    /// Passed, or why not.
    pub verdict: Verdict,
    /// Additional notes.
    pub notes: Vec<String>,
    /// The last lines of the console, if the kernel failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<String>,
    /// Why processes died, if it did not pass.
    pub deaths: Vec<String>,
    /// The last events of the fault log, if it did not pass.
    pub events: Vec<String>,
    /// The tests, `SUITE/NAME`, to look at first if this one fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The command line that repeats it.
    pub repeat: String,
    /// The seconds it took.
    pub seconds: f64,
}

impl TestResult {
    /// Returns the result of the test that has this `number` among all.
    #[must_use]
    pub fn of(
        number: usize,
        suite: &Suite,
        test: &Test,
        outcome: Outcome,
        rubric: &Rubric,
    ) -> TestResult {
        TestResult {
            number,
            suite: suite.name.clone(),
            title: suite.title.clone(),
            name: test.name.clone(),
            shows: test.shows.clone(),
            points: test.points,
            share: rubric.share(&suite.name, &test.name),
            tags: test.tags.clone(),
            verdict: outcome.verdict,
            notes: outcome.notes,
            console: outcome.console,
            deaths: outcome.deaths,
            events: outcome.events,
            needs: test
                .needs
                .iter()
                .map(|name| format!("{}/{name}", suite.name))
                .collect(),
            repeat: outcome.repeat,
            // Milliseconds, so that a report has no meaningless digits.
            seconds: outcome.elapsed.as_millis() as f64 / 1e3,
        }
    }

    /// `SUITE/NAME`
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.suite, self.name)
    }

    /// Returns the points that it gave.
    #[must_use]
    pub fn got(&self) -> u32 {
        if self.verdict.passed() {
            self.points
        } else {
            0
        }
    }
}

/// Points, achieved and maximum.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Points {
    /// Achieved points.
    pub got: u32,
    /// Maximum points.
    pub max: u32,
}

/// The score of one set.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SetScore {
    /// Its title.
    pub title: String,
    /// Per cent of the whole; None for extra points.
    pub weight: Option<u32>,
    /// The number of its tests that were run.
    pub tests: usize,
    /// The number of those that passed.
    pub passed: usize,
    /// Its points.
    pub points: Points,
}

/// Why parts cannot be merged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MergeError {
    /// They are parts of different runs.
    #[error("the parts are not of the same run: one has {0} tests in all, another {1}")]
    Different(usize, usize),
    /// A test is in two parts.
    #[error("test {0} is in two parts")]
    Twice(String),
    /// Some tests are missing.
    #[error("{0} of {1} tests are in none of the parts; is one missing?")]
    Missing(usize, usize),
}

impl Results {
    /// Merges the parts of a run.
    ///
    /// # Errors
    /// They are not all parts of one run.
    pub fn merge(parts: Vec<Results>) -> Result<Results, MergeError> {
        let all_tests = parts.first().map_or(0, |part| part.all_tests);
        if let Some(part) = parts.iter().find(|part| part.all_tests != all_tests) {
            return Err(MergeError::Different(all_tests, part.all_tests));
        }
        let mut tests: Vec<TestResult> = parts.into_iter().flat_map(|part| part.tests).collect();
        tests.sort_by_key(|test| test.number);
        if let Some(pair) = tests.windows(2).find(|two| two[0].number == two[1].number) {
            return Err(MergeError::Twice(pair[0].id()));
        }
        if tests.len() != all_tests {
            return Err(MergeError::Missing(all_tests - tests.len(), all_tests));
        }
        Ok(Results {
            shard: None,
            all_tests,
            tests,
        })
    }

    /// Returns these results with newer ones of some of the tests. None if one of those is not in here.
    #[must_use]
    pub fn with(mut self, newer: Results) -> Option<Results> {
        for mut new in newer.tests {
            let old = self.tests.iter_mut().find(|old| old.id() == new.id())?;
            new.number = old.number;
            *old = new;
        }
        Some(self)
    }

    /// Returns whether all tests passed.
    #[must_use]
    pub fn all_passed(&self) -> bool {
        self.tests.iter().all(|test| test.verdict.passed())
    }

    /// Returns the number of tests that passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.tests.iter().filter(|t| t.verdict.passed()).count()
    }

    /// Returns the score of each set: those of the rubric, heaviest first, then suites that give
    /// extra points, in their order.
    #[must_use]
    pub fn sets(&self) -> Vec<SetScore> {
        let mut sets: Vec<SetScore> = Vec::new();
        for test in &self.tests {
            let (title, weight) = match &test.share {
                Share::Weighted { set, weight } => (set, Some(*weight)),
                Share::Extra => (&test.title, None),
            };
            let known = sets
                .iter()
                .position(|set| set.title == *title && set.weight == weight);
            let at = known.unwrap_or_else(|| {
                sets.push(SetScore {
                    title: title.clone(),
                    weight,
                    tests: 0,
                    passed: 0,
                    points: Points::default(),
                });
                sets.len() - 1
            });
            let set = &mut sets[at];
            set.tests += 1;
            set.passed += usize::from(test.verdict.passed());
            set.points = set.points.add(Points {
                got: test.got(),
                max: test.points,
            });
        }
        sets.sort_by_key(|set| std::cmp::Reverse(set.weight));
        sets
    }

    /// Returns the score in per cent, with one decimal, rounded down: the weighted average over the
    /// sets of which tests were run; if there is none, the ratio of all points.
    #[must_use]
    pub fn score(&self) -> f64 {
        let sets = self.sets();
        let weighted: Vec<&SetScore> = sets.iter().filter(|set| set.weight.is_some()).collect();
        let counted = if weighted.is_empty() {
            vec![(1.0, self.points())]
        } else {
            let weight = |set: &SetScore| f64::from(set.weight.unwrap_or(0));
            weighted
                .iter()
                .map(|set| (weight(set), set.points))
                .collect()
        };
        if counted.iter().all(|(_, points)| points.got == points.max) {
            return 100.0;
        }
        let whole: f64 = counted.iter().map(|(weight, _)| weight).sum();
        let got: f64 = counted
            .iter()
            .map(|(weight, points)| weight * f64::from(points.got) / f64::from(points.max.max(1)))
            .sum();
        // A sum that misses a tenth by rounding errors only counts as that tenth.
        let tenths = (got / whole * 1000.0 + 1e-6).floor();
        tenths.min(999.0) / 10.0
    }

    /// Returns all points.
    #[must_use]
    pub fn points(&self) -> Points {
        self.tests.iter().fold(Points::default(), |sum, test| {
            sum.add(Points {
                got: test.got(),
                max: test.points,
            })
        })
    }

    /// Returns the extra points, if there are also points that count for a set.
    #[must_use]
    pub fn extra(&self) -> Option<Points> {
        let sets = self.sets();
        let extra: Vec<Points> = sets
            .iter()
            .filter(|set| set.weight.is_none())
            .map(|set| set.points)
            .collect();
        let apart = !extra.is_empty() && extra.len() < sets.len();
        apart.then(|| extra.into_iter().fold(Points::default(), Points::add))
    }

    /// Adds a note to each test about the failed tests that it needs.
    pub fn note_needs(&mut self) {
        let failed: BTreeSet<String> = self
            .tests
            .iter()
            .filter(|test| test.verdict.was_run() && !test.verdict.passed())
            .map(TestResult::id)
            .collect();
        for test in &mut self.tests {
            let first = test.needs.iter();
            let first: Vec<&str> = first
                .filter(|need| failed.contains(*need))
                .map(String::as_str)
                .collect();
            if failed.contains(&test.id()) && !first.is_empty() {
                let names = first.join(", ");
                test.notes.push(format!(
                    "look at {names} first: this test needs what it tests"
                ));
            }
        }
    }
}

impl Points {
    fn add(self, more: Points) -> Points {
        Points {
            got: self.got + more.got,
            max: self.max + more.max,
        }
    }
}

#[cfg(test)]
pub mod tests;
