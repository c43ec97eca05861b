//! Registers, memory and the list of threads.

use cpu::registers::Registers;
use gdbstub::common::Tid;
use gdbstub::target::ext::base::multithread::{MultiThreadBase, MultiThreadResumeOps};
use gdbstub::target::ext::thread_extra_info::{ThreadExtraInfo, ThreadExtraInfoOps};
use gdbstub::target::{TargetError, TargetResult};
use gdbstub_arch::x86::reg::X86CoreRegs;
use machine::addr::VirtAddr;

use super::target::{Debugger, tid};

/// EFAULT of gdb's protocol.
const BAD_ADDRESS: u8 = 14;

impl MultiThreadBase for Debugger<'_> {
    fn read_registers(&mut self, to: &mut X86CoreRegs, tid: Tid) -> TargetResult<(), Self> {
        let pid = self.process(tid).ok_or(TargetError::NonFatal)?;
        let registers = self.machine.kernel.registers(pid);
        let float = self.machine.kernel.float_registers(pid);
        to.eax = registers.eax;
        to.ebx = registers.ebx;
        to.ecx = registers.ecx;
        to.edx = registers.edx;
        to.esi = registers.esi;
        to.edi = registers.edi;
        to.ebp = registers.ebp;
        to.esp = registers.esp;
        to.eip = registers.eip;
        to.eflags = registers.eflags;
        to.segments.cs = registers.cs.into();
        to.segments.ds = registers.ds.into();
        to.segments.es = registers.es.into();
        to.segments.fs = registers.fs.into();
        to.segments.gs = registers.gs.into();
        to.segments.ss = registers.ss.into();
        to.st = float.st;
        to.fpu.fctrl = float.control.into();
        to.fpu.fstat = float.status.into();
        to.fpu.ftag = float.tags.into();
        to.xmm = float.xmm;
        to.mxcsr = float.mxcsr;
        Ok(())
    }

    /// Sets the general registers, EIP and flags; the others stay.
    fn write_registers(&mut self, from: &X86CoreRegs, tid: Tid) -> TargetResult<(), Self> {
        let pid = self.process(tid).ok_or(TargetError::NonFatal)?;
        let registers = Registers {
            eax: from.eax,
            ebx: from.ebx,
            ecx: from.ecx,
            edx: from.edx,
            esi: from.esi,
            edi: from.edi,
            ebp: from.ebp,
            esp: from.esp,
            eip: from.eip,
            eflags: from.eflags,
            ..self.machine.kernel.registers(pid)
        };
        self.machine.kernel.set_registers(pid, &registers);
        Ok(())
    }

    fn read_addrs(&mut self, start: u32, data: &mut [u8], tid: Tid) -> TargetResult<usize, Self> {
        let pid = self.process(tid).ok_or(TargetError::NonFatal)?;
        match self.machine.kernel.peek(pid, VirtAddr(start), data) {
            0 if !data.is_empty() => Err(TargetError::Errno(BAD_ADDRESS)),
            bytes => Ok(bytes),
        }
    }

    fn write_addrs(&mut self, start: u32, data: &[u8], tid: Tid) -> TargetResult<(), Self> {
        let pid = self.process(tid).ok_or(TargetError::NonFatal)?;
        if self.machine.kernel.poke(pid, VirtAddr(start), data) == data.len() {
            Ok(())
        } else {
            Err(TargetError::Errno(BAD_ADDRESS))
        }
    }

    fn list_active_threads(&mut self, is_active: &mut dyn FnMut(Tid)) -> Result<(), String> {
        let alive = self.machine.kernel.alive();
        alive.into_iter().for_each(|pid| is_active(tid(pid)));
        Ok(())
    }

    fn support_resume(&mut self) -> Option<MultiThreadResumeOps<'_, Self>> {
        Some(self)
    }

    fn support_thread_extra_info(&mut self) -> Option<ThreadExtraInfoOps<'_, Self>> {
        Some(self)
    }
}

impl ThreadExtraInfo for Debugger<'_> {
    fn thread_extra_info(&self, tid: Tid, to: &mut [u8]) -> Result<usize, String> {
        let name = match self.process(tid) {
            Some(pid) => self.machine.kernel.name_of(pid),
            None => "ended".to_owned(),
        };
        Ok(copy(name.as_bytes(), 0, to))
    }
}

/// Copies the bytes of `from` after `offset`, and returns their number.
pub(super) fn copy(from: &[u8], offset: u64, to: &mut [u8]) -> usize {
    let start = usize::try_from(offset)
        .unwrap_or(usize::MAX)
        .min(from.len());
    let bytes = to.len().min(from.len() - start);
    to[..bytes].copy_from_slice(&from[start..start + bytes]);
    bytes
}
