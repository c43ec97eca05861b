//! What a run comes to.

use vm::Stats;

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
    /// System calls made.
    pub system_calls: u64,
    /// Processes whose program was loaded.
    pub processes: u64,
    /// Work done: basic blocks executed, and what the kernel charges ([`crate::charges`]).
    pub work: u64,
}
