//! One system call: who makes it, with which arguments, and what it comes to.
//!
//! # Invariants
//! A call that fails has an [`Errno`] for the program; only memory that cannot be had ends the process.

use cpu::Cpu;
use machine::work::Work;
use vm::{Kill, SpaceId};

use super::deliver::FrameKind;
use crate::errno::Errno;
use crate::process::{ExitStatus, Pid};
use crate::service::Service;
use crate::syscall::Caller;

/// A system call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// Who makes it.
    pub caller: Caller,
    /// EBX, ECX, EDX, ESI, EDI, EBP.
    pub arguments: [u32; 6],
}

/// What a call that was served comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// The program goes on with this in EAX.
    Value(u32),
    /// The program goes on with its registers as the call has set them.
    AsSet,
    /// What the call is about is not there yet: the process waits, and makes the call again.
    Wait,
    /// The program goes on with this in EAX when its turn comes again.
    Later(u32),
    /// A handler has returned: its frame.
    Return(u32, FrameKind),
    /// The process sleeps until then, and makes the call again.
    Nap(Work),
    /// The process is at its end.
    End(ExitStatus),
    /// The thread is, whose process has others.
    EndThread(ExitStatus),
}

impl Done {
    /// The result of calls that have none.
    pub(super) const ZERO: Done = Done::Value(0);
}

/// Why a call was not served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fail {
    /// The program is told.
    Errno(Errno),
    /// The process has to end.
    Kill(Kill),
}

/// What a call comes to.
pub(crate) type Reply = Result<Done, Fail>;

/// The function that serves a call.
pub(crate) type Handler = fn(&mut Service<'_>, Call) -> Reply;

impl Call {
    /// The call that the program on the CPU makes.
    pub(super) fn on_cpu(cpu: &Cpu, pid: Pid, space: SpaceId) -> (u32, Call) {
        let r = cpu.registers();
        let caller = Caller {
            pid,
            space,
            stack: r.stack(),
        };
        let arguments = [r.ebx, r.ecx, r.edx, r.esi, r.edi, r.ebp];
        (r.eax, Call { caller, arguments })
    }

    /// Its first arguments.
    pub(super) fn arguments<const COUNT: usize>(self) -> [u32; COUNT] {
        std::array::from_fn(|index| self.arguments[index])
    }

    /// Who makes it.
    pub(super) fn pid(self) -> Pid {
        self.caller.pid
    }
}

impl From<u32> for Done {
    fn from(value: u32) -> Done {
        Done::Value(value)
    }
}

impl From<Errno> for Fail {
    fn from(errno: Errno) -> Fail {
        Fail::Errno(errno)
    }
}

/// A bad pointer is the program's to hear of; that there is no memory is not.
impl From<Kill> for Fail {
    fn from(kill: Kill) -> Fail {
        match kill {
            Kill::BadAccess(_) | Kill::PastEndOfFile => Fail::Errno(Errno::Fault),
            kill => Fail::Kill(kill),
        }
    }
}
