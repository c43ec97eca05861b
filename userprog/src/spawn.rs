//! Creating processes: exec and fork.
//!
//! # Invariants
//!
//! When `Kernel::spawn` returns, the program is loaded or the reason is known. A program that
//! cannot be loaded is reported on the console as in Pintos, as if its process had existed and
//! died. If the limit on processes is reached, nothing is printed.

use cpu::SyscallGate;
use cpu::context::Context;
use log::Level;
use machine::addr::VirtAddr;
use machine::work::Work;
use thiserror::Error;
use vm::{ForkError, MapError, Owner};

use crate::abi::linux::{GuestPath, Linux};
use crate::abi::{Abi, Personality};
use crate::args::{CommandLine, TooLong};
use crate::charges::{NEW_PROCESS, copying};
use crate::events::{MachineEvent, Origin};
use crate::limits::{MAX_PROCESSES, MAX_UNWAITED};
use crate::loader::{LoadError, Request, check, load};
use crate::messages;
use crate::process::{ExitStatus, Pid, Process};
use crate::repeats::Repeats;
use crate::service::Service;

/// The environment of the first program, if it is one of Linux'.
fn first_environment() -> [Vec<u8>; 3] {
    ["HOME=/", "PATH=/bin:/usr/bin:/", "TERM=dumb"].map(|variable| variable.as_bytes().to_vec())
}

/// Why a process could not be created.
#[derive(Debug, Error)]
pub enum SpawnError {
    /// The command line does not fit in a page.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The limit on processes is reached.
    #[error(
        "{MAX_PROCESSES} processes are alive, or one has {MAX_UNWAITED} children unwaited for; \
         more may not be"
    )]
    TooMany,
    /// Its parent's memory could not be shared with it.
    #[error(transparent)]
    Fork(#[from] ForkError),
    /// Its program could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// What a new process or thread is to the one that makes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kin {
    /// A process of its own.
    Child(Memory),
    /// Another thread of the same process.
    Thread,
}

/// The memory of a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Memory {
    /// A copy of its parent's.
    Copied,
    /// Its parent's.
    Shared,
}

