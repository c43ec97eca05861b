//! The score board: what all tests together are worth, for people.
//!
//! What always holds: suites and tests stand in the order in which they were read; a suite has
//! all its points only if all its tests passed; 100.0% is printed only for all points.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::difference;
use crate::runner::Outcome;
use crate::suite::Test;
use crate::verdict::{Comparison, Verdict};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();

/// The results of the tests of a suite that were run.
pub struct SuiteResult<'a> {
    /// The suite's name.
    pub name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Each test with its result.
    pub results: Vec<(&'a Test, Outcome)>,
}

/// Points got and points there are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Points {
    /// Got.
    pub got: u32,
    /// There are.
    pub max: u32,
}

impl Points {
    fn add(self, more: Points) -> Points {
        Points {
            got: self.got + more.got,
            max: self.max + more.max,
        }
    }

    /// In per cent, with one digit after the point, rounded down: 100.0 are all points.
    pub fn percent(self) -> String {
        let tenths = u64::from(self.got) * 1000 / u64::from(self.max.max(1));
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

impl SuiteResult<'_> {
    /// What its tests gave.
    pub fn points(&self) -> Points {
        self.results
            .iter()
            .fold(Points::default(), |sum, (test, outcome)| {
                let got = if outcome.verdict.passed() {
                    test.points
                } else {
                    0
                };
                sum.add(Points {
                    got,
                    max: test.points,
                })
            })
    }

    fn passed(&self) -> usize {
        self.results
            .iter()
            .filter(|(_, outcome)| outcome.verdict.passed())
            .count()
    }
}

/// Whether all tests of all suites passed.
pub fn all_passed(suites: &[SuiteResult<'_>]) -> bool {
    suites
        .iter()
        .all(|suite| suite.passed() == suite.results.len())
}

/// The whole board, with escape sequences for colours.
pub fn render(suites: &[SuiteResult<'_>]) -> String {
    let mut text = String::new();
    table(&mut text, suites);
    let total = suites
        .iter()
        .map(SuiteResult::points)
        .fold(Points::default(), Points::add);
    let style = if all_passed(suites) { GOOD } else { BOLD };
    line(
        &mut text,
        &format!(
            "\n{style}TOTAL TESTING SCORE: {}%{style:#}",
            total.percent()
        ),
    );
    if all_passed(suites) {
        let count: usize = suites.iter().map(|suite| suite.results.len()).sum();
        line(
            &mut text,
            &format!("{GOOD}All {count} tests passed.{GOOD:#}"),
        );
    } else {
        failures(&mut text, suites);
    }
    text
}

fn table(text: &mut String, suites: &[SuiteResult<'_>]) {
    let titles = suites.iter().map(|suite| suite.title.chars().count());
    let width = titles.max().unwrap_or(0).max("Test set".len());
    let head = format!(
        "{:<width$}  {:>5} {:>6}  {:>6} {:>5} {:>7}",
        "Test set", "Tests", "Passed", "Points", "Max", "%"
    );
    line(text, &format!("{BOLD}{head}{BOLD:#}"));
    for suite in suites {
        let points = suite.points();
        let (tests, passed) = (suite.results.len(), suite.passed());
        let percent = format!("{}%", points.percent());
        line(
            text,
            &format!(
                "{:<width$}  {tests:>5} {passed:>6}  {:>6} {:>5} {percent:>7}",
                suite.title, points.got, points.max
            ),
        );
    }
}

fn failures(text: &mut String, suites: &[SuiteResult<'_>]) {
    let all: usize = suites.iter().map(|suite| suite.results.len()).sum();
    let passed: usize = suites.iter().map(SuiteResult::passed).sum();
    line(
        text,
        &format!("{BAD}{} of {all} tests failed:{BAD:#}", all - passed),
    );
    for suite in suites {
        for (test, outcome) in &suite.results {
            if !outcome.verdict.passed() {
                failure(text, suite.name, test, outcome);
            }
        }
    }
}

fn failure(text: &mut String, suite: &str, test: &Test, outcome: &Outcome) {
    let (name, points) = (&test.name, test.points);
    let points = if points == 1 {
        "1 point".to_owned()
    } else {
        format!("{points} points")
    };
    line(
        text,
        &format!(
            "\n{BAD}FAIL{BAD:#} {suite}/{name} ({points}): {}",
            outcome.verdict.summary()
        ),
    );
    line(text, &format!("  shows: {}", test.shows));
    line(text, &format!("  again: {}", outcome.repeat));
    match &outcome.verdict {
        Verdict::WrongOutput(comparison) | Verdict::WorkLimit(comparison) => {
            line(text, &indented(&shown(comparison)));
        }
        Verdict::KernelBug(messages) | Verdict::SetUp(messages) => {
            line(text, &indented(messages.trim_end()));
        }
        Verdict::TooMuchOutput | Verdict::Hang(_) | Verdict::Passed => {}
    }
}

fn shown(comparison: &Comparison) -> String {
    if comparison.expected == comparison.actual {
        "the console is as expected".to_owned()
    } else {
        difference::render(comparison)
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes all");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::suite::Suite;

    fn suite() -> Suite {
        let head = "[suite]\nname = 's'\ntitle = 'Some tests'\n";
        let test = |name: &str, points: u32| {
            format!(
                "[[test]]\nname = '{name}'\nprogram = 'hello'\nshows = 'It works.'\npoints = {points}\nexpect = 'a'\n"
            )
        };
        Suite::parse(
            "s.toml",
            &format!("{head}{}{}", test("one", 1), test("two", 2)),
        )
        .unwrap()
    }

    fn board(suite: &Suite, verdicts: [Verdict; 2]) -> String {
        let results = suite
            .tests
            .iter()
            .zip(verdicts)
            .map(|(test, verdict)| {
                let repeat = "./vmlab run hello".to_owned();
                (
                    test,
                    Outcome {
                        verdict,
                        repeat,
                        elapsed: Duration::ZERO,
                    },
                )
            })
            .collect();
        let result = SuiteResult {
            name: &suite.name,
            title: &suite.title,
            results,
        };
        anstream::adapter::strip_str(&render(&[result])).to_string()
    }

    #[test]
    fn all_passed() {
        assert_eq!(
            board(&suite(), [Verdict::Passed, Verdict::Passed]),
            "\
Test set    Tests Passed  Points   Max       %
Some tests      2      2       3     3  100.0%

TOTAL TESTING SCORE: 100.0%
All 2 tests passed.
"
        );
    }

    #[test]
    fn a_failure_comes_last_with_its_difference() {
        let wrong = Comparison {
            expected: "a\n".into(),
            actual: "b\n".into(),
        };
        assert_eq!(
            board(&suite(), [Verdict::WrongOutput(wrong), Verdict::Passed]),
            "\
Test set    Tests Passed  Points   Max       %
Some tests      2      1       2     3   66.6%

TOTAL TESTING SCORE: 66.6%
1 of 2 tests failed:

FAIL s/one (1 point): the console differs from what is expected
  shows: It works.
  again: ./vmlab run hello
  --- expected
  +++ actual
  @@ line 1 @@
  -a
  +b
"
        );
    }

    #[test]
    fn a_bug_of_ours_says_so_and_shows_the_last_messages() {
        let bug = Verdict::KernelBug("panicked at x\n".to_owned());
        let text = board(&suite(), [Verdict::Passed, bug]);
        assert!(text.contains("not of this program"), "{text}");
        assert!(text.ends_with("\n  panicked at x\n"), "{text}");
    }

    #[test]
    fn less_than_all_points_is_never_a_hundred_per_cent() {
        assert_eq!(
            Points {
                got: 9999,
                max: 10000
            }
            .percent(),
            "99.9"
        );
        assert_eq!(Points { got: 0, max: 0 }.percent(), "0.0");
    }
}
