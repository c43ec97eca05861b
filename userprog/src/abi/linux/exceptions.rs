//! Exceptions of Linux programs, page faults that were not resolved among them: a signal, or an instruction that
//! the kernel executes for the CPU.
//!
//! # Invariants
//! The time-stamp counter, which the CPU has not, counts guest work. Dynamic linkers read it without asking the
//! CPU whether it is there, since every i686 has it.

use cpu::exception::Exception;
use cpu::exit::PageFault;
use cpu::registers::Registers;
use machine::addr::VirtAddr;
use vm::{Access, Client, Kill, Protection, UserPtr};

use super::signals::{Cause, Signal};
use crate::events::MachineEvent;
use crate::process::Pid;
use crate::service::Service;
use crate::turn::Next;

/// `rdtsc`: EDX:EAX is the time-stamp counter.
const READ_COUNTER: [u8; 2] = [0x0f, 0x31];
/// SEGV_MAPERR, SEGV_ACCERR and BUS_ADRERR.
const NOT_MAPPED: u32 = 1;
const NO_RIGHT: u32 = 2;
const ADDRESS_ERROR: u32 = 2;
/// `si_code` of what a program did in a way that Linux has no number for.
const SI_KERNEL: u32 = 0x80;

/// The fault that a signal tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct FaultInfo {
    /// The address, which of a page fault is in CR2 of the frame.
    pub addr: u32,
    /// Its exception.
    pub vector: u32,
    pub error_code: u32,
    /// What is in the `siginfo_t`, of a signal without a fault too.
    pub cause: Cause,
}

impl FaultInfo {
    /// SEGV_MAPERR or SEGV_ACCERR, BUS_ADRERR.
    fn of_page(fault: &PageFault, code: u32) -> FaultInfo {
        FaultInfo {
            addr: fault.addr.0,
            vector: Exception::PageFault.vector(),
            error_code: fault.code.bits(),
            cause: Cause::at(code, fault.addr.0),
        }
    }

    /// FPE_INTDIV, FPE_FLTINV, TRAP_TRACE, ILL_ILLOPN, BUS_ADRALN.
    fn of_exception(exception: Exception, error_code: u32, eip: VirtAddr) -> FaultInfo {
        let (addr, code) = match exception {
            Exception::DivideError => (eip.0, 1),
            Exception::FpuError | Exception::SimdError => (eip.0, 7),
            Exception::Debug => (eip.0, 2),
            Exception::InvalidOpcode => (eip.0, 2),
            Exception::AlignmentCheck => (0, 1),
            _ => (0, SI_KERNEL),
        };
        FaultInfo {
            addr,
            vector: exception.vector(),
            error_code,
            cause: Cause::at(code, addr),
        }
    }
}

/// The signal that an exception is to a Linux program.
fn signal_of(exception: Exception) -> Signal {
    match exception {
        Exception::DivideError | Exception::FpuError | Exception::SimdError => Signal::ARITHMETIC,
        Exception::Debug | Exception::Breakpoint => Signal::TRAP,
        Exception::InvalidOpcode => Signal::ILLEGAL,
        Exception::AlignmentCheck | Exception::StackFault => Signal::BUS,
        _ => Signal::SEGMENT,
    }
}

impl Service<'_> {
    /// An exception of the Linux program on the CPU.
    pub(crate) fn linux_exception(
        &mut self,
        pid: Pid,
        exception: Exception,
        error_code: u32,
    ) -> Next {
        if exception == Exception::InvalidOpcode && self.reads_counter(pid) {
            return Next::Resume;
        }
        let (signal, eip) = (signal_of(exception), self.cpu.eip());
        let info = FaultInfo::of_exception(exception, error_code, eip);
        if self.is_handled(pid, signal, info) {
            return Next::Resume;
        }
        self.tell(&MachineEvent::Died {
            pid,
            exception,
            eip,
        });
        self.end_by(pid, signal)
    }

    /// A page that the Linux program on the CPU may not have: a signal, where it is its own fault.
    pub(crate) fn linux_fault(&mut self, pid: Pid, fault: PageFault, kill: Kill) -> Next {
        let signal = match kill {
            Kill::BadAccess(_) => Signal::SEGMENT,
            Kill::PastEndOfFile => Signal::BUS,
            kill => return self.kill(pid, kill),
        };
        let code = match kill {
            Kill::PastEndOfFile => ADDRESS_ERROR,
            _ if self.is_denied(pid, &fault) => NO_RIGHT,
            _ => NOT_MAPPED,
        };
        match self.is_handled(pid, signal, FaultInfo::of_page(&fault, code)) {
            true => Next::Resume,
            false => self.end_by(pid, signal),
        }
    }

    /// Whether there is something at the address of a fault, without the right to such an access. The CPU cannot
    /// say so: a page without any right is not present.
    fn is_denied(&self, pid: Pid, fault: &PageFault) -> bool {
        let page = fault.addr.page();
        let Some(behind) = page.checked_add(1).filter(|behind| behind.is_user()) else {
            return false;
        };
        let space = self.processes.get(pid).space;
        let region = self.vm.regions_within(space, page..behind).next();
        region.is_some_and(|region| match fault.access {
            Access::Write => !region.protection.contains(Protection::WRITE),
            _ => region.protection.is_empty(),
        })
    }

    /// Executes the instruction at EIP if it reads the time-stamp counter; whether it does.
    fn reads_counter(&mut self, pid: Pid) -> bool {
        let registers = self.cpu.registers();
        let client = Client {
            space: self.processes.get(pid).space,
            stack: registers.stack(),
        };
        let mut instruction = [0; READ_COUNTER.len()];
        let read = self
            .vm
            .read_user(client, UserPtr(registers.eip), &mut instruction);
        if read.is_err() || instruction != READ_COUNTER {
            return false;
        }
        let counter = self.cpu.work().0;
        self.cpu.set_registers(&Registers {
            eax: counter as u32,
            edx: (counter >> 32) as u32,
            eip: registers.eip.wrapping_add(READ_COUNTER.len() as u32),
            ..registers
        });
        true
    }
}
