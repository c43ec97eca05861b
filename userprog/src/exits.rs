//! Handling of exits of the CPU.
//!
//! # Invariants
//!
//! Whatever a program did, the result is one [`Next`]. If that is [`Next::End`], the messages about
//! the end of the process have been printed on the console.

use cpu::SyscallGate;
use cpu::exception::Exception;

use cpu::exit::{Exit, PageFault};
use vm::{Client, Kill};

use crate::events::MachineEvent;
use crate::messages::{self, Trap};
use crate::process::{ExitStatus, Pid};
use crate::service::Service;
use crate::stuck::ServedFault;
use crate::syscall::Answer;
use crate::turn::Next;

impl Service<'_> {
    /// Handles the exit of the CPU while it ran `pid`.
    pub(crate) fn deal_with(&mut self, pid: Pid, exit: Exit) -> Next {
        match exit {
            Exit::Tick if self.cpu.gate() == SyscallGate::Int80 => self.deliver_at_tick(pid),
            Exit::Tick => Next::Yield,
            Exit::Debug(stop) => unreachable!("{stop:?} leads to a pause"),
            Exit::PageFault(fault) => self.page_fault(pid, fault),
            Exit::Syscall if self.cpu.gate() == SyscallGate::Int80 => self.linux_call(pid),
            Exit::Syscall => {
                let stack = self.cpu.esp();
                match self.system_call(pid, stack) {
                    Ok(answer) => self.answer(answer),
                    Err(kill) => self.kill(pid, kill),
                }
            }
            Exit::Exception {
                exception,
                error_code,
            } => {
                if self.cpu.gate() == SyscallGate::Int80 {
                    return self.linux_exception(pid, exception, error_code);
                }
                let eip = self.cpu.eip();
                self.tell(&MachineEvent::Died {
                    pid,
                    exception,
                    eip,
                });
                self.print_death(pid, exception, error_code);
                Next::End(ExitStatus::Killed)
            }
        }
    }

    fn answer(&mut self, answer: Answer) -> Next {
        match answer {
            Answer::Value(value) => {
                self.cpu.set_eax(value);
                Next::Resume
            }
            Answer::Yield => {
                self.cpu.set_eax(0);
                Next::Yield
            }
            Answer::Wait => Next::Wait,
            Answer::End(status) => Next::End(status),
            Answer::PowerOff => Next::PowerOff,
        }
    }

    fn page_fault(&mut self, pid: Pid, fault: PageFault) -> Next {
        *self.last_fault = fault.addr.0;
        let (eip, stack) = (self.cpu.eip(), self.cpu.esp());
        let process = self.processes.get_mut(pid);
        let space = process.space;
        let client = Client { space, stack };
        let again = process.faulted_at.replace(eip).is_some();
        // Of those that share memory only the one whose fault was the last has pages in hand.
        let in_hand = self.last_faulter.replace(pid) == Some(pid);
        let process = self.processes.get_mut(pid);
        let resolved = match again {
            false => {
                process.repeats.first(fault.addr.page());
                self.vm.resolve(client, fault.addr, fault.access)
            }
            true => {
                process.repeats.again(fault.addr.page());
                match in_hand {
                    true => self.vm.resolve_again(client, fault.addr, fault.access),
                    false => self.vm.resolve(client, fault.addr, fault.access),
                }
            }
        };
        match resolved {
            Ok(()) => Next::Retry(ServedFault {
                number: self.vm.stats().faults,
                pid,
                eip,
                addr: fault.addr,
                access: fault.access,
            }),
            Err(kill) if self.cpu.gate() == SyscallGate::Int80 => {
                self.linux_fault(pid, fault, kill)
            }
            Err(kill) => {
                if kill.is_bad_access() {
                    self.console.write(&messages::page_fault(&fault));
                    self.print_death(pid, Exception::PageFault, fault.code.bits());
                }
                self.kill(pid, kill)
            }
        }
    }

    /// Ends a process that may not have what it wants. What is no fault of the program's is said.
    pub(crate) fn kill(&mut self, pid: Pid, kill: Kill) -> Next {
        let name = &self.processes.get(pid).name;
        log::info!("{pid} ({name}) is killed: {kill}");
        if !kill.is_bad_access() {
            self.console.write(&messages::killed(name, kill));
        }
        Next::End(ExitStatus::Killed)
    }

    fn print_death(&mut self, pid: Pid, exception: Exception, error_code: u32) {
        let registers = self.cpu.registers();
        let trap = Trap {
            exception,
            error_code,
            cr2: *self.last_fault,
            registers: &registers,
        };
        let name = &self.processes.get(pid).name;
        self.console.write(&messages::dying(name, &trap));
    }
}
