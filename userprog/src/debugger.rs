//! The interface for debuggers while a run is paused: processes, their registers and memory,
//! breakpoints, watchpoints and steps.
//!
//! # Invariants
//!
//! Reading changes nothing. Requests for pauses change nothing except that the run pauses; see
//! [`cpu::debug`].

use std::collections::BTreeSet;
use std::ops::Range;

use cpu::debug::{Watch, WatchKind};
use cpu::float::FloatRegisters;
use cpu::registers::Registers;
use machine::addr::VirtAddr;
use machine::work::Work;
use vm::SpaceId;

use crate::kernel::Kernel;
use crate::process::Pid;

/// Bytes of a process that are watched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessWatch {
    /// The process.
    pub pid: Pid,
    /// The addresses.
    pub bytes: Range<u32>,
    /// The accesses.
    pub kind: WatchKind,
}

impl Kernel {
    /// Returns the live processes, in the order in which they were started.
    #[must_use]
    pub fn alive(&self) -> Vec<Pid> {
        self.processes.pids()
    }

    /// Returns whether a process is alive.
    #[must_use]
    pub fn is_alive(&self, pid: Pid) -> bool {
        self.processes.pids().contains(&pid)
    }

    /// Returns what was added to all addresses of a live process' program; 0 if they are fixed.
    #[must_use]
    pub fn moved_by(&self, pid: Pid) -> u32 {
        self.processes.get(pid).moved_by
    }

    /// Returns the name of a live process: the file name of its program.
    #[must_use]
    pub fn name_of(&self, pid: Pid) -> String {
        self.processes.get(pid).name.to_string()
    }

    /// Returns the address space of a process that is alive.
    #[must_use]
    pub fn space_of(&self, pid: Pid) -> SpaceId {
        self.processes.get(pid).space
    }

    /// Returns the work done so far, which is the current time.
    #[must_use]
    pub fn work(&self) -> Work {
        self.cpu.work()
    }

    /// Returns whether the program on the CPU has stopped for a debugger inside a block that is
    /// counted already.
    #[must_use]
    pub fn is_inside_block(&self) -> bool {
        self.cpu.is_inside_block()
    }

    /// Returns the registers of a process that is alive.
    #[must_use]
    pub fn registers(&self, pid: Pid) -> Registers {
        if self.on_cpu == Some(pid) {
            self.cpu.registers()
        } else {
            self.processes.get(pid).context.registers()
        }
    }

    /// Returns the x87 and SSE registers of a process that is alive.
    #[must_use]
    pub fn float_registers(&self, pid: Pid) -> FloatRegisters {
        if self.on_cpu == Some(pid) {
            self.cpu.float_registers()
        } else {
            self.processes.get(pid).context.float_registers()
        }
    }

    /// Sets the general registers, EIP and the flags that ring 3 may change.
    pub fn set_registers(&mut self, pid: Pid, registers: &Registers) {
        if self.on_cpu == Some(pid) {
            self.cpu.set_registers(registers);
        } else {
            let context = &mut self.processes.get_mut(pid).context;
            context.set_registers(registers);
        }
    }

    /// Reads a process's memory wherever it is, without side effects. Returns the number of bytes
    /// read.
    pub fn peek(&mut self, pid: Pid, from: VirtAddr, to: &mut [u8]) -> usize {
        let space = self.processes.get(pid).space;
        self.vm.peek(space, from, to)
    }

    /// Writes to a process's memory as far as it could store itself without a fault. Returns the
    /// number of bytes written.
    pub fn poke(&mut self, pid: Pid, to: VirtAddr, from: &[u8]) -> usize {
        let space = self.processes.get(pid).space;
        self.vm.poke(space, to, from)
    }

    /// Replaces all breakpoints: the run pauses before each instruction at one of these addresses,
    /// in any process.
    pub fn set_breakpoints(&mut self, addresses: BTreeSet<VirtAddr>) {
        self.cpu.set_breakpoints(addresses);
    }

    /// Replaces all watchpoints: the run pauses after each instruction that makes one of these
    /// accesses. Accesses of the kernel in a system call are not watched.
    pub fn set_watches(&mut self, watches: &[ProcessWatch]) {
        let alive = watches.iter().filter(|watch| self.is_alive(watch.pid));
        let watch = |watch: &ProcessWatch| Watch {
            root: self.vm.user_root(self.processes.get(watch.pid).space),
            bytes: watch.bytes.clone(),
            kind: watch.kind,
        };
        let watches = alive.map(watch).collect();
        self.cpu.set_watches(watches);
    }

    /// Makes the run pause when this live process has executed one more instruction.
    pub fn step(&mut self, pid: Pid) {
        let space = self.processes.get(pid).space;
        self.cpu.step(self.vm.user_root(space));
    }

    /// Cancels [`Kernel::step`].
    pub fn no_step(&mut self) {
        self.cpu.no_step();
    }
}
