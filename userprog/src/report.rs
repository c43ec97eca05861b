//! What a run comes to.

use vm::Stats;

use crate::check::Breach;
use crate::stuck::Stuck;

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RunEnd {
    /// The first program exited with this status.
    Exited(i32),
    /// The kernel ended the first program.
    Killed,
    /// A program powered the machine off.
    Halted,
    /// The first program could not be loaded: why.
    NotLoaded(String),
    /// The work was done that the machine was given.
    WorkLimit,
    /// The kernel served a fault again and again, or wrongly: the program could not go on.
    Stuck(Box<Stuck>),
    /// The virtual memory broke a rule that it has to keep ([`crate::Checking`]).
    Broken(Box<Breach>),
}

/// A run that is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunReport {
    /// How it ended.
    pub end: RunEnd,
    /// What it took.
    pub stats: RunStats,
}

/// Counts since the machine was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RunStats {
    /// What the virtual memory did.
    pub vm: Stats,
    /// Times that another process was put on the CPU than had run before.
    pub context_switches: u64,
    /// Times that the TLB was flushed because the kernel's half is isolated: twice each time that the
    /// kernel was entered; 0 if that half is shared.
    pub kpti_flushes: u64,
    /// System calls made.
    pub system_calls: u64,
    /// Processes whose program was loaded.
    pub processes: u64,
    /// The time it took, as work: basic blocks executed, what the kernel charges
    /// ([`crate::charges`]), and `idle`.
    pub work: u64,
    /// Work that could have been done while every process slept for a disk.
    pub idle: u64,
}
