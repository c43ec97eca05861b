//! What a run of a test is worth: passed, or why not.
//!
//! # Invariants
//!
//! Only what the test asks for decides (never the time it took). Whose failure it is is told apart:
//! the program's under test, the kernel's that ran it, or vmlab's own; and a part of the kernel
//! that is not written yet is no crash.

mod complaint;
#[cfg(test)]
mod tests;

use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

pub use complaint::Complaint;

use crate::suite::Test;
use host::guest_name::GuestName;
use protocol::exit::Exit;
use protocol::kernel_panic::{KernelPanic, Kind};
use protocol::record::{Failure, Record};
use protocol::stats::Printed;

/// How the process that ran one test ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProcessEnd {
    /// It exited with this code.
    Exited(i32),
    /// This signal ended it.
    Signal(i32),
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
    /// How long it could take.
    pub time_limit: Duration,
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
    /// The kernel met a part of it that is not written yet: `M.N, TITLE (FILE:LINE)`.
    NotWritten(String),
    /// The kernel panicked.
    KernelPanic(KernelPanic),
    /// The kernel does something without end, as counting shows: what.
    Stuck(String),
    /// The kernel broke a rule that a virtual memory has to keep.
    Broken(BrokenRule),
    /// The kernel did not come to an end within so many seconds.
    Hang(u64),
    /// The kernel wanted more memory of the host than a test may have.
    Memory,
    /// A signal ended the kernel.
    Signal(Signalled),
    /// Runs that must be the same were not: which.
    Unsteady(String),
    /// vmlab crashed: its last messages.
    Bug(String),
    /// The test could not be run: why.
    SetUp(String),
    /// It was not run: why.
    NotRun(Skipped),
}

/// A rule that a kernel broke.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BrokenRule {
    /// The rule, and after a colon what is wrong, and where.
    pub what: String,
    /// What was not as expected for it, if the test was run to its end before.
    pub complaints: Vec<Complaint>,
}

/// A signal that ended a kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signalled {
    /// Its number.
    pub signal: i32,
    /// The last that was said.
    pub messages: String,
}

/// Why a test was not run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skipped {
    /// One failed before, and no more was asked for (`--fail-fast`).
    FailFast,
    /// The kernel hung in several before.
    Hangs,
    /// The time for all of them had passed (`--budget`).
    Budget,
    /// The command was asked to end, by Ctrl-C or another signal.
    Interrupted,
}

impl BrokenRule {
    /// Of a test that was not run to its end.
    fn new(what: &str) -> BrokenRule {
        BrokenRule {
            what: what.to_owned(),
            complaints: Vec::new(),
        }
    }
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
            ProcessEnd::Exited(code) => return Verdict::of_failure(*code, run),
            ProcessEnd::Signal(signal) => return Verdict::of_signal(*signal, run),
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

    /// How the process failed that told so by its exit code.
    fn of_failure(code: i32, run: &Run) -> Verdict {
        let failure = run
            .record
            .as_ref()
            .ok()
            .and_then(|record| record.failure.as_ref());
        match failure {
            Some(failure) if code == i32::from(Exit::Kernel.code()) => {
                Verdict::of_kernel(failure, run)
            }
            _ => Verdict::Bug(run.messages.clone()),
        }
    }

    fn of_kernel(failure: &Failure, run: &Run) -> Verdict {
        match failure {
            Failure::Panic(panic) => match panic.kind() {
                Kind::NotWritten(task) => Verdict::NotWritten(task.to_owned()),
                Kind::EndlessSearch(_) => Verdict::Stuck(panic.to_string()),
                Kind::Rule(what) => Verdict::Broken(BrokenRule::new(what)),
                Kind::Panic | Kind::Invariant => Verdict::KernelPanic(panic.clone()),
            },
            Failure::Stuck(how) => Verdict::Stuck(how.clone()),
            Failure::Broken(what) => Verdict::Broken(BrokenRule::new(what)),
            Failure::Hang => Verdict::Hang(run.time_limit.as_secs()),
        }
    }

