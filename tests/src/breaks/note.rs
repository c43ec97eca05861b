//! `docs/what-each-test-catches.md`: written from what came of all trials, and read again to see
//! that it still names every test.
//!
//! # Invariants
//!
//! The break that is named for a test is, of those that make it fail, the one that makes the fewest
//! tests fail; among equals the first in the file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use class::breaks::Break;

use super::trial::Outcome;

/// Where the note is, from the root of the workspace.
pub const PATH: &str = "docs/what-each-test-catches.md";

/// The head of the table of tests.
const TESTS: &str = "| Test | Break that it catches | Others |";
/// How many failed tests are listed by name for a break that is shown in full.
const LISTED: usize = 40;

/// All trials: breaks with their outcomes, and the tests as SUITE/NAME.
#[derive(Debug)]
pub struct Trials {
    /// All tests, in their order.
    pub tests: Vec<String>,
    /// The extra points that there are.
    pub extra: u32,
    /// All breaks with what came of them, in the order of the file.
    pub breaks: Vec<(Break, Outcome)>,
}

impl Trials {
    /// The breaks that make a test fail, the most telling first.
    fn caught_by(&self, test: &String) -> Vec<&Break> {
        let catching = self.breaks.iter().filter(|(_, o)| o.failed.contains(test));
        let mut catching: Vec<_> = catching.collect();
        catching.sort_by_key(|(_, outcome)| outcome.failed.len());
        catching.into_iter().map(|(one, _)| one).collect()
    }

    /// Tests that no break makes fail.
    pub fn uncaught(&self) -> Vec<&str> {
        let tests = self
            .tests
            .iter()
            .filter(|test| self.caught_by(test).is_empty());
        tests.map(String::as_str).collect()
    }

    /// Breaks that make no test fail, or not the test of the code that is named for them.
    #[must_use]
    pub fn unnoticed(&self) -> Vec<&str> {
        let breaks = self
            .breaks
            .iter()
            .filter(|(one, outcome)| match one.caught_by {
                Some(_) => !outcome.is_caught_by_code,
                None => outcome.failed.is_empty(),
            });
        breaks.map(|(one, _)| one.name.as_str()).collect()
    }

    /// The note.
    #[must_use]
    pub fn render(&self) -> String {
        let mut note = format!(
            "\
# What each test catches

A test that cannot fail shows nothing. So each bundled test was run on kernels that are broken on
purpose, in one place each: {breaks} slips of one line that a kernel could have, from a dirty bit
that is ignored to a slot that is never freed. Every one of the {tests} tests fails with at least
one of them, and every one of them makes a test fail; {code} that no program shows were tried on a test
of the code itself.

This file is written by

    cargo run --release -p tests --bin try-breaks -- --write

The breaks are in `class/breaks.toml`: what is replaced by what. The command copies the sources to
`target/breaks`, puts all breaks into the copy, builds it once, and grades it once for each break
and once without any. Only what has changed since the last time is tried again.

",
            breaks = self.breaks.len(),
            tests = self.tests.len(),
            code = self.breaks.iter().filter(|(one, _)| one.caught_by.is_some()).count(),
        );
        self.render_shown(&mut note);
        self.render_breaks(&mut note);
        self.render_tests(&mut note);
        note
    }

    fn render_shown(&self, note: &mut String) {
        let shown: Vec<_> = self.breaks.iter().filter(|(one, _)| one.shown).collect();
        writeln!(
            note,
            "## {} breaks in full\n\n\
             One for each of these parts of the kernel: what is broken, the score that is left, \
             and which tests fail.\nThey point at the part that is broken.\n",
            shown.len()
        )
        .expect(TAKES_ALL);
        for (one, outcome) in shown {
            let total = outcome.failed.len();
            let mut by_suite: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for test in outcome.failed.iter().take(LISTED) {
                let (suite, name) = test.split_once('/').expect("SUITE/NAME");
                by_suite.entry(suite).or_default().push(name);
            }
            write!(
                note,
                "### {}: {}\n\n{}.\n\n```diff\n{}{}```\n\n\
                 Score {:.1}%, extra points {} of {}; {total} {}:\n\n",
                one.part,
                one.name,
                capital(&one.says),
                prefixed("- ", &one.find),
                prefixed("+ ", &one.replace),
                outcome.score,
                outcome.extra,
                self.extra,
                if total == 1 {
                    "test fails"
                } else {
                    "tests fail"
                },
            )
            .expect(TAKES_ALL);
            for (suite, names) in by_suite {
                writeln!(note, "- {suite}: {}", names.join(", ")).expect(TAKES_ALL);
            }
            if total > LISTED {
                writeln!(note, "- and {} more", total - LISTED).expect(TAKES_ALL);
            }
            note.push('\n');
        }
    }

    fn render_breaks(&self, note: &mut String) {
        note.push_str(
            "## All breaks\n\n| Break | Part | File | With it | Tests that fail |\n\
             |---|---|---|---|--:|\n",
        );
        for (one, outcome) in &self.breaks {
            let (name, part, file, says) = (&one.name, &one.part, &one.file, &one.says);
            let fails = match &one.caught_by {
                Some(test) => format!("`{test}`"),
                None => outcome.failed.len().to_string(),
            };
            writeln!(note, "| `{name}` | {part} | `{file}` | {says} | {fails} |").expect(TAKES_ALL);
        }
    }

    fn render_tests(&self, note: &mut String) {
        note.push_str(
            "\n## All tests\n\nOf the breaks that make a test fail, this names the one that makes \
             the fewest tests fail, and\nsays how many others there are.\n",
        );
        let mut suite = "";
        for test in &self.tests {
            let (of, name) = test.split_once('/').expect("SUITE/NAME");
            if of != suite {
                suite = of;
                writeln!(note, "\n### {suite}\n\n{TESTS}\n|---|---|--:|").expect(TAKES_ALL);
            }
            let catching = self.caught_by(test);
            let (named, others) = match catching.split_first() {
                Some((first, rest)) => (format!("`{}`: {}", first.name, first.says), rest.len()),
                None => ("none".to_owned(), 0),
            };
            writeln!(note, "| `{name}` | {named} | {others} |").expect(TAKES_ALL);
        }
    }
}

const TAKES_ALL: &str = "strings take all that is written";

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

fn prefixed(prefix: &str, text: &str) -> String {
    text.lines()
        .map(|line| format!("{prefix}{line}\n"))
        .collect()
}

/// The tests that a note names, as SUITE/NAME, each with the break that it catches.
#[must_use]
pub fn named(note: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut suite = "";
    for line in note.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            suite = title;
        }
        let mut cells = line.split('`');
        let starts = cells.next() == Some("| ");
        if let (true, Some(test), Some(" | "), Some(one), Some(_)) = (
            starts,
            cells.next(),
            cells.next(),
            cells.next(),
            cells.next(),
        ) {
            found.insert(format!("{suite}/{test}"), one.to_owned());
        }
    }
    found
}
