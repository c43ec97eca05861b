//! What came of one submission.
//!
//! # Invariants
//! It is made by this program and the grader alone, has nothing in it that differs from run to run, and each text in
//! it is short: what a kernel prints was cut where it came in.

use grading::results::Results;
use serde::{Deserialize, Serialize};

/// The record of a submission.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Whose it is.
    pub student: String,
    /// The version of the grader.
    pub vmlab: String,
    /// A number of the grader: its sources, the compiler, and suites of the instructor's own.
    pub grader: String,
    /// A number of the hand-out that it was put over.
    pub handout: String,
    /// A number of the files that were compiled; empty if none were taken.
    pub sources: String,
    /// A number of all that the outcome depends on: if it is the same, so is the outcome.
    pub key: String,
    /// What was used of what was handed in.
    pub notes: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a submission.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing was handed in.
    Missing,
    /// It could not be taken.
    Refused {
        /// Why.
        why: String,
    },
    /// It calls what a kernel must not.
    Forbidden {
        /// Each place, with a reason.
        places: Vec<String>,
    },
    /// It does not compile.
    NotBuilt {
        /// What the compiler said.
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
    /// One word or two, as in a table.
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
    pub fn score(&self) -> f64 {
        match self {
            Outcome::Graded { score, .. } => *score,
            _ => 0.0,
        }
    }

    /// The tests that were run.
    pub fn results(&self) -> Option<&Results> {
        match self {
            Outcome::Graded { results, .. } => Some(results),
            _ => None,
        }
    }
}
