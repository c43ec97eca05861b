//! A turn of a process, and the handling of exits of the CPU in it.
//!
//! # Invariants
//!
//! An exit that was handled takes effect once, even if a pause comes first.

use cpu::exit::Exit;
use machine::work::Work;
use vm::Resolved;

use crate::process::{ExitStatus, Pid};
use crate::stuck::ServedFault;

/// A turn that has begun.
#[derive(Debug)]
pub(crate) struct OpenTurn {
    pub pid: Pid,
    /// The work at which it ends.
    pub end: Work,
    /// The work until which the CPU may run.
    pub until: Work,
    /// The work done when the CPU was last resumed, if it has stopped only for pauses since.
    pub went_on_at: Option<Work>,
    /// An exit that was handled but has not taken effect yet.
    pub dealt: Option<Dealt>,
}

impl OpenTurn {
    /// Returns the process and what happens to it next, if a pause has come before that.
    pub(crate) fn next(&self) -> Option<(Pid, Next)> {
        Some((self.pid, self.dealt?.next))
    }
}

/// An exit of the CPU that the kernel has handled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dealt {
    /// The exit.
    pub exit: Exit,
    /// What happens to the process.
    pub next: Next,
    /// Whether the process has to wait for a disk.
    pub resolved: Resolved,
    /// Whether the program executed anything before the exit.
    pub got_on: bool,
}

/// What happens to a process after an exit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// It continues.
    Resume,
    /// It repeats the instruction that faulted.
    Retry(ServedFault),
    /// Its turn is over.
    Yield,
    /// It waits for a child.
    Wait,
    /// It waits until a time that it has named, or until it is woken before.
    Sleep,
    /// It ends, with all its threads.
    End(ExitStatus),
    /// It ends, and is a thread of a process that goes on.
    EndThread(ExitStatus),
    /// The machine is powered off.
    PowerOff,
}
