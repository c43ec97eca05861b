//! Differences from a test's expectations: on the console, in files, in statistics, in the fault
//! log.
//!
//! # Invariants
//!
//! A complaint has everything needed to show it, so that it can be stored in a file and shown
//! elsewhere.

use serde::{Deserialize, Serialize};

use crate::console_text::ConsoleText;
use crate::suite::{FileState, Test};
use host::guest_name::GuestName;
use protocol::difference::Comparison;
use protocol::record::Divergence;
use protocol::stats::Printed;

/// One thing that is not as expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "kebab-case")]
pub enum Complaint {
    /// The console shows something else.
    Console(Comparison),
    /// A file of the guest's holds other text.
    FileText {
        /// The file.
        name: String,
        /// Expected and actual text.
        difference: Comparison,
    },
    /// A file of the guest's is not as expected, in words.
    File {
        /// The file.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// A number of the statistics is not as expected.
    Statistics {
        /// The constraint.
        expected: String,
        /// The number, if there is one.
        actual: Option<u64>,
    },
    /// Events of the fault log are not as expected.
    Log {
        /// The pattern.
        pattern: String,
        /// The number of events that matched: zero if some should, or more if none should.
        matches: u64,
    },
    /// The fault log is not that of the snapshot.
    Snapshot {
        /// The snapshot's file.
        file: String,
        /// The first line that differs, from 1.
        line: usize,
        /// How it differs, in words.
        why: String,
        /// The number of the first line of the surroundings.
        first: usize,
        /// The lines around it.
        surroundings: Comparison,
    },
}

impl Complaint {
    /// Describes it in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Complaint::Console(_) => "the console differs from what is expected".to_owned(),
            Complaint::FileText { name, .. } => {
                format!("file '{name}' differs from what is expected")
            }
            Complaint::File { name, what } => format!("file '{name}' {what}"),
            Complaint::Statistics { expected, actual } => match actual {
                Some(number) => format!("expected {expected}, but it is {number}"),
                None => format!("expected {expected}, but there are no statistics"),
            },
            Complaint::Log {
                pattern,
                matches: 0,
            } => {
                format!("no event of the fault log matches '{pattern}'")
            }
            Complaint::Snapshot {
                file, line, why, ..
            } => format!("the fault log differs from snapshot '{file}' at event {line}: {why}"),
            Complaint::Log { pattern, matches } => {
                format!("{matches} events of the fault log match '{pattern}', but none should")
            }
        }
    }

    /// Returns expected and actual text, if it is about a text.
    #[must_use]
    pub fn comparison(&self) -> Option<&Comparison> {
        match self {
            Complaint::Console(comparison)
            | Complaint::FileText {
                difference: comparison,
                ..
            }
            | Complaint::Snapshot {
                surroundings: comparison,
                ..
            } => Some(comparison),
            _ => None,
        }
    }

    /// Returns the number of the first line of what it compares.
    #[must_use]
    pub fn first_line(&self) -> usize {
        match self {
            Complaint::Snapshot { first, .. } => *first,
            _ => 1,
        }
    }
}

/// Compares the console.
pub(super) fn about_console(test: &Test, console: &[u8]) -> Option<Complaint> {
    let expected = ConsoleText::for_test(&test.expect, test);
    let actual = ConsoleText::for_test(&String::from_utf8_lossy(console), test);
    (expected != actual).then(|| {
        Complaint::Console(Comparison {
            expected: expected.printable(),
            actual: actual.printable(),
        })
    })
}

/// Compares the fault log.
pub(super) fn about_snapshot(test: &Test, divergence: Option<&Divergence>) -> Option<Complaint> {
    let snapshot = test.snapshot.as_ref()?;
    let divergence = divergence?.clone();
    Some(Complaint::Snapshot {
        file: snapshot.file.clone(),
        line: divergence.line,
        why: divergence.why,
        first: divergence.first,
        surroundings: divergence.surroundings,
    })
}

/// Compares the guest's files; `read` returns the content of one if it exists.
///
/// # Errors
/// Those of `read`: a file that cannot be read may or may not exist.
pub(super) fn about_files(
    test: &Test,
    read: impl Fn(&GuestName) -> Result<Option<Vec<u8>>, String>,
) -> Result<Vec<Complaint>, String> {
    let complaints = test.files.iter().map(|file| {
        let name = file.name.to_string();
        let wrong = |what: String| {
            Some(Complaint::File {
                name: name.clone(),
                what,
            })
        };
        let complaint = match (&file.state, read(&file.name)?) {
            (FileState::Absent, None) => None,
            (FileState::Absent, Some(_)) => wrong("should not be there".to_owned()),
            (FileState::Content(_), None) => wrong("is not there".to_owned()),
            (FileState::Content(expected), Some(actual)) if *expected == actual => None,
            (FileState::Content(expected), Some(actual)) => match (text(expected), text(&actual)) {
                (Some(expected), Some(actual)) => Some(Complaint::FileText {
                    name,
                    difference: Comparison { expected, actual },
                }),
                _ => wrong(first_difference(expected, &actual)),
            },
        };
        Ok(complaint)
    });
    complaints.filter_map(Result::transpose).collect()
}

/// Checks the statistics.
pub(super) fn about_stats(test: &Test, stats: &Printed) -> impl Iterator<Item = Complaint> {
    test.stats.iter().filter_map(|constraint| {
        let actual = stats.number(constraint.name());
        let holds = actual.is_some_and(|number| constraint.holds(number));
        (!holds).then(|| Complaint::Statistics {
            expected: constraint.to_string(),
            actual,
        })
    })
}

/// Checks the fault log. `matches` has the number of events for each pattern that must match, then
/// for each that must not.
pub(super) fn about_log(test: &Test, matches: &[u64]) -> impl Iterator<Item = Complaint> {
    let wanted = test.log.iter().map(|pattern| (pattern, true));
    let unwanted = test.log_never.iter().map(|pattern| (pattern, false));
    let counts = matches.iter().copied().chain(std::iter::repeat(0));
    let all = wanted.chain(unwanted).zip(counts);
    all.filter_map(|((pattern, is_wanted), matches)| {
        let good = is_wanted == (matches > 0);
        (!good).then(|| Complaint::Log {
            pattern: pattern.to_string(),
            matches,
        })
    })
}

/// Returns bytes as text, if a person can read them.
fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let readable = |c: char| !c.is_control() || c == '\n' || c == '\t';
    text.chars().all(readable).then(|| text.to_owned())
}

fn first_difference(expected: &[u8], actual: &[u8]) -> String {
    let at = expected
        .iter()
        .zip(actual)
        .position(|(one, other)| one != other);
    match at {
        Some(at) => format!(
            "differs at byte {at}: expected {:#04x}, but it is {:#04x}",
            expected[at], actual[at]
        ),
        None => format!(
            "has {} bytes, not {}; those that both have agree",
            actual.len(),
            expected.len()
        ),
    }
}
