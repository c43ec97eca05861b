//! The page of a student: the score board as `vmlab grade` prints it, or why there is none, and the record.
//!
//! # Invariants
//! Nothing is shown of hidden tests except the number that passed.

use std::fmt::Write;

use grading::report::Names;
use grading::report::human;
use grading::results::{Results, TestResult};

use super::html;
use crate::json;
use crate::plan::Plan;
use crate::record::{Outcome, Record};

/// The page.
#[must_use]
pub fn page(plan: &Plan, record: &Record) -> String {
    let mut body = String::new();
    let score = record.outcome.score();
    let _ = writeln!(
        body,
        "<p>{score:.1} per cent: {}.</p>",
        record.outcome.word()
    );
    if !record.notes.is_empty() {
        let _ = writeln!(
            body,
            "<p>What was used:</p>\n<pre>{}</pre>",
            html::escaped(&record.notes.join("\n"))
        );
    }
    let why = match &record.outcome {
        Outcome::Missing => String::new(),
        Outcome::Refused { why } | Outcome::NotBuilt { why } => why.clone(),
        Outcome::Forbidden { places } => places.join("\n"),
        Outcome::Graded { results, .. } => board(plan, results),
    };
    if !why.is_empty() {
        let _ = writeln!(body, "<pre>{}</pre>", html::escaped(&why));
    }
    let Record {
        vmlab,
        grader,
        handout,
        sources,
        ..
    } = record;
    let _ = writeln!(
        body,
        "<p>vmlab {vmlab}, grader {}, hand-out {}, files {}</p>",
        html::escaped(grader),
        html::escaped(handout),
        html::escaped(sources)
    );
    html::page(&record.student, &body)
}

/// The record without hidden tests; the score has them.
#[must_use]
pub fn json(plan: &Plan, record: &Record) -> String {
    let mut record = record.clone();
    if let Outcome::Graded { results, .. } = &mut record.outcome {
        *results = apart(plan, results).0;
    }
    json::readable(&record) + "\n"
}

/// The tests that are shown, and those that are hidden.
fn apart(plan: &Plan, results: &Results) -> (Results, Vec<TestResult>) {
    let tests = results.tests.iter().cloned();
    let (hidden, tests) = tests.partition(|test| plan.hidden.contains(&test.suite));
    let shown = Results {
        tests,
        ..results.clone()
    };
    (shown, hidden)
}

/// Returns the board, with only the number of hidden tests that passed.
fn board(plan: &Plan, results: &Results) -> String {
    let (shown, hidden) = apart(plan, results);
    let board = human::render(&shown, Names::All);
    let mut text = anstream::adapter::strip_str(&board).to_string();
    if !hidden.is_empty() {
        let passed = hidden.iter().filter(|test| test.verdict.passed()).count();
        let (all, score) = (hidden.len(), results.score());
        let _ = write!(
            text,
            "\nHidden tests: {passed} of {all} passed. With them: {score:.1}%\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use grading::rubric::Share;
    use grading::verdict::Verdict;

    use super::*;
    use crate::build::recipe::Recipe;
    use crate::plan::Options;
    use crate::pristine::Pristine;

    fn test(number: usize, suite: &str, name: &str) -> TestResult {
        TestResult {
            number,
            suite: suite.to_owned(),
            title: suite.to_owned(),
            name: name.to_owned(),
            shows: format!("what {name} shows"),
            points: 1,
            share: Share::Extra,
            tags: Vec::new(),
            verdict: Verdict::Hang(15),
            notes: vec![format!("a note on {name}")],
            console: Vec::new(),
            deaths: Vec::new(),
            events: Vec::new(),
            needs: Vec::new(),
            repeat: format!("./vmlab run {name}"),
            seconds: 0.0,
        }
    }

    #[test]
    fn of_a_hidden_test_a_student_sees_that_there_is_one() {
        let plan = Plan {
            root: "/".into(),
            grader: String::new(),
            recipe: Recipe { steps: Vec::new() },
            pristine: Pristine {
                kernel: Default::default(),
                rubric: String::new(),
            },
            options: Options::default(),
            again: Vec::new(),
            hidden: vec!["secret".to_owned()],
            late_penalty: 0,
            submissions: Vec::new(),
        };
        let results = Results {
            shard: None,
            all_tests: 2,
            tests: vec![test(1, "vm", "page-linear"), test(2, "secret", "nonce")],
        };
        let record = Record {
            student: "ada".to_owned(),
            vmlab: String::new(),
            grader: String::new(),
            handout: String::new(),
            sources: String::new(),
            key: String::new(),
            notes: Vec::new(),
            outcome: Outcome::Graded {
                score: 0.0,
                results,
            },
        };
        for text in [page(&plan, &record), json(&plan, &record)] {
            assert!(text.contains("page-linear"), "{text}");
            assert!(
                !text.contains("nonce") && !text.contains("secret"),
                "{text}"
            );
        }
        assert!(page(&plan, &record).contains("Hidden tests: 0 of 1 passed."));
    }
}
