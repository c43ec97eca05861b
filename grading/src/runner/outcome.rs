//! The result of a test, as it is reported.
//!
//! # Invariants
//! Every text is short, whatever the kernel printed.

use std::time::Duration;

use protocol::record::Walls;

use super::attempt::Attempt;
use super::short::short;
use crate::verdict::Verdict;

/// The number of lines of the console that are shown for a kernel that failed.
const CONSOLE_LINES: usize = 5;

/// The result of a job.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Passed, or why not.
    pub verdict: Verdict,
    /// Additional notes, for example which seeds failed.
    pub notes: Vec<String>,
    /// The command line that repeats it.
    pub repeat: String,
    /// The last lines of the console, if the kernel failed.
    pub console: Vec<String>,
    /// Why processes died, if it did not pass.
    pub deaths: Vec<String>,
    /// The last events of the fault log, if it did not pass.
    pub events: Vec<String>,
    /// What stood between the kernel and the host; None if it did not run so far.
    pub walls: Option<Walls>,
    /// The seed of the attempt that it is about.
    pub seed: Option<u64>,
    /// The time it took.
    pub elapsed: Duration,
}

impl Outcome {
    /// Returns the outcome of the attempt that represents all.
    pub(super) fn of(attempt: Attempt, mut notes: Vec<String>, elapsed: Duration) -> Outcome {
        let during = attempt
            .during
            .map(|what| format!("the kernel was at {what}"));
        // One that was looked at again has it already.
        if let Some(during) = during.filter(|note| !notes.contains(note)) {
            notes.push(during);
        }
        let console = match attempt.verdict.is_kernels() {
            true => last_lines(&attempt.console),
            false => Vec::new(),
        };
        let texts = (
            attempt.verdict,
            notes,
            console,
            attempt.deaths,
            attempt.events,
        );
        let (verdict, notes, console, deaths, events) = short(texts);
        Outcome {
            console,
            verdict,
            notes,
            repeat: attempt.repeat,
            deaths,
            events,
            walls: attempt.walls,
            seed: attempt.seed,
            elapsed,
        }
    }
}

/// Returns the last lines of a console, as text.
fn last_lines(console: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(console);
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(CONSOLE_LINES);
    lines[first..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}
