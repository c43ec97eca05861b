//! The page of a class: grades, their distribution, tests with the students who failed them, similar submissions.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::grades::GradeRow;
use super::html;
use crate::plan::Plan;
use crate::record::Record;
use crate::similar::Pair;

/// The page.
#[must_use]
pub fn page(plan: &Plan, records: &[Record], grades: &[GradeRow], pairs: &[Pair]) -> String {
    let mut body = String::new();
    let all = plan.submissions.len();
    let _ = writeln!(
        body,
        "<p>{} of {all} submissions have a grade.</p>",
        records.len()
    );
    distribution(&mut body, records);
    body.push_str("<h2>Grades</h2>\n");
    let rows = grades.iter().map(|row| {
        let late = row.late_days.to_string();
        let tests = format!("{} of {}", row.passed, row.run);
        vec![
            row.student.clone(),
            row.grade.clone(),
            late,
            row.outcome.clone(),
            tests,
        ]
    });
    body += &html::table(
        &["student", "#grade", "#days late", "outcome", "#tests"],
        &rows.collect::<Vec<_>>(),
    );
    tests(&mut body, records);
    similar(&mut body, records, pairs);
    html::page("The class", &body)
}

/// Returns the number of scores in each tenth.
fn distribution(body: &mut String, records: &[Record]) {
    let mut tenths = [0_usize; 10];
    for record in records {
        tenths[((record.outcome.score() / 10.0) as usize).min(9)] += 1;
    }
    let most = tenths.iter().copied().max().unwrap_or(0).max(1);
    body.push_str("<h2>Scores</h2>\n<table>\n");
    for (tenth, count) in tenths.iter().enumerate() {
        let (from, to) = (tenth * 10, tenth * 10 + 10);
        let width = count * 20 / most;
        let _ = writeln!(
            body,
            "<tr><td class=\"n\">{from} to {to}</td><td class=\"n\">{count}</td>\
             <td><span class=\"bar\" style=\"width:{width}rem\"></span></td></tr>"
        );
    }
    body.push_str("</table>\n");
}

/// Returns the tests, those that the fewest passed first, and the students who failed them.
fn tests(body: &mut String, records: &[Record]) {
    let mut failed: BTreeMap<String, (usize, Vec<&str>)> = BTreeMap::new();
    for record in records {
        let results = record.outcome.results();
        for test in results.iter().flat_map(|results| &results.tests) {
            let (run, names) = failed.entry(test.id()).or_default();
            *run += 1;
            if !test.verdict.passed() {
                names.push(&record.student);
            }
        }
    }
    let mut failed = Vec::from_iter(
        failed
            .into_iter()
            .filter(|(_, (_, names))| !names.is_empty()),
    );
    failed.sort_by_key(|(_, (_, names))| std::cmp::Reverse(names.len()));
    let rows = failed.into_iter().map(|(test, (run, names))| {
        let passed = format!("{} of {run}", run - names.len());
        vec![test, passed, names.join(", ")]
    });
    body.push_str("<h2>Tests that somebody failed</h2>\n");
    *body += &html::table(&["test", "#passed", "failed by"], &rows.collect::<Vec<_>>());
}

fn similar(body: &mut String, records: &[Record], pairs: &[Pair]) {
    body.push_str(
        "<h2>Similar submissions</h2>\n<p>Common pieces of code beyond the hand-out: a hint to look, no more.</p>\n",
    );
    let rows = pairs.iter().map(|pair| {
        let name = |number: usize| records[number].student.clone();
        vec![
            name(pair.first),
            name(pair.second),
            format!("{} %", pair.share),
        ]
    });
    *body += &html::table(&["one", "other", "#in common"], &rows.collect::<Vec<_>>());
}