    fn of_signal(signal: i32, run: &Run) -> Verdict {
        // What the standard library says before it gives up.
        if run.messages.contains("memory allocation of") {
            return Verdict::Memory;
        }
        match &run.record {
            // What it panicked for is told even if taking things away ended the process.
            Ok(Record {
                failure: Some(failure),
                ..
            }) => Verdict::of_kernel(failure, run),
            _ => Verdict::Signal(Signalled {
                signal,
                messages: run.messages.clone(),
            }),
        }
    }

    /// Whether the test gives its points.
    pub fn passed(&self) -> bool {
        *self == Verdict::Passed
    }

    /// Whether it is vmlab that failed, and not what it ran.
    pub fn is_our_bug(&self) -> bool {
        matches!(self, Verdict::Bug(_))
    }

    /// Whether the test was run.
    pub fn was_run(&self) -> bool {
        !matches!(self, Verdict::NotRun(_))
    }

    /// Whether the kernel failed, whatever the program under test did.
    pub fn is_kernels(&self) -> bool {
        matches!(
            self,
            Verdict::NotWritten(_)
                | Verdict::KernelPanic(_)
                | Verdict::Stuck(_)
                | Verdict::Broken(_)
                | Verdict::Hang(_)
                | Verdict::Memory
                | Verdict::Signal(_)
                | Verdict::Unsteady(_)
        )
    }

    /// What is not as expected.
    pub fn complaints(&self) -> &[Complaint] {
        match self {
            Verdict::Failed(complaints)
            | Verdict::WorkLimit(complaints)
            | Verdict::Broken(BrokenRule { complaints, .. }) => complaints,
            _ => &[],
        }
    }

    /// What vmlab said where it is not the guest that failed.
    pub fn messages(&self) -> Option<&str> {
        match self {
            Verdict::Bug(messages)
            | Verdict::SetUp(messages)
            | Verdict::Signal(Signalled { messages, .. }) => Some(messages),
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
            Verdict::NotWritten(task) => format!("not written yet: {task}"),
            Verdict::KernelPanic(panic) => panic.to_string(),
            Verdict::Stuck(how) => format!("the kernel does not get on: {how}"),
            Verdict::Broken(rule) => format!("the kernel broke the rule that {}", rule.what),
            Verdict::Hang(seconds) => {
                format!("the kernel hung, and was ended after {seconds} s")
            }
            Verdict::Memory => {
                "the kernel wanted more memory of the host than a test may have".to_owned()
            }
            Verdict::Signal(Signalled { signal, messages }) => {
                let signal = signal_in_words(*signal);
                match messages.contains("has overflowed its stack") {
                    true => {
                        format!("the kernel recursed until its stack was full: signal {signal}")
                    }
                    false => format!("the kernel was ended by signal {signal}"),
                }
            }
            Verdict::Unsteady(runs) => format!(
                "{runs} did not do the same: the kernel depends on something of the host, such as \
                 an address, a clock, or the order of a HashMap"
            ),
            Verdict::Bug(_) => "vmlab crashed: this is a bug of vmlab; please report it".to_owned(),
            Verdict::SetUp(_) => "could not be run".to_owned(),
            Verdict::NotRun(Skipped::FailFast) => {
                "not run, because a test failed before".to_owned()
            }
            Verdict::NotRun(Skipped::Hangs) => {
                "not run, because the kernel hung in several tests before".to_owned()
            }
            Verdict::NotRun(Skipped::Budget) => {
                "not run, because the time for all tests had passed".to_owned()
            }
            Verdict::NotRun(Skipped::Interrupted) => {
                "not run, because the command was interrupted".to_owned()
            }
        }
    }
}

/// A signal by its number and its name.
fn signal_in_words(number: i32) -> String {
    match Signal::try_from(number) {
        Ok(signal) => format!("{number} ({signal})"),
        Err(_) => number.to_string(),
    }
}
