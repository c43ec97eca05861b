//! The verdict on a run of a test: passed, or why not.
//!
//! # Invariants
//!
//! Only the test's expectations decide, never the time it took. Failures are distinguished by their
//! origin: the program under test, the kernel that ran it, or vmlab itself. A part of the kernel
//! that is not written yet does not count as a crash.

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
    /// The watchdog killed it after this wall-clock time.
    Watchdog(Duration),
    /// It could not be started.
    NotStarted(String),
    /// How it ended, or its output, is unknown.
    Lost(String),
}

/// The result of the process that ran one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// How it ended.
    pub end: ProcessEnd,
    /// The guest's console.
    pub console: Vec<u8>,
    /// Whether the console had more output than the runner keeps.
    pub too_long: bool,
    /// Its time limit.
    pub time_limit: Duration,
    /// Its standard error.
    pub messages: String,
    /// Its statistics.
    pub stats: Printed,
    /// Its record, or why it cannot be read.
    pub record: Result<Record, String>,
}

/// The verdict on one test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything is as expected.
    Passed,
    /// Something is not as expected; at least one complaint.
    Failed(Vec<Complaint>),
    /// The console shows more than any test prints.
    TooMuchOutput,
    /// The guest did not end within its work limit; what is not as expected.
    WorkLimit(Vec<Complaint>),
    /// The kernel reached a part that is not written yet: `M.N, TITLE (FILE:LINE)`.
    NotWritten(String),
    /// The kernel panicked.
    KernelPanic(KernelPanic),
    /// The kernel makes no progress: what it does without end.
    Stuck(String),
    /// The kernel broke a rule of the virtual memory.
    Broken(BrokenRule),
    /// The kernel did not come to an end within this many seconds.
    Hang(u64),
    /// The kernel allocated more memory than a test may use.
    Memory,
    /// A signal ended the kernel.
    Signal(Signalled),
    /// Runs that should have been the same were not: which.
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
    /// The rule, and after a colon what is wrong and where.
    pub what: String,
    /// What was not as expected, if the test was run to its end before.
    pub complaints: Vec<Complaint>,
}

/// A signal that ended a kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signalled {
    /// Its number.
    pub signal: i32,
    /// The last messages.
    pub messages: String,
}

/// Why a test was not run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skipped {
    /// A test failed before (`--fail-fast`).
    FailFast,
    /// The kernel hung in several tests before.
    Hangs,
    /// The time for all tests was up (`--budget`).
    Budget,
    /// The command was asked to end, by Ctrl-C or another signal.
    Interrupted,
}

impl BrokenRule {
    /// Returns the breach of a test that was not run to its end.
    fn new(what: &str) -> BrokenRule {
        BrokenRule {
            what: what.to_owned(),
            complaints: Vec::new(),
        }
    }
}

impl Verdict {
    /// Judges a run of a test. `file` returns the content of a file of the guest's if it exists, or
    /// why that is unknown.
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
        // Without its record a run would pass checks that were never made.
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

    /// Returns the verdict on a process whose exit code says that the kernel or vmlab failed.
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
        // The standard library prints this before it aborts.
        if run.messages.contains("memory allocation of") {
            return Verdict::Memory;
        }
        match &run.record {
            // The panic is reported even if unwinding ended the process.
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

    /// Returns whether the test gives its points.
    #[must_use]
    pub fn passed(&self) -> bool {
        *self == Verdict::Passed
    }

    /// Returns whether vmlab itself failed.
    #[must_use]
    pub fn is_our_bug(&self) -> bool {
        matches!(self, Verdict::Bug(_))
    }

    /// Returns whether the test was run.
    #[must_use]
    pub fn was_run(&self) -> bool {
        !matches!(self, Verdict::NotRun(_))
    }

    /// Returns whether the kernel failed, whatever the program under test did.
    #[must_use]
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

    /// Returns what is not as expected.
    #[must_use]
    pub fn complaints(&self) -> &[Complaint] {
        match self {
            Verdict::Failed(complaints)
            | Verdict::WorkLimit(complaints)
            | Verdict::Broken(BrokenRule { complaints, .. }) => complaints,
            _ => &[],
        }
    }

    /// Returns the messages, if it is not the guest that failed.
    #[must_use]
    pub fn messages(&self) -> Option<&str> {
        match self {
            Verdict::Bug(messages)
            | Verdict::SetUp(messages)
            | Verdict::Signal(Signalled { messages, .. }) => Some(messages),
            _ => None,
        }
    }

    /// Describes the verdict in a few words.
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
            Verdict::Stuck(how) => format!("the kernel makes no progress: {how}"),
            Verdict::Broken(rule) => format!("the kernel broke the rule that {}", rule.what),
            Verdict::Hang(seconds) => {
                format!("the kernel hung, and was ended after {seconds} s")
            }
            Verdict::Memory => "the kernel allocated more memory than a test may use".to_owned(),
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
                "not run, because the time for all tests was up".to_owned()
            }
            Verdict::NotRun(Skipped::Interrupted) => {
                "not run, because the command was interrupted".to_owned()
            }
        }
    }
}

/// Returns a signal's number and name.
fn signal_in_words(number: i32) -> String {
    match Signal::try_from(number) {
        Ok(signal) => format!("{number} ({signal})"),
        Err(_) => number.to_string(),
    }
}
