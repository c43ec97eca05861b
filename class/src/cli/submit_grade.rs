//! `vmlab submit grade`: grades one submission, as an autograder needs it.
//!
//! # Invariants
//! There is a report whatever was submitted: what cannot be graded is one test that failed, worth 0 per cent.

use std::path::PathBuf;

use clap::Args;
use grading::report::{self, Names, Request};
use grading::results::{Results, TestResult};
use grading::rubric::Share;
use grading::verdict::Verdict;
use host::command::{UsageError, print};
use host::waiting::Waiting;
use protocol::exit::Exit;

use super::handout::HandoutArgs;
use super::planned::planned;
use super::whole;
use crate::build::places;
use crate::class::SILENCE;
use crate::judge::{Judge, Judged};
use crate::plan::{Options, Submission};
use crate::record::Outcome;

/// Grades one submission: reads it as data, applies it to the hand-out, and compiles and runs it in a
/// sandbox
#[derive(Args)]
#[command(after_help = "\
It is graded as `vmlab class grade` grades each submission of a class. Reports are those of
`vmlab grade`; hidden tests have no names in them. A submission that cannot be graded gets
0 %, and the reports have the reason.

Examples:
  vmlab submit grade ada.zip
  vmlab submit grade ../submission --report gradescope=results.json
  vmlab submit grade ../ada --handout ../lab-2026 --hidden ../hidden/suite.toml

Exit codes:
  0  all tests passed
  1  some did not, or it cannot be graded
  2  usage or set-up
  3  a bug of vmlab")]
pub(super) struct SubmitGradeArgs {
    /// The submission
    #[arg(value_name = "SUBMISSION")]
    path: PathBuf,

    #[command(flatten)]
    handout: HandoutArgs,

    /// Write a report: human, json, gradescope, classroom, junit or tap, to a file or to standard
    /// output instead of the score board. May be given several times
    #[arg(long, value_name = "FORMAT[=FILE]")]
    report: Vec<Request>,

    #[command(flatten)]
    options: Options,
}

impl SubmitGradeArgs {
    /// Grades the submission.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        report::check(&self.report)?;
        let submission = Submission {
            student: "submission".to_owned(),
            path: Some(whole(&self.path)?),
            late_days: 0,
        };
        let plan = planned(&self.handout, &self.options, &[], vec![submission])?;
        let waiting = Waiting::start("compiling and testing the submission", SILENCE);
        let place = places::take(&plan.root.join("target/class"))?;
        let judged = Judge::new(&plan, &place.folder)?.judge(&plan.submissions[0], None)?;
        drop(waiting);
        let Judged::New(new) = judged else {
            unreachable!("no record was known");
        };
        let record = new.0;
        let results = shown(&plan.hidden, record.outcome);
        report::write_files(&self.report, &results)?;
        let is_board = self.report.iter().all(|request| request.file.is_some());
        if is_board {
            let notes = record.notes.iter().map(|note| format!("{note}\n"));
            print(&notes.collect::<String>())?;
        }
        print(&report::shown(&self.report, &results, Names::Some))?;
        Ok(match results.all_passed() {
            true => Exit::Success,
            false => Exit::Failed,
        })
    }
}

/// Returns the results that a student may see.
fn shown(hidden: &[String], outcome: Outcome) -> Results {
    let why = match outcome {
        Outcome::Graded { mut results, .. } => {
            let tests = results.tests.iter_mut();
            tests
                .filter(|test| hidden.contains(&test.suite))
                .for_each(hide);
            return results;
        }
        Outcome::Missing => "nothing was submitted".to_owned(),
        Outcome::Refused { why } | Outcome::NotBuilt { why } => why,
        Outcome::Forbidden { places } => places.join("\n"),
    };
    Results {
        shard: None,
        all_tests: 1,
        tests: vec![TestResult {
            number: 1,
            suite: "submission".to_owned(),
            title: "The submission".to_owned(),
            name: "can-be-graded".to_owned(),
            shows: "that the submission can be read and compiled, and calls only what a kernel may"
                .to_owned(),
            points: 1,
            share: Share::Extra,
            verdict: Verdict::SetUp(why),
            repeat: "vmlab submit check SUBMISSION".to_owned(),
            ..unnamed()
        }],
    }
}

/// Leaves nothing of a hidden test but whether it passed.
fn hide(test: &mut TestResult) {
    let verdict = match test.verdict.passed() {
        true => Verdict::Passed,
        false => Verdict::Failed(Vec::new()),
    };
    *test = TestResult {
        number: test.number,
        suite: test.suite.clone(),
        title: test.title.clone(),
        name: format!("hidden-{}", test.number),
        shows: "what only the instructor knows".to_owned(),
        points: test.points,
        share: test.share.clone(),
        verdict,
        ..unnamed()
    };
}

/// Returns a test of which nothing is known.
fn unnamed() -> TestResult {
    TestResult {
        number: 0,
        suite: String::new(),
        title: String::new(),
        name: String::new(),
        shows: String::new(),
        points: 0,
        share: Share::Extra,
        tags: Vec::new(),
        verdict: Verdict::Passed,
        notes: Vec::new(),
        console: Vec::new(),
        deaths: Vec::new(),
        events: Vec::new(),
        needs: Vec::new(),
        repeat: String::new(),
        seconds: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(number: usize, suite: &str, verdict: Verdict) -> TestResult {
        TestResult {
            number,
            suite: suite.to_owned(),
            name: "told-nobody".to_owned(),
            points: 3,
            verdict,
            notes: vec!["a secret".to_owned()],
            repeat: "vmlab run told-nobody".to_owned(),
            ..unnamed()
        }
    }

    fn rendered(results: &Results) -> Vec<String> {
        let formats = ["human", "json", "gradescope", "junit", "tap"];
        let request = |format: &str| format.parse::<Request>().unwrap();
        formats
            .map(|format| request(format).format.render(results))
            .to_vec()
    }

    #[test]
    fn of_hidden_tests_each_report_has_the_points_and_no_name() {
        let hang = Verdict::Hang(15);
        let results = Results {
            shard: None,
            all_tests: 3,
            tests: vec![
                test(1, "vm", Verdict::Passed),
                test(2, "mine", Verdict::Passed),
                test(3, "mine", hang),
            ],
        };
        let score = results.score();
        let outcome = Outcome::Graded { score, results };
        let seen = shown(&["mine".to_owned()], outcome);
        assert_eq!((seen.score(), seen.passed()), (score, 2));
        assert_eq!(seen.tests[0].name, "told-nobody");
        let hidden = Results {
            tests: seen.tests[1..].to_vec(),
            ..seen
        };
        for report in rendered(&hidden) {
            assert!(report.contains("hidden-3"), "{report}");
            let leaks = ["told-nobody", "secret", "15"];
            assert!(!leaks.iter().any(|word| report.contains(word)), "{report}");
        }
    }

    #[test]
    fn what_cannot_be_graded_is_worth_nothing_and_each_report_says_why() {
        let why = "a link leads out".to_owned();
        let places = vec!["vm/src/lib.rs:3: std::fs".to_owned()];
        for (outcome, why) in [
            (Outcome::Refused { why: why.clone() }, "a link leads out"),
            (Outcome::NotBuilt { why }, "a link leads out"),
            (Outcome::Forbidden { places }, "vm/src/lib.rs:3: std::fs"),
            (Outcome::Missing, "nothing was submitted"),
        ] {
            let results = shown(&[], outcome);
            assert_eq!(results.score(), 0.0);
            for report in rendered(&results) {
                assert!(report.contains(why), "{report}");
            }
        }
    }
}
