//! The score board for people: what failed and why, then the points of all tests.
//!
//! # Invariants
//!
//! - A cause of failures is reported once, with the names of its tests; at most [`IN_FULL`] failures
//!   are shown in full.
//! - Sets are sorted by weight, heaviest first; a set has all its points only if all its tests passed.
//! - The score comes last.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::causes::{self, Cause};
use super::details;
use crate::results::{Points, Results};
use crate::verdict::{Skipped, Verdict};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();

/// The number of failures that are shown in full.
const IN_FULL: usize = 5;
/// The most lines for the names of the tests of one cause, unless all are requested.
const NAME_LINES: usize = 3;
/// The maximum length of a line of names.
const WIDTH: usize = 96;

/// The names of failed tests to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Names {
    /// Some lines of them for each cause.
    Some,
    /// All.
    All,
}

/// Returns the whole board, with escape sequences for colours.
#[must_use]
pub fn render(results: &Results, names: Names) -> String {
    let mut text = String::new();
    failures(&mut text, results, names);
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
    line(&mut text, &how_many(results));
    text
}

/// Returns a line with the numbers of tests that passed, failed and were run.
fn how_many(results: &Results) -> String {
    let all = results.tests.len();
    let run = results.tests.iter().filter(|test| test.verdict.was_run());
    let run = run.count();
    let failed = run - results.passed();
    if results.all_passed() {
        return format!("{GOOD}All {all} tests passed.{GOOD:#}");
    }
    let why = results.tests.iter().find_map(|test| match test.verdict {
        Verdict::NotRun(why) => Some(why),
        _ => None,
    });
    let rest = match why {
        None => String::new(),
        Some(Skipped::FailFast) => format!(" {run} of {all} were run (--fail-fast)."),
        Some(Skipped::Hangs) => {
            format!(" {run} of {all} were run, since the kernel hung in several.")
        }
        Some(Skipped::Budget) => {
            format!(" {run} of {all} were run in the time there was (--budget).")
        }
        Some(Skipped::Interrupted) => {
            format!(" {run} of {all} were run before the interruption.")
        }
    };
    format!("{BAD}{failed} of {run} tests failed.{BAD:#}{rest}")
}

fn failures(text: &mut String, results: &Results, names: Names) {
    let causes = causes::of(results);
    // One of each cause, and then as many more as fit.
    let mut room = IN_FULL.saturating_sub(causes.len());
    for (number, cause) in causes.iter().enumerate() {
        let mut in_full = usize::from(number < IN_FULL);
        if in_full == 1 && cause.differs_by_test() {
            let more = room.min(cause.tests.len() - 1);
            room -= more;
            in_full += more;
        }
        tell(text, cause, in_full, names);
    }
    if causes.iter().any(|cause| cause.tests.len() > 1) || causes.len() > IN_FULL {
        line(text, "One test in full: ./vmlab grade --only SUITE/NAME\n");
    }
}

/// Prints a cause, the names of its tests, and the first of them in full.
fn tell(text: &mut String, cause: &Cause<'_>, in_full: usize, names: Names) {
    let (summary, points) = (cause.summary(), in_points(cause.points()));
    let tests = cause.tests.as_slice();
    let who = match tests {
        [one] => one.id(),
        several => format!("{} tests", several.len()),
    };
    line(
        text,
        &format!("{BAD}FAIL{BAD:#} {who} ({points}): {summary}"),
    );
    if tests.len() > 1 {
        let ids: Vec<String> = tests.iter().map(|test| test.id()).collect();
        for names in wrapped(&ids, names) {
            line(text, &format!("  {names}"));
        }
    }
    for test in &tests[..in_full] {
        if tests.len() > 1 {
            line(text, &format!("  {}:", test.id()));
        }
        for detail in details::render(test).lines() {
            line(text, &format!("  {detail}"));
        }
    }
    line(text, "");
}

