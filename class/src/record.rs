//! The record of one submission: its outcome and everything that it depends on.
//!
//! # Invariants
//! It is made by this program and the grader alone, has nothing in it that differs from run to run, and its texts
//! are short: the output of a kernel was cut when it was read.

use grading::results::Results;
use serde::{Deserialize, Serialize};

/// The record of a submission.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The student.
    pub student: String,
    /// The version of the grader.
    pub vmlab: String,
    /// A hash of the grader: its sources, the compiler, and the instructor's own suites.
    pub grader: String,
    /// A hash of the hand-out that it was applied to.
    pub handout: String,
    /// A hash of the files that were compiled; empty if there are none.
    pub sources: String,
    /// A hash of everything that the outcome depends on: if it is the same, so is the outcome.
    pub key: String,
    /// What was used of the submission.
    pub notes: Vec<String>,
    /// The outcome.
    pub outcome: Outcome,
}

impl Record {
    /// Returns the results in it, if they are of the same files in the same hand-out as those of `other`.
    #[must_use]
    pub fn results_for(self, other: &Record) -> Option<Results> {
        let is_same = self.sources == other.sources && self.handout == other.handout;
        match self.outcome {
            Outcome::Graded { results, .. } if is_same => Some(results),
            _ => None,
        }
    }
}

/// The outcome of a submission.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing was submitted.
    Missing,
    /// It was refused.
    Refused {
        /// Why.
        why: String,
    },
    /// It uses something that a kernel must not.
    Forbidden {
        /// Each place, with a reason.
        places: Vec<String>,
    },
    /// It does not compile.
    NotBuilt {
        /// The compiler's messages.
        why: String,
    },
    /// It ran.
    Graded {
        /// Per cent.
        score: f64,
        /// All tests.
        results: Results,
    },
}

impl Outcome {
    /// Returns one or two words, as for a table.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Missing => "nothing handed in",
            Outcome::Refused { .. } => "refused",
            Outcome::Forbidden { .. } => "forbidden calls",
            Outcome::NotBuilt { .. } => "does not compile",
            Outcome::Graded { .. } => "graded",
        }
    }

    /// Per cent: 0 if it did not run.
    #[must_use]
    pub fn score(&self) -> f64 {
        match self {
            Outcome::Graded { score, .. } => *score,
            _ => 0.0,
        }
    }

    /// The tests that were run.
    #[must_use]
    pub fn results(&self) -> Option<&Results> {
        match self {
            Outcome::Graded { results, .. } => Some(results),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_those_of_the_same_files_in_the_same_hand_out() {
        let record = |sources: &str, handout: &str| Record {
            student: "ada".to_owned(),
            vmlab: String::new(),
            grader: String::new(),
            handout: handout.to_owned(),
            sources: sources.to_owned(),
            key: String::new(),
            notes: Vec::new(),
            outcome: Outcome::Graded {
                score: 0.0,
                results: Results {
                    shard: None,
                    all_tests: 0,
                    tests: Vec::new(),
                },
            },
        };
        let is_for = |other: &Record| record("a", "b").results_for(other).is_some();
        assert!(is_for(&record("a", "b")));
        assert!(!is_for(&record("x", "b")) && !is_for(&record("a", "x")));
        let missing = Record {
            outcome: Outcome::Missing,
            ..record("a", "b")
        };
        assert!(missing.results_for(&record("a", "b")).is_none());
    }
}