impl Service<'_> {
    /// Creates a process that runs a command line, and makes it ready.
    ///
    /// # Errors
    /// [`SpawnError`]; nothing is left but messages on the console.
    pub(crate) fn spawn(&mut self, parent: Option<Pid>, line: &[u8]) -> Result<Pid, SpawnError> {
        self.charge(NEW_PROCESS);
        let made = self.cpu.work();
        let result = self.try_spawn(parent, line, made);
        if let Err(error) = &result {
            // Why the first one does not start is in the report of the run; that there is no such file is a
            // program's own affair, and on the console.
            let is_told = parent.is_none() || matches!(error, SpawnError::Load(LoadError::Open(_)));
            let level = if is_told { Level::Info } else { Level::Warn };
            let line = String::from_utf8_lossy(line);
            log::log!(level, "{line:?} does not start: {error}");
        }
        result
    }

    /// Creates a copy of the process on the CPU, which continues with 0 in EAX.
    ///
    /// # Errors
    /// [`SpawnError::TooMany`] or [`SpawnError::Fork`]; nothing is left.
    pub(crate) fn fork(&mut self, parent: Pid) -> Result<Pid, SpawnError> {
        let child = self.clone_of(parent, Kin::Child(Memory::Copied))?;
        self.make_ready(child);
        Ok(child)
    }

    /// Creates a process or thread with the registers of the one on the CPU but 0 in EAX, which runs when
    /// it is made ready.
    ///
    /// # Errors
    /// [`SpawnError::TooMany`] or [`SpawnError::Fork`]; nothing is left.
    pub(crate) fn clone_of(&mut self, parent: Pid, kin: Kin) -> Result<Pid, SpawnError> {
        self.charge(NEW_PROCESS);
        let made = self.cpu.work();
        let leader = self.processes.leader(parent);
        let waiter = match kin {
            Kin::Thread => None,
            Kin::Child(_) => Some(leader),
        };
        let pid = self.processes.new_pid(waiter).ok_or(SpawnError::TooMany)?;
        let old = self.processes.get(parent);
        let (space, origin) = match kin {
            Kin::Thread | Kin::Child(Memory::Shared) => (old.space, Origin::Clone),
            Kin::Child(Memory::Copied) => {
                let regions = self.vm.regions(old.space).len() as u64;
                let charge = copying(regions, self.vm.touched(old.space) as u64);
                self.cpu.charge(charge);
                let space = self.vm.fork_space(old.space, Owner(pid.0), made)?;
                (space, Origin::Fork)
            }
        };
        let mut context = old.context.clone();
        self.cpu.save(&mut context);
        context.set_eax(0);
        let process = Process {
            name: old.name.clone(),
            space,
            moved_by: old.moved_by,
            context,
            files: old.files.clone(),
            executable: old.executable.clone(),
            personality: self.personality_for(parent, kin),
            not_before: Work::ZERO,
            slept: false,
            faulted_at: None,
            repeats: Repeats::default(),
        };
        match kin {
            Kin::Thread => self.processes.add_thread(pid, leader, process),
            Kin::Child(_) => self.processes.add(pid, Some(leader), process),
        }
        self.tell_start(pid, Some(leader), origin);
        Ok(pid)
    }

    fn try_spawn(
        &mut self,
        parent: Option<Pid>,
        line: &[u8],
        made: Work,
    ) -> Result<Pid, SpawnError> {
        let line = CommandLine::parse(line)?;
        let pid = self.processes.new_pid(parent).ok_or(SpawnError::TooMany)?;
        let name = line.process_name();
        let cpu = &mut self.cpu;
        let charge = |work| cpu.charge(work);
        let path = GuestPath::root().join(line.program());
        let loaded = self.files.open(line.program()).map_err(LoadError::from);
        let loaded = loaded.and_then(|file| {
            let mut random = [0; 16];
            self.linux.random(&mut random);
            let layout = self.linux.layout();
            let request = Request {
                file,
                path: &path.absolute(),
                line: &line,
                environment: &first_environment(),
                abi: self.linux.chosen,
                random,
                layout,
            };
            let checked = check(&mut self.vm, self.files, request, charge)?;
            load(&mut self.vm, checked, pid, made)
        });
        let loaded = loaded.inspect_err(|error| {
            let problem = match error {
                LoadError::Open(_) => messages::open_failed(&name),
                LoadError::Map(MapError::Kill(kill)) => messages::no_memory(&name, *kill),
                LoadError::Tables(_) | LoadError::Stack(_) => return,
                LoadError::Elf(_)
                | LoadError::Interpreter(_)
                | LoadError::Scripts
                | LoadError::Map(_)
                | LoadError::Arguments(_)
                | LoadError::TooLarge(_) => messages::bad_executable(&name),
            };
            self.console.write(&problem);
            self.console
                .write(&messages::exit(&name, ExitStatus::Killed));
        })?;
        let process = Process {
            name,
            space: loaded.space,
            moved_by: loaded.moved_by,
            context: self.new_context(loaded.entry, loaded.stack, loaded.abi),
            files: Default::default(),
            personality: match loaded.abi {
                Abi::Pintos => Personality::Pintos,
                Abi::Linux => {
                    let program = GuestPath::root().join(&loaded.path);
                    let linux = Linux::new(program, loaded.end.0, loaded.layout);
                    Personality::Linux(Box::new(linux))
                }
            },
            executable: loaded.executable,
            not_before: Work::ZERO,
            slept: false,
            faulted_at: None,
            repeats: Repeats::default(),
        };
        self.processes.add(pid, parent, process);
        self.tell_start(pid, parent, Origin::Exec);
        self.make_ready(pid);
        Ok(pid)
    }

    /// The registers of a program that was loaded.
    pub(crate) fn new_context(&self, entry: VirtAddr, stack: VirtAddr, abi: Abi) -> Context {
        let mut context = self.cpu.new_context(entry, stack);
        context.set_gate(match abi {
            Abi::Pintos => SyscallGate::Int30,
            Abi::Linux => SyscallGate::Int80,
        });
        context
    }

    pub(crate) fn tell_start(&self, pid: Pid, parent: Option<Pid>, origin: Origin) {
        let process = self.processes.get(pid);
        let event = MachineEvent::Started {
            pid,
            parent,
            name: &process.name,
            moved_by: process.moved_by,
            origin,
        };
        self.tell_with_memory(&event);
    }
}
