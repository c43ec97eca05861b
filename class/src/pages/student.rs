//! A student's page: the score board as `vmlab grade` prints it, or why there is none.

use std::fmt::Write;

use grading::report::Names;
use grading::report::human;
use grading::results::Results;

use super::html;
use crate::plan::Plan;
use crate::record::{Outcome, Record};

/// The page.
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

/// The board, of hidden tests only how many passed.
fn board(plan: &Plan, results: &Results) -> String {
    let (hidden, shown): (Vec<_>, Vec<_>) = results
        .tests
        .iter()
        .cloned()
        .partition(|test| plan.hidden.contains(&test.suite));
    let shown = Results {
        tests: shown,
        ..results.clone()
    };
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
