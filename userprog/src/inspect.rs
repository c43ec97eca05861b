//! Views of the kernel for inspectors while a run is paused: the processes, and what is about to
//! happen to them.
//!
//! # Invariants
//!
//! Nothing here changes anything.

use cpu::registers::Registers;
use vm::{FileId, SpaceId};

use crate::args::ProcessName;
use crate::files::FileName;
use crate::kernel::Kernel;
use crate::process::{ExitStatus, Pid};
use crate::turn::Next;

/// A process that is alive, or was until just before the pause.
#[derive(Clone, Copy, Debug)]
pub struct ProcessView<'a> {
    /// Its number.
    pub pid: Pid,
    /// Its name, which is also that of its executable in the guest's files.
    pub name: &'a ProcessName,
    /// The process that started it, while that is alive.
    pub parent: Option<Pid>,
    /// The child for which it waits.
    pub waits_for: Option<Pid>,
    /// Its address space.
    pub space: SpaceId,
    /// Its registers.
    pub registers: Registers,
}

/// What is about to happen after a pause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// A process is about to be removed.
    Process(Pid, ExitStatus),
    /// A process has powered the machine off.
    PowerOff(Pid),
}

impl Kernel {
    /// Returns a process, if it exists.
    #[must_use]
    pub fn process(&self, pid: Pid) -> Option<ProcessView<'_>> {
        let process = self.processes.find(pid)?;
        let registers = if self.on_cpu == Some(pid) {
            self.cpu.registers()
        } else {
            process.context.registers()
        };
        let (parent, waits_for) = self.processes.relatives(pid);
        Some(ProcessView {
            pid,
            name: &process.name,
            parent,
            waits_for,
            space: process.space,
            registers,
        })
    }

    /// Returns all processes, in the order in which they were started.
    pub fn all_processes(&self) -> impl Iterator<Item = ProcessView<'_>> {
        let pids = self.processes.pids().into_iter();
        pids.filter_map(|pid| self.process(pid))
    }

    /// Returns what ends as soon as the paused run continues.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let (pid, next) = self.turn.as_ref()?.next()?;
        match next {
            Next::End(status) | Next::EndThread(status) => Some(Ending::Process(pid, status)),
            Next::PowerOff => Some(Ending::PowerOff(pid)),
            _ => None,
        }
    }

    /// Returns the name of a file, if it still has one.
    #[must_use]
    pub fn name_of_file(&self, file: FileId) -> Option<&FileName> {
        self.files.name_of(file)
    }
}
