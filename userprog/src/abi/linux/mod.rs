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

mod alarms;
mod altstack;
mod attributes;
mod call;
mod clock;
mod deliver;
mod descriptors;
mod encode;
mod exceptions;
mod exec;
mod files;
mod futex;
mod futexes;
mod group;
mod groups;
mod identity;
mod layout;
mod made;
mod memory;
mod names;
mod open;
mod paths;
mod pipes;
mod places;
mod poll;
mod processes;
mod read_only;
mod remap;
mod renames;
mod rights;
mod robust;
mod scheduling;
mod select;
mod shared;
mod sigcalls;
mod signals;
mod stack;
mod stat;
mod state;
mod table;
mod threads;
mod times;
mod tls;
mod transfer;
mod user;

use machine::addr::VirtAddr;
use machine::work::Work;

pub(crate) use self::layout::Layout;
pub(crate) use self::paths::GuestPath;
pub(crate) use self::shared::LinuxShared;
pub use self::signals::Signal;
pub(crate) use self::stack::{Told, TooLarge, initial_stack};
pub(crate) use self::state::Linux;
pub(crate) use self::threads::MemoryEnd;

use self::call::{Call, Done, Fail};
use self::signals::{Cause, Due};
use self::state::{Progress, Waits};
use crate::abi::{Abi, Personality};
use crate::errno::Errno;
use crate::events::{self, MachineEvent};
use crate::process::{ExitStatus, Pid};
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
            call: events::Call {
                number,
                name: names::name(number),
            },
        });
        self.linux_mut(pid).waits = Waits::No;
        let reply = match table::handler(number) {
            Some(handler) => handler(self, call),
            None => {
                self.linux.note_missing(number);
                Err(Errno::NoSuchCall.into())
            }
        };
        self.wake_waiters();
        if !matches!(reply, Ok(Done::Wait | Done::Nap(_))) {
            self.linux_mut(pid).progress = Progress::default();
            self.end_suspension(pid);
        }
        let next = match reply {
            Ok(Done::Value(value)) => self.resume_with(value),
            Ok(Done::AsSet) => Next::Resume,
            Ok(Done::Return(frame, kind)) => self.return_from_handler(pid, frame, kind),
            Ok(Done::Nap(until)) => self.call_again(pid, Some(until)),
            Ok(Done::Later(value)) => {
                self.charge(crate::charges::KERNEL_ENTRY);
                self.cpu.set_eax(value);
                Next::Yield
            }
            Ok(Done::Wait) => self.call_again(pid, None),
            Ok(Done::End(status)) => Next::End(status),
            Ok(Done::EndThread(status)) => Next::EndThread(status),
            Err(Fail::Errno(errno)) => self.resume_with(errno.as_result()),
            Err(Fail::Kill(kill)) => self.kill(pid, kill),
        };
        self.deliver_signals(pid, next)
    }

    /// Has the mask come back that a call has replaced for as long as it waits.
    fn end_suspension(&mut self, pid: Pid) {
        let linux = self.linux_mut(pid);
        if let Some(mask) = linux.suspended.take() {
            linux.signals.mask = mask;
        }
    }

    fn resume_with(&mut self, value: u32) -> Next {
        self.cpu.set_eax(value);
        Next::Resume
    }

    /// Has a process wait until it is woken, or until then at the latest, and make its call again. If a signal is
    /// due that has a handler, the call is over instead, or is made again after the handler.
    fn call_again(&mut self, pid: Pid, until: Option<Work>) -> Next {
        let due = self.due(pid);
        let linux = self.linux_mut(pid);
        // Only its end keeps a process from waiting for a child that has its memory.
        let lends = linux.progress.child.is_some() && !matches!(due, Some(Due::End(_)));
        let restarts = match due.filter(|_| !lends) {
            None => {
                linux.waits = match until {
                    None => Waits::ToBeWoken,
                    Some(_) => Waits::OrForItsTime,
                };
                self.back_to_call();
                return self.wait_until(pid, until);
            }
            Some(Due::Handle(_, action, _)) => {
                let pauses = linux.suspended.is_some() || until.is_some();
                action.restarts() && !pauses && linux.progress.moved == 0
            }
            Some(Due::End(_)) => true,
        };
        let moved = std::mem::take(&mut linux.progress).moved;
        self.linux.futexes.forget(pid);
        match (restarts, moved) {
            (true, _) => {
                self.back_to_call();
                Next::Resume
            }
            (false, 0) => self.resume_with(Errno::Interrupted.as_result()),
            (false, moved) => self.resume_with(moved),
        }
    }

    fn wait_until(&mut self, pid: Pid, until: Option<Work>) -> Next {
        match until {
            None => Next::Wait,
            Some(until) => {
                self.processes.get_mut(pid).not_before = until;
                Next::Sleep
            }
        }
    }

    /// Puts EIP back to the call; EAX still has its number.
    fn back_to_call(&mut self) {
        let eip = self.cpu.eip();
        self.cpu.set_eip(VirtAddr(eip.0.wrapping_sub(CALL_BYTES)));
    }

    /// Lets those go on whose wait may be over.
    pub(crate) fn wake_waiters(&mut self) {
        for pid in self.linux.wakeups.take() {
            if self.processes.find(pid).is_some() && self.stops_waiting(pid) {
                self.make_ready(pid);
            }
        }
    }

    /// Whether a process that is to be woken is neither running nor in the queue by now.
    fn stops_waiting(&mut self, pid: Pid) -> bool {
        let process = self.processes.get_mut(pid);
        let Personality::Linux(linux) = &mut process.personality else {
            return false;
        };
        match std::mem::replace(&mut linux.waits, Waits::No) {
            Waits::No => false,
            Waits::ToBeWoken => true,
            Waits::OrForItsTime => {
                let until = std::mem::replace(&mut process.not_before, Work::ZERO);
                self.scheduler.wake(pid, until)
            }
        }
    }

    /// Tells a Linux process that a child of its has ended; it has no child to wait for if it wants to know nothing
    /// of those.
    pub(crate) fn child_has_ended(&mut self, parent: Pid, child: Pid, status: ExitStatus) {
        if self.processes.get(parent).personality.abi() == Abi::Linux {
            if self.group_of(parent).signals.forgets_children() {
                self.processes.wait(parent, child);
            }
            self.send(parent, Signal::CHILD, Cause::end_of(child, status));
            self.wake_threads(parent);
        }
    }
}
