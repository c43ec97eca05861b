//! State shared by the CPU and the emulator's hooks: the machine that the emulator sees, and what
//! the hooks record for the CPU.
//!
//! # Invariants
//! What hooks have recorded is about the last run alone.

use std::cell::{Cell, OnceCell, RefCell};

use iced_x86::{Instruction, Register};
use machine::addr::{Frame, Page, VirtAddr};
use machine::memory::PhysMemory;
use machine::mmu::{Access, PageFaultCode};
use machine::work::Work;

use crate::accesses::Accesses;
use crate::code::Code;
use crate::counter::Counter;
use crate::decoded::Decoded;
use crate::engine::{Engine, read, read_eip};
use crate::fill::FillListener;
use crate::registers::{general, segment};
use crate::tls::TlsSegments;
use crate::watch::{Watched, Watcher};

/// An access that the page tables do not allow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Miss {
    /// The first byte of the access on the faulting page.
    pub addr: VirtAddr,
    pub access: Access,
    pub code: PageFaultCode,
}

/// What the CPU and the hooks share.
pub(crate) struct Shared {
    pub memory: PhysMemory,
    /// The current address space.
    pub root: Cell<Frame>,
    /// If set, every fetch leads to this frame, whatever the page tables say.
    pub window: Cell<Option<Frame>>,
    /// What the program's own entries of the GDT hold.
    pub tls: Cell<TlsSegments>,
    pub counter: Counter,
    /// The access that ended the run, if one did.
    pub miss: Cell<Option<Miss>>,
    /// The interrupt or exception that ended it, if one did.
    pub interrupt: Cell<Option<u32>>,
    accesses: RefCell<Accesses>,
    decoded: RefCell<Decoded>,
    /// Breakpoints and watchpoints, which a debugger sets.
    pub watcher: Watcher,
    /// The listener to entries of the TLB, if there is one.
    pub fills: OnceCell<FillListener>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(memory: PhysMemory, root: Frame) -> Shared {
        Shared {
            memory,
            root: Cell::new(root),
            window: Cell::default(),
            tls: Cell::default(),
            counter: Counter::default(),
            miss: Cell::default(),
            interrupt: Cell::default(),
            accesses: RefCell::default(),
            decoded: RefCell::default(),
            watcher: Watcher::default(),
            fills: OnceCell::new(),
        }
    }

    /// Clears what the last run has recorded, and lets the next run until `until`.
    pub(crate) fn start(&self, until: Work) {
        self.counter.start(until);
        self.miss.set(None);
        self.interrupt.set(None);
        self.watcher.start();
    }

    /// Returns the instruction at EIP, if it can be fetched.
    pub(crate) fn instruction(&self, engine: &Engine) -> Option<Instruction> {
        let code = Code {
            memory: &self.memory,
            root: self.root.get(),
        };
        let eip = read_eip(engine);
        let bytes = code.fetch(eip);
        self.decoded.borrow_mut().instruction(eip, bytes)
    }

    /// Returns the watchpoint that the instruction at EIP, which is about to be executed, will hit.
    pub(crate) fn watched(&self, engine: &Engine, instruction: &Instruction) -> Option<Watched> {
        let read = |register| self.value(engine, register);
        let mut accesses = self.accesses.borrow_mut();
        let root = self.root.get();
        self.watcher.hit(root, |range, kind| {
            accesses.first_within(range, kind, instruction, read)
        })
    }

    /// What the decoder asks for: the value of a general register, or the base of a segment.
    fn value(&self, engine: &Engine, register: Register) -> u32 {
        match segment(register) {
            Some(selector) => self.tls.get().base_of(read(engine, selector)),
            None => general(register, |whole| read(engine, whole)),
        }
    }

    /// Returns the pages on which accesses of the instruction at EIP begin that end on the next
    /// page.
    pub(crate) fn pages_left_behind(
        &self,
        engine: &Engine,
        instruction: &Instruction,
    ) -> Vec<Page> {
        let read = |register| self.value(engine, register);
        let mut accesses = self.accesses.borrow_mut();
        accesses.pages_left_behind(instruction, read)
    }
}
