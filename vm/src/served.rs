//! The time of a request to the virtual memory, and its effect on the process that made it.
//!
//! # Invariants
//!
//! The time for which a process has to wait is in the [`Served`] of its own request, whatever the
//! result is.

use machine::addr::VirtAddr;
use machine::work::Work;

/// The time of a request to the virtual memory, and the instruction that caused it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The guest work done so far.
    pub work: Work,
    /// The instruction to which events are attributed.
    pub eip: VirtAddr,
}

/// What the kernel has to do with a process that was served.
#[must_use = "a process that has to sleep must not run before its time"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolved {
    /// Let it run: it repeats the instruction that faulted, or executes the one after its call.
    GoOn,
    /// Let it sleep for a disk first.
    Sleep {
        /// The time at which it may run again.
        until: Work,
    },
}

/// The outcome of a request.
#[must_use = "a process that has to sleep must not run before its time"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Served<R> {
    /// The result.
    pub result: R,
    /// What the kernel has to do with the process, whatever the result is.
    pub resolved: Resolved,
}

impl<R> Served<R> {
    /// Returns the result of a request that no process waits for.
    pub fn for_nobody(self) -> R {
        self.result
    }
}
