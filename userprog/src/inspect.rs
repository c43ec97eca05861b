//! What inspectors ask of the kernel while a run is paused: who there is, and what is about to
//! happen to them.
//!
//! # Invariants
//!
//! Looking changes nothing.

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
    /// Who started it, while that one is alive.
    pub parent: Option<Pid>,
    /// The child that it waits for.
    pub waits_for: Option<Pid>,
    /// Its address space.
    pub space: SpaceId,
    /// Its registers.
    pub registers: Registers,
}

/// What a pause has come before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// A process is about to be taken away.
    Process(Pid, ExitStatus),
    /// A process has powered the machine off.
    PowerOff(Pid),
}

impl Kernel {
    /// A process, if it is there.
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

    /// All processes that are there, in the order in which they were started.
    pub fn all_processes(&self) -> impl Iterator<Item = ProcessView<'_>> {
        let pids = self.processes.pids().into_iter();
        pids.filter_map(|pid| self.process(pid))
    }

    /// What ends as soon as the paused run goes on.
    pub fn ending(&self) -> Option<Ending> {
        let (pid, next) = self.turn.as_ref()?.next()?;
        match next {
            Next::End(status) => Some(Ending::Process(pid, status)),
            Next::PowerOff => Some(Ending::PowerOff(pid)),
            _ => None,
        }
    }

    /// The name of a file, if it still has one.
    pub fn name_of_file(&self, file: FileId) -> Option<&FileName> {
        self.files.name_of(file)
    }
}
