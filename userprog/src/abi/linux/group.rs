//! What all threads of a Linux process share.
//!
//! # Invariants
//! It is with the first thread of the process, which stays in the process table until all others have ended. The
//! heap is the pages from its start, a page boundary, to the page that its end lies in; they are mapped.

use std::cell::Cell;
use std::rc::Rc;

use machine::addr::Page;

use super::descriptors::FdTable;
use super::layout::Layout;
use super::paths::GuestPath;
use super::scheduling::Niceness;
use super::signals::Dispositions;
use crate::spawn::Memory;

/// What all threads of a process share.
#[derive(Debug)]
pub(super) struct Group {
    /// Its open files.
    pub files: FdTable,
    /// Shared with whoever shares the memory.
    heap: Rc<Cell<Heap>>,
    /// The page behind the highest one that a mapping gets.
    pub ceiling: Page,
    /// Where relative paths begin.
    pub directory: GuestPath,
    /// The file of its program.
    pub program: GuestPath,
    /// The rights that files it makes do not get.
    pub umask: u32,
    pub niceness: Niceness,
    pub signals: Dispositions,
    /// Whether its first thread has ended, while others go on.
    pub leader_is_gone: bool,
}

/// The memory that `brk` makes larger and smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Heap {
    /// Where it starts, at a page boundary.
    pub start: u32,
    /// The program break: the first byte behind it.
    pub end: u32,
}

impl Group {
    /// That of a machine's first process, whose program's pages end at `end`.
    pub(super) fn new(program: GuestPath, end: u32, layout: Layout) -> Group {
        let start = end.saturating_add(layout.heap_gap);
        Group {
            files: FdTable::on_console(),
            heap: Rc::new(Cell::new(Heap { start, end: start })),
            ceiling: layout.ceiling,
            directory: GuestPath::root(),
            program,
            umask: 0o022,
            niceness: Niceness::default(),
            signals: Dispositions::default(),
            leader_is_gone: false,
        }
    }

    /// That of a child with a copy of the memory, or with the memory itself.
    pub(super) fn for_child(&self, memory: Memory) -> Group {
        Group {
            files: self.files.clone(),
            heap: match memory {
                Memory::Copied => Rc::new(Cell::new(self.heap.get())),
                Memory::Shared => Rc::clone(&self.heap),
            },
            ceiling: self.ceiling,
            directory: self.directory.clone(),
            program: self.program.clone(),
            umask: self.umask,
            niceness: self.niceness,
            signals: self.signals.for_child(),
            leader_is_gone: false,
        }
    }

    /// That of the process when it begins with another program.
    pub(super) fn with_program(&self, program: GuestPath, end: u32, layout: Layout) -> Group {
        let mut files = self.files.clone();
        files.close_for_exec();
        Group {
            files,
            directory: self.directory.clone(),
            umask: self.umask,
            niceness: self.niceness,
            signals: self.signals.for_new_program(),
            ..Group::new(program, end, layout)
        }
    }

    pub(super) fn heap(&self) -> Heap {
        self.heap.get()
    }

    pub(super) fn set_heap(&self, heap: Heap) {
        self.heap.set(heap);
    }
}