/// Joins names with commas, wrapped into lines.
fn wrapped(names: &[String], which: Names) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (number, name) in names.iter().enumerate() {
        let last = lines.last_mut().expect("there is one");
        if !last.is_empty() && last.len() + name.len() > WIDTH {
            if which == Names::Some && lines.len() == NAME_LINES {
                let more = names.len() - number;
                lines.push(format!("and {more} more (-v names all)"));
                break;
            }
            lines.push(String::new());
        }
        let separator = if number + 1 < names.len() { ", " } else { "" };
        let last = lines.last_mut().expect("there is one");
        *last += &format!("{name}{separator}");
    }
    lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn in_points(points: u32) -> String {
    match points {
        1 => "1 point".to_owned(),
        points => format!("{points} points"),
    }
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

/// Returns a percentage with one decimal, rounded down: 100.0 means all points.
fn percent(points: Points) -> String {
    let tenths = u64::from(points.got) * 1000 / u64::from(points.max.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes all");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{all_kinds, failed, result, results};
    use protocol::kernel_panic::KernelPanic;

    fn board(results: &Results) -> String {
        anstream::adapter::strip_str(&render(results, Names::Some)).to_string()
    }

    #[test]
    fn all_passed() {
        let tests = vec![
            result(1, "filesys", 1, Verdict::Passed),
            result(2, "vm", 2, Verdict::Passed),
            result(3, "hostile", 5, Verdict::Passed),
        ];
        insta::assert_snapshot!(board(&results(tests)));
    }

    #[test]
    fn a_failure_comes_first_with_its_difference_and_the_score_last() {
        let tests = vec![
            result(1, "mine", 1, failed()),
            result(2, "mine", 2, Verdict::Passed),
        ];
        insta::assert_snapshot!(board(&results(tests)));
    }

    #[test]
    fn every_kind_of_failure_has_its_words() {
        insta::assert_snapshot!(board(&all_kinds()));
    }

    #[test]
    fn what_was_not_run_is_counted_and_not_listed() {
        let mut tests = vec![result(1, "vm", 1, failed())];
        tests.extend((2..400).map(|number| {
            let skipped = Verdict::NotRun(Skipped::FailFast);
            result(number, "vm", 1, skipped)
        }));
        let board = board(&results(tests));
        assert!(
            board.ends_with("1 of 1 tests failed. 1 of 399 were run (--fail-fast).\n"),
            "{board}"
        );
        assert!(!board.contains("test-2"), "{board}");
    }

    /// With a kernel that is not written yet, or one that panics, many tests fail alike.
    #[test]
    fn a_kernel_that_does_nothing_yet_has_a_short_board() {
        let panic = Verdict::KernelPanic(KernelPanic {
            message: "index out of bounds: the len is 3 but the index is 3".to_owned(),
            place: "vm/src/replacement/clock.rs:40".to_owned(),
            frames: vec![
                "<vm::replacement::clock::Clock as vm::replacement::Policy>::victim \
                 (vm/src/replacement/clock.rs:40)"
                    .to_owned(),
                "vm::pager::evict::<impl vm::pager::Vm>::find_victim (vm/src/pager/evict.rs:94)"
                    .to_owned(),
            ],
        });
        let task = "1.2, decide a fault (vm/src/pager/fault.rs:63)".to_owned();
        let verdicts = [Verdict::NotWritten(task), panic];
        let tests = (1..500).map(|number| {
            let verdict = verdicts[usize::from(number % 7 == 0)].clone();
            let mut test = result(number, "vm", 1, verdict);
            test.notes = vec!["the kernel was at page fault of hello (process 1)".to_owned()];
            test.events = (0..16)
                .map(|n| format!("{n} fault n={n} pid=1 addr=0x08048000"))
                .collect();
            test.console = vec!["(hello) begin".to_owned()];
            test
        });
        let board = board(&results(tests.collect()));
        assert!(board.lines().count() < 80, "{board}");
        insta::assert_snapshot!(board);
    }

    #[test]
    fn failures_of_programs_are_told_in_full_as_far_as_there_is_room() {
        let many = |count| {
            let tests = (1..=count).map(|number| result(number, "vm", 1, failed()));
            let board = board(&results(tests.collect()));
            board.matches("-a <&> \"b\"").count()
        };
        assert_eq!([many(3), many(5), many(60)], [3, 5, IN_FULL]);
    }
}
