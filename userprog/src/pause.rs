//! Pauses: a run stands still between two instructions of its programs, and can be looked at.
//!
//! # Invariants
//!
//! A run that was paused goes on as if it had not been, to the byte; a process that is killed or
//! exits is still there, with all it has, while a pause that its end led to lasts.

use std::cell::Cell;
use std::rc::Rc;

use cpu::debug::DebugStop;
use cpu::exit::Exit;
use machine::work::Work;

use crate::report::RunReport;

/// How far [`crate::Kernel::advance`] has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// The run stands still, and can go on.
    Paused(Pause),
    /// It is over, and nothing is left of its processes.
    Ended(RunReport),
}

/// Why a run stands still.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pause {
    /// Somebody raised the [`PauseFlag`].
    Asked,
    /// The machine has done the work at which it was to pause.
    AtWork,
    /// The CPU stopped for a debugger; see [`crate::debugger`].
    Debugger(DebugStop),
    /// A process is about to be ended for what the CPU stopped for; see
    /// [`crate::Kernel::pause_at_kills`].
    Killed(Exit),
}

/// Asks for a pause, from wherever; clones are the same flag.
///
/// The run pauses when the kernel has dealt with what it is dealing with, before that has
/// consequences for its process: before one that is at its end is taken away.
#[derive(Clone, Default, Debug)]
pub struct PauseFlag(Rc<Cell<bool>>);

impl PauseFlag {
    /// Asks for a pause.
    pub fn raise(&self) {
        self.0.set(true);
    }

    /// Whether one is asked for; it is granted with this.
    pub(crate) fn take(&self) -> bool {
        self.0.take()
    }
}

/// When a run has to pause.
#[derive(Debug)]
pub(crate) struct Pauses {
    pub flag: PauseFlag,
    /// The work at which to pause next.
    pub at: Work,
    /// Whether to pause before a process is taken away that is killed.
    pub at_kills: bool,
}

impl Default for Pauses {
    fn default() -> Pauses {
        Pauses {
            flag: PauseFlag::default(),
            at: Work::MAX,
            at_kills: false,
        }
    }
}
