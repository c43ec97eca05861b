//! The score board: what all tests together are worth, for people.
//!
//! What always holds: sets stand with the heaviest first and tests in the order in which they were
//! read; a set has all its points only if all its tests passed; failures come last.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::details;
use crate::results::{Points, Results, TestResult};
use crate::verdict::Verdict;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();

/// The whole board, with escape sequences for colours.
pub fn render(results: &Results) -> String {
    let mut text = String::new();
    table(&mut text, results);
    let style = if results.all_passed() { GOOD } else { BOLD };
    let score = results.score();
    line(
        &mut text,
        &format!("\n{style}TOTAL TESTING SCORE: {score:.1}%{style:#}"),
    );
    if let Some(Points { got, max }) = results.extra() {
        line(&mut text, &format!("EXTRA POINTS: {got} of {max}"));
    }
    if let Some(shard) = results.shard {
        let all = results.all_tests;
        line(&mut text, &format!("This is part {shard} of {all} tests."));
    }
    let (all, passed) = (results.tests.len(), results.passed());
    if results.all_passed() {
        line(&mut text, &format!("{GOOD}All {all} tests passed.{GOOD:#}"));
    } else {
        let failed = all - passed;
        line(
            &mut text,
            &format!("{BAD}{failed} of {all} tests failed:{BAD:#}"),
        );
        let failed = results.tests.iter().filter(|t| !t.verdict.passed());
        failed.for_each(|test| failure(&mut text, test));
    }
    text
}

fn table(text: &mut String, results: &Results) {
    let sets = results.sets();
    let titles = sets.iter().map(|set| set.title.chars().count());
    let width = titles.max().unwrap_or(0).max("Test set".len());
    let head = format!(
        "{:<width$}  {:>5} {:>6}  {:>6} {:>5} {:>7}  {:>6}",
        "Test set", "Tests", "Passed", "Points", "Max", "%", "Weight"
    );
    line(text, &format!("{BOLD}{head}{BOLD:#}"));
    for set in sets {
        let (tests, passed, points) = (set.tests, set.passed, set.points);
        let percent = percent(points);
        let weight = match set.weight {
            Some(weight) => format!("{weight}%"),
            None => "extra".to_owned(),
        };
        line(
            text,
            &format!(
                "{:<width$}  {tests:>5} {passed:>6}  {:>6} {:>5} {percent:>7}  {weight:>6}",
                set.title, points.got, points.max
            ),
        );
    }
}

/// In per cent, with one digit after the point, rounded down: 100.0 are all points.
fn percent(points: Points) -> String {
    let tenths = u64::from(points.got) * 1000 / u64::from(points.max.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn failure(text: &mut String, test: &TestResult) {
    let (id, summary) = (test.id(), test.verdict.summary());
    if test.verdict == Verdict::NotRun {
        line(text, &format!("\nSKIP {id}: {summary}"));
        return;
    }
    let points = match test.points {
        1 => "1 point".to_owned(),
        points => format!("{points} points"),
    };
    line(
        text,
        &format!("\n{BAD}FAIL{BAD:#} {id} ({points}): {summary}"),
    );
    for detail in details::render(test).lines() {
        line(text, &format!("  {detail}"));
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes all");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{all_kinds, failed, result, results};

    fn board(results: &Results) -> String {
        anstream::adapter::strip_str(&render(results)).to_string()
    }

    #[test]
    fn all_passed() {
        let tests = vec![
            result(1, "filesys", 1, Verdict::Passed),
            result(2, "vm", 2, Verdict::Passed),
            result(3, "hostile", 5, Verdict::Passed),
        ];
        assert_eq!(
            board(&results(tests)),
            "\
Test set           Tests Passed  Points   Max       %  Weight
VM: functionality      1      1       2     2  100.0%     50%
Base file system       1      1       1     1  100.0%     20%
Suite hostile          1      1       5     5  100.0%   extra

TOTAL TESTING SCORE: 100.0%
EXTRA POINTS: 5 of 5
All 3 tests passed.
"
        );
    }

    #[test]
    fn a_failure_comes_last_with_its_difference() {
        let tests = vec![
            result(1, "mine", 1, failed()),
            result(2, "mine", 2, Verdict::Passed),
        ];
        let board = board(&results(tests));
        assert!(board.contains("TOTAL TESTING SCORE: 66.6%\n1 of 2 tests failed:\n"));
        let failure = "
FAIL mine/test-1 (1 point): the console differs from what is expected
  shows: It works.
  again: ./vmlab run hello
  the console differs from what is expected:
  --- expected
  +++ actual
  @@ line 1 @@
  -a <&> \"b\"
";
        assert!(board.contains(failure), "{board}");
    }

    #[test]
    fn a_bug_of_ours_says_so_and_asks_for_a_report() {
        let board = board(&all_kinds());
        assert!(
            board.contains("not of this program; please report it"),
            "{board}"
        );
        assert!(board.contains("\n  panicked\\u{1b} at x\n"), "{board}");
    }

    #[test]
    fn what_was_not_run_is_no_failure_of_its_own() {
        assert!(board(&all_kinds()).contains("\nSKIP hostile/test-4: not run"));
    }
}
