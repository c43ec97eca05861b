//! The one table of what each format calls the outcome of a test.
//!
//! # Invariants
//!
//! A format says nothing of a verdict but what stands here; a new verdict has to be put into a row.

use quick_junit::NonSuccessKind;

use crate::verdict::Verdict;

/// The outcome of a test in the words of each format.
pub(super) struct Words {
    /// Gradescope's status.
    pub gradescope: &'static str,
    /// The status of GitHub Classroom's reporter.
    pub classroom: &'static str,
    /// What the test is in JUnit.
    pub junit: Junit,
    /// The severity in TAP's diagnostics; None for a line without any.
    pub tap: Option<&'static str>,
}

/// What a test is in JUnit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Junit {
    /// It passed.
    Success,
    /// It was not run.
    Skipped,
    /// It was run and is not right.
    Not(NonSuccessKind),
}

/// How a test came out, as far as formats tell it apart.
#[derive(Clone, Copy)]
enum Outcome {
    Passed,
    NotRun,
    WrongResult,
    NoResult,
    OurFault,
}

impl Words {
    /// The words for a verdict.
    #[rustfmt::skip]
    pub(super) fn of(verdict: &Verdict) -> Words {
        use NonSuccessKind::{Error, Failure};
        let (gradescope, classroom, junit, tap) = match Outcome::of(verdict) {
            Outcome::Passed      => ("passed", "pass",  Junit::Success,      None),
            Outcome::NotRun      => ("failed", "fail",  Junit::Skipped,      None),
            Outcome::WrongResult => ("failed", "fail",  Junit::Not(Failure), Some("fail")),
            Outcome::NoResult    => ("failed", "fail",  Junit::Not(Error),   Some("fail")),
            Outcome::OurFault    => ("failed", "error", Junit::Not(Error),   Some("error")),
        };
        Words { gradescope, classroom, junit, tap }
    }
}

impl Outcome {
    fn of(verdict: &Verdict) -> Outcome {
        match verdict {
            Verdict::Passed => Outcome::Passed,
            Verdict::NotRun(_) => Outcome::NotRun,
            Verdict::Failed(_) | Verdict::TooMuchOutput => Outcome::WrongResult,
            Verdict::WorkLimit(_)
            | Verdict::NotWritten(_)
            | Verdict::KernelPanic(_)
            | Verdict::Stuck(_)
            | Verdict::Broken(_)
            | Verdict::Hang(_)
            | Verdict::Memory
            | Verdict::Signal(_)
            | Verdict::Unsteady(_)
            | Verdict::SetUp(_) => Outcome::NoResult,
            Verdict::Bug(_) => Outcome::OurFault,
        }
    }
}
