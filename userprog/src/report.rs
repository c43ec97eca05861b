//! The report of a run.

use vm::Stats;

use crate::check::Breach;
use crate::stuck::Stuck;

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RunEnd {
    /// The first program exited with this status.
    Exited(i32),
    /// The kernel killed the first program.
    Killed,
    /// A program powered the machine off.
    Halted,
    /// The first program could not be loaded, for this reason.
    NotLoaded(String),
    /// The work limit was reached.
    WorkLimit,
    /// The kernel served a fault wrongly, or again and again: the program could not continue.
    Stuck(Box<Stuck>),
    /// The virtual memory broke a rule ([`crate::Checking`]).
    Broken(Box<Breach>),
}

/// A run that has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunReport {
    /// How it ended.
    pub end: RunEnd,
    /// Its counters.
    pub stats: RunStats,
}

/// Counts since the machine was created.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RunStats {
    /// The counters of the virtual memory.
    pub vm: Stats,
    /// The number of times that the CPU was switched to another process.
    pub context_switches: u64,
    /// The number of TLB flushes because the kernel's half is isolated: two for each entry into the
    /// kernel; 0 if that half is shared.
    pub kpti_flushes: u64,
    /// System calls made.
    pub system_calls: u64,
    /// Processes whose program was loaded.
    pub processes: u64,
    /// The time it took, as work: basic blocks executed, what the kernel charges
    /// ([`crate::charges`]), and `idle`.
    pub work: u64,
    /// The part of `work` in which every process slept for a disk.
    pub idle: u64,
}
