//! Pauses: a run is stopped between two instructions of its programs and can be inspected.
//!
//! # Invariants
//!
//! A run that was paused continues as if it had not been, to the byte. A process that is killed or
//! exits still exists, with its memory and files, during a pause for that reason.

use std::cell::Cell;
use std::rc::Rc;

use cpu::debug::DebugStop;
use cpu::exit::Exit;
use machine::work::Work;

use crate::report::RunReport;

/// Why [`crate::Kernel::advance`] returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// The run is paused and can continue.
    Paused(Pause),
    /// It has ended, and nothing is left of its processes.
    Ended(RunReport),
}

/// Why a run is paused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pause {
    /// The [`PauseFlag`] was raised.
    Asked,
    /// The machine has done the work at which a pause was requested.
    AtWork,
    /// The CPU stopped for a debugger; see [`crate::debugger`].
    Debugger(DebugStop),
    /// A process is about to be killed because of this exit; see [`crate::Kernel::pause_at_kills`].
    Killed(Exit),
}

/// Requests a pause; clones are the same flag.
///
/// The run pauses when the kernel has handled the current exit, before that takes effect: a process
/// that ends is not removed yet.
#[derive(Clone, Default, Debug)]
pub struct PauseFlag(Rc<Cell<bool>>);

impl PauseFlag {
    /// Requests a pause.
    pub fn raise(&self) {
        self.0.set(true);
    }

    /// Returns whether a pause was requested, and clears the request.
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
    /// Whether to pause before a killed process is removed.
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
