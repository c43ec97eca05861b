//! What a run of a test is worth: passed, or why not.
//!
//! What always holds: only what the test asks for decides (never the time it took), and a failure
//! that is vmlab's own fault (a crash of the kernel, a hang that its work limit did not end, a
//! test that cannot be set up) is never shown as one of the student's program.

mod complaint;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use complaint::{Comparison, Complaint};

use crate::black_box::Record;
use crate::guest_name::GuestName;
use crate::stats::Printed;
use crate::suite::Test;

/// How the process that ran one test ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProcessEnd {
    /// It exited with this code.
    Exited(i32),
    /// The host ended it, for example by a signal.
    Crashed,
    /// The watchdog ended it after this time on the wall's clock.
    Watchdog(Duration),
    /// It could not be started.
    NotStarted(String),
    /// How it ended, or what it printed, cannot be known.
    Lost(String),
}

/// What came out of the process that ran one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// How it ended.
    pub end: ProcessEnd,
    /// The guest's console.
    pub console: Vec<u8>,
    /// Whether the console had more than the runner keeps.
    pub too_long: bool,
    /// What vmlab said about it.
    pub messages: String,
    /// Its statistics.
    pub stats: Printed,
    /// Its black box, or why it cannot be read.
    pub record: Result<Record, String>,
}

/// The verdict on one test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Verdict {
    /// All as expected.
    Passed,
    /// Something is not: what. At least one thing.
    Failed(Vec<Complaint>),
    /// The console shows more than any test prints.
    TooMuchOutput,
    /// The guest did not end within its work; what is not as expected.
    WorkLimit(Vec<Complaint>),
    /// The emulated kernel crashed: its last messages.
    KernelBug(String),
    /// The emulated kernel hung: the watchdog ended it after so many seconds.
    Hang(u64),
    /// The test could not be run: why.
    SetUp(String),
    /// It was not run, because another failed before (`--fail-fast`).
    NotRun,
}

impl Verdict {
    /// Judges a run of a test. `file` tells what is in a file of the guest's if it is there, or why
    /// that cannot be known.
    pub fn of(
        test: &Test,
        run: &Run,
        file: impl Fn(&GuestName) -> Result<Option<Vec<u8>>, String>,
    ) -> Verdict {
        match &run.end {
            ProcessEnd::NotStarted(why) | ProcessEnd::Lost(why) => {
                return Verdict::SetUp(why.clone());
            }
            ProcessEnd::Watchdog(after) => return Verdict::Hang(after.as_secs()),
            ProcessEnd::Exited(0 | 1) => {}
            ProcessEnd::Exited(2) => return Verdict::SetUp(run.messages.clone()),
            ProcessEnd::Exited(_) | ProcessEnd::Crashed => {
                return Verdict::KernelBug(run.messages.clone());
            }
        }
        // Without its record a run would pass what it was not checked for.
        let record = match &run.record {
            Ok(record) => record,
            Err(why) => return Verdict::SetUp(format!("the run left no record: {why}")),
        };
        if run.too_long {
            return Verdict::TooMuchOutput;
        }
        let console = complaint::about_console(test, &run.console);
        if run.stats.work_limit() {
            return Verdict::WorkLimit(console.into_iter().collect());
        }
        let mut complaints = Vec::from_iter(console);
        match complaint::about_files(test, file) {
            Ok(about_files) => complaints.extend(about_files),
            Err(why) => return Verdict::SetUp(why),
        }
        complaints.extend(complaint::about_stats(test, &run.stats));
        complaints.extend(complaint::about_log(test, &record.matches));
        complaints.extend(complaint::about_snapshot(test, record.divergence.as_ref()));
        if complaints.is_empty() {
            Verdict::Passed
        } else {
            Verdict::Failed(complaints)
        }
    }

    /// Whether the test gives its points.
    pub fn passed(&self) -> bool {
        *self == Verdict::Passed
    }

    /// Whether it is vmlab that failed, and not what it ran.
    pub fn is_our_bug(&self) -> bool {
        matches!(self, Verdict::KernelBug(_) | Verdict::Hang(_))
    }

    /// What is not as expected.
    pub fn complaints(&self) -> &[Complaint] {
        match self {
            Verdict::Failed(complaints) | Verdict::WorkLimit(complaints) => complaints,
            _ => &[],
        }
    }

    /// What vmlab said where it is not the guest that failed.
    pub fn messages(&self) -> Option<&str> {
        match self {
            Verdict::KernelBug(messages) | Verdict::SetUp(messages) => Some(messages),
            _ => None,
        }
    }

    /// The verdict in a few words.
    pub fn summary(&self) -> String {
        match self {
            Verdict::Passed => "passed".to_owned(),
            Verdict::Failed(complaints) => {
                let parts: Vec<_> = complaints.iter().map(Complaint::summary).collect();
                parts.join("; ")
            }
            Verdict::TooMuchOutput => "the console got far more than any test prints".to_owned(),
            Verdict::WorkLimit(_) => "did not end within its work limit".to_owned(),
            Verdict::KernelBug(_) => "the emulated kernel crashed: a bug of vmlab or of the \
                                      kernel code under test, not of this program; please \
                                      report it"
                .to_owned(),
            Verdict::Hang(seconds) => format!(
                "the emulated kernel hung and was ended after {seconds} s: a bug of vmlab or of \
                 the kernel code under test, not of this program; please report it"
            ),
            Verdict::SetUp(_) => "could not be run".to_owned(),
            Verdict::NotRun => "not run, because a test failed before".to_owned(),
        }
    }
}
