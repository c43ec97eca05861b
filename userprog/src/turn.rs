//! A turn of a process, and what the kernel makes of a stop of the CPU in it.
//!
//! # Invariants
//!
//! A stop that is dealt with has its consequences drawn once, also if a pause comes first.

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
    /// The work done when the CPU last went on, if it stopped for a pause since.
    pub went_on_at: Option<Work>,
    /// What the CPU stopped for, if it is dealt with but has had no consequences yet.
    pub dealt: Option<Dealt>,
}

impl OpenTurn {
    /// Whose turn it is and what follows, if a pause has come before that.
    pub fn next(&self) -> Option<(Pid, Next)> {
        Some((self.pid, self.dealt?.next))
    }
}

/// A stop of the CPU that the kernel has dealt with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dealt {
    /// The stop.
    pub exit: Exit,
    /// What becomes of the process.
    pub next: Next,
    /// Whether its process has to wait for a disk.
    pub resolved: Resolved,
    /// Whether the program executed anything before it.
    pub got_on: bool,
}

/// What becomes of a process after the kernel has dealt with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// It goes on.
    Resume,
    /// It goes on, and first of all repeats the instruction that faulted.
    Retry(ServedFault),
    /// Its time is over.
    Yield,
    /// It waits for a child.
    Wait,
    /// It is at its end.
    End(ExitStatus),
    /// So is the machine.
    PowerOff,
}
