//! Positions in the run of a process, which are found again when the machine is restarted.

use userprog::{Kernel, Pid};

/// The point before an instruction of a process.
///
/// Work is counted when a basic block begins. So two executions of the same instruction differ in
/// the work counted when they were executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Position {
    /// The process.
    pub pid: Pid,
    /// The address of the instruction.
    pub eip: u32,
    /// The smallest work counter with which it can be executed.
    pub work: u64,
}

impl Position {
    /// Returns the position of a live process.
    pub(super) fn of(kernel: &Kernel, pid: Pid) -> Position {
        let inside = kernel.current() == Some(pid) && kernel.is_inside_block();
        Position {
            pid,
            eip: kernel.registers(pid).eip,
            work: kernel.work().0 + u64::from(!inside),
        }
    }

    /// Returns whether the instruction at `eip`, executed when the counter was `work`, is the one
    /// at this position, given that no earlier one is.
    pub(super) fn is(&self, eip: u32, work: u64) -> bool {
        self.eip == eip && work >= self.work
    }

    /// Returns whether it is before another one. Within a block, instructions are in address order.
    pub(super) fn is_before(&self, other: &Position) -> bool {
        self.work < other.work
            || self.work == other.work && self.pid == other.pid && self.eip < other.eip
    }
}
