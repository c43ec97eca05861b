//! Places in the run of a process, by which it is found again when the machine runs anew.

use userprog::{Kernel, Pid};

/// Before an instruction of a process.
///
/// Work is counted when a block of instructions begins. So an instruction is told from the same
/// one at another time by the work that was counted when it was executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The process.
    pub pid: Pid,
    /// The address of the instruction.
    pub eip: u32,
    /// The least that the work counted can be when it is executed.
    pub work: u64,
}

impl Position {
    /// Where a process is, that is alive.
    pub fn of(kernel: &Kernel, pid: Pid) -> Position {
        let inside = kernel.current() == Some(pid) && kernel.is_inside_block();
        Position {
            pid,
            eip: kernel.registers(pid).eip,
            work: kernel.work().0 + u64::from(!inside),
        }
    }

    /// Whether an instruction of the process at `eip`, executed when `work` was counted, is the one
    /// here, given that none before it is.
    pub fn is(&self, eip: u32, work: u64) -> bool {
        self.eip == eip && work >= self.work
    }

    /// Whether it is before another one. Within a block instructions follow each other in memory.
    pub fn is_before(&self, other: &Position) -> bool {
        self.work < other.work
            || self.work == other.work && self.pid == other.pid && self.eip < other.eip
    }
}
