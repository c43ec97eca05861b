//! Linux' interface for the i386: `int $0x80`, with the number in EAX and the arguments in EBX, ECX, EDX, ESI,
//! EDI and EBP.
//!
//! [`table`] says which function serves which number, a file for each family. The virtual memory, files and
//! processes behind them are those that Pintos programs have too. A call that has to wait is made again:
//! EIP is put back to its `int`, and whatever the process waited for wakes it.
//!
//! # Invariants
//! - A number without a function is ENOSYS, said once in the log; a bad pointer is EFAULT; nothing that a
//!   program passes ends its process but the lack of memory.
//! - Nothing of the host shows: clocks count guest work, random numbers come from the seed, names and times of
//!   the system are constants.

mod call;
mod clock;
mod descriptors;
mod encode;
mod files;
mod identity;
mod made;
mod memory;
mod names;
mod open;
mod paths;
mod processes;
mod shared;
mod stack;
mod stat;
mod state;
mod table;
mod tls;
mod user;

use machine::addr::VirtAddr;

pub(crate) use self::paths::GuestPath;
pub(crate) use self::shared::LinuxShared;
pub(crate) use self::stack::{TooLarge, initial_stack};
pub(crate) use self::state::Linux;

use self::call::{Call, Done, Fail};
use crate::errno::Errno;
use crate::events::MachineEvent;
use crate::process::Pid;
use crate::service::Service;
use crate::turn::Next;

/// The length of `int $0x80`.
const CALL_BYTES: u32 = 2;

impl Service<'_> {
    /// Serves the system call that a Linux program has made.
    pub(crate) fn linux_call(&mut self, pid: Pid) -> Next {
        let space = self.processes.get(pid).space;
        let (number, call) = Call::on_cpu(self.cpu, pid, space);
        self.tell(&MachineEvent::Called {
            pid,
            call: names::name(number),
        });
        let reply = match table::handler(number) {
            Some(handler) => handler(self, call),
            None => {
                self.linux.note_missing(number);
                Err(Errno::NoSuchCall.into())
            }
        };
        match reply {
            Ok(Done::Value(value)) => self.resume_with(value),
            Ok(Done::AsSet) => Next::Resume,
            Ok(Done::Later(value)) => {
                self.charge(crate::charges::KERNEL_ENTRY);
                self.cpu.set_eax(value);
                Next::Yield
            }
            Ok(Done::Wait) => self.call_again_later(pid),
            Ok(Done::End(status)) => Next::End(status),
            Err(Fail::Errno(errno)) => self.resume_with(errno.as_result()),
            Err(Fail::Kill(kill)) => self.kill(pid, kill),
        }
    }

    fn resume_with(&mut self, value: u32) -> Next {
        self.cpu.set_eax(value);
        Next::Resume
    }

    /// Has a process wait until it is woken, and make its call again then.
    fn call_again_later(&mut self, pid: Pid) -> Next {
        let eip = self.cpu.eip();
        self.cpu.set_eip(VirtAddr(eip.0.wrapping_sub(CALL_BYTES)));
        self.linux_mut(pid).waits = true;
        Next::Wait
    }
}
