//! When the virtual memory is asked for something, and what becomes of the process that it was for.
//!
//! # Invariants
//!
//! What a process has to wait for is in the [`Served`] of its own service, whatever the result is.

use machine::addr::VirtAddr;
use machine::work::Work;

/// When something is asked of the virtual memory, and by which instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The guest work done by then.
    pub work: Work,
    /// The instruction that events are put down to.
    pub eip: VirtAddr,
}

/// What the kernel has to do with a process that was served.
#[must_use = "a process that has to sleep must not run before its time"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolved {
    /// Have it go on: repeat the instruction that faulted, or execute the one after its call.
    GoOn,
    /// Have it sleep for a disk first.
    Sleep {
        /// When it may go on.
        until: Work,
    },
}

/// What serving a process came to.
#[must_use = "a process that has to sleep must not run before its time"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Served<R> {
    /// What was asked for.
    pub result: R,
    /// What becomes of the process, whatever the result is.
    pub resolved: Resolved,
}

impl<R> Served<R> {
    /// The result of what no process waits for.
    pub fn for_nobody(self) -> R {
        self.result
    }
}
