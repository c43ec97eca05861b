//! What a Linux process has beyond what every process has.
//!
//! # Invariants
//! The heap is the pages from its start, a page boundary, to the page that its end lies in; they are mapped.

use machine::addr::Page;
use machine::work::Work;

use super::altstack::AltStack;
use super::deliver::Kept;
use super::descriptors::FdTable;
use super::layout::Layout;
use super::paths::GuestPath;
use super::signals::{SignalSet, Signals};
use crate::abi::Personality;
use crate::process::Pid;
use crate::service::Service;

/// What a Linux process has beyond what every process has.
#[derive(Clone, Debug)]
pub(crate) struct Linux {
    /// Its open files.
    pub(super) files: FdTable,
    pub(super) heap: Heap,
    /// The page behind the highest one that a mapping gets.
    pub(super) ceiling: Page,
    /// Where relative paths begin.
    pub(super) directory: GuestPath,
    /// The file of its program.
    pub(super) program: GuestPath,
    /// What it calls itself.
    pub(super) name: Vec<u8>,
    /// The rights that files it makes do not get.
    pub(super) umask: u32,
    pub(super) waits: Waits,
    pub(super) signals: Signals,
    /// What handlers interrupted that have not returned, the innermost last.
    pub(super) kept: Vec<Kept>,
    /// Where handlers run that want to.
    pub(super) alternate: Option<AltStack>,
    /// Whether its parent waits for it to begin with another program.
    pub(super) borrows: bool,
    /// The mask that comes back when a handler has ended a `sigsuspend`.
    pub(super) suspended: Option<SignalSet>,
    /// How far a call has come that is made again.
    pub(super) progress: Progress,
}

/// Whether a process waits for something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Waits {
    No,
    /// Until it is woken.
    ToBeWoken,
    /// Until it is woken or its time has come, which nobody takes note of.
    OrForItsTime,
}

/// How far a call has come that waits and is made again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Progress {
    /// The bytes that it has moved.
    pub moved: u32,
    /// When it gives up.
    pub until: Option<Work>,
    /// The child that it has made.
    pub child: Option<Pid>,
}

/// The memory that `brk` makes larger and smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Heap {
    /// Where it starts, at a page boundary.
    pub start: u32,
    /// The program break: the first byte behind it.
    pub end: u32,
}

impl Linux {
    /// That of a machine's first process, whose program's pages end at `end`.
    pub fn new(program: GuestPath, end: u32, layout: Layout) -> Linux {
        let start = end.saturating_add(layout.heap_gap);
        Linux {
            files: FdTable::on_console(),
            heap: Heap { start, end: start },
            ceiling: layout.ceiling,
            directory: GuestPath::root(),
            name: program.last().to_vec(),
            program,
            umask: 0o022,
            waits: Waits::No,
            signals: Signals::default(),
            kept: Vec::new(),
            alternate: None,
            borrows: false,
            suspended: None,
            progress: Progress::default(),
        }
    }

    /// That of a copy of the process.
    pub fn for_child(&self) -> Linux {
        Linux {
            signals: self.signals.for_child(),
            suspended: None,
            borrows: false,
            progress: Progress::default(),
            ..self.clone()
        }
    }

    /// That of the process when it begins with another program.
    pub fn with_program(&self, program: GuestPath, end: u32, layout: Layout) -> Linux {
        let mut files = self.files.clone();
        files.close_for_exec();
        Linux {
            files,
            directory: self.directory.clone(),
            umask: self.umask,
            signals: self.signals.for_new_program(),
            ..Linux::new(program, end, layout)
        }
    }
}

impl Service<'_> {
    /// The state of a Linux process.
    ///
    /// # Panics
    /// If it is none.
    pub(super) fn linux_of(&self, pid: Pid) -> &Linux {
        match &self.processes.get(pid).personality {
            Personality::Linux(linux) => linux,
            Personality::Pintos => unreachable!("Linux' calls are made by its processes"),
        }
    }

    /// The state of a Linux process, to be changed.
    ///
    /// # Panics
    /// If it is none.
    pub(super) fn linux_mut(&mut self, pid: Pid) -> &mut Linux {
        match &mut self.processes.get_mut(pid).personality {
            Personality::Linux(linux) => linux,
            Personality::Pintos => unreachable!("Linux' calls are made by its processes"),
        }
    }
}
