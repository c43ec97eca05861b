//! What the CPU and the emulator's hooks share: the machine that the emulator sees, and the notes that
//! hooks leave for the CPU to find.
//!
//! What always holds: a note is of the last run alone; after a trap (an instruction that is privileged
//! on hardware but not in the emulator) nothing the emulator still does counts: memory is out of its
//! reach, and its registers are put back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use iced_x86::Instruction;
use unicorn_engine::UcHookId;

use crate::addr::{Frame, Page, VirtAddr};
use crate::code::Code;
use crate::context::Context;
use crate::counter::Counter;
use crate::cuts::Cuts;
use crate::debug::{Watched, Watcher};
use crate::decoded::Decoded;
use crate::engine::{Engine, flush_tlb, read, read_eip, stop, stop_at};
use crate::exception::Exception;
use crate::fault_addr::Accesses;
use crate::hazard::Hazards;
use crate::memory::PhysMemory;
use crate::mmu::{Access, PageFaultCode, Ring};
use crate::registers::general;
use crate::work::Work;

/// An access that the page tables do not allow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Miss {
    pub page: Page,
    pub access: Access,
    pub code: PageFaultCode,
}

/// An instruction that must not have happened, and the registers as they were before it.
pub struct Trap {
    pub exception: Exception,
    pub before: Context,
}

/// What the CPU and the hooks share.
pub struct Shared {
    pub memory: PhysMemory,
    /// The address space that the CPU is in.
    pub root: Cell<Frame>,
    /// With whose rights the program runs: ring 3, but for the instructions that boot.
    pub ring: Cell<Ring>,
    /// The page with the descriptor tables, which the hardware itself may read.
    pub descriptors: Page,
    /// If set, every fetch leads to this frame, whatever the page tables say.
    pub window: Cell<Option<Frame>>,
    pub counter: Counter,
    /// The access that ended the run, if one did.
    pub miss: Cell<Option<Miss>>,
    /// The interrupt or exception that ended it, if one did.
    pub interrupt: Cell<Option<u32>>,
    /// The trap that ended it, if one did.
    pub trap: RefCell<Option<Trap>>,
    accesses: RefCell<Accesses>,
    decoded: RefCell<Decoded>,
    pub hazards: Hazards,
    pub cuts: Cuts,
    /// If all pages have to be looked at again before anything is translated: the work done at the
    /// store that this is for.
    pub look_again: Cell<Option<Work>>,
    /// An address that this run must not go past.
    pub border: Cell<Option<VirtAddr>>,
    /// Breakpoints and watchpoints, which a debugger sets.
    pub watcher: Watcher,
    /// The frames of which each store is looked at.
    pub watched: RefCell<BTreeMap<Frame, UcHookId>>,
}

impl Shared {
    pub fn new(memory: PhysMemory, root: Frame, descriptors: Page) -> Shared {
        Shared {
            memory,
            root: Cell::new(root),
            ring: Cell::new(Ring::Kernel),
            descriptors,
            window: Cell::default(),
            counter: Counter::default(),
            miss: Cell::default(),
            interrupt: Cell::default(),
            trap: RefCell::default(),
            accesses: RefCell::default(),
            decoded: RefCell::default(),
            hazards: Hazards::default(),
            cuts: Cuts::default(),
            look_again: Cell::default(),
            border: Cell::default(),
            watcher: Watcher::default(),
            watched: RefCell::default(),
        }
    }

    /// Forgets what the last run left, and lets the next go on until `until`.
    pub fn start(&self, until: Work) {
        self.counter.start(until);
        self.miss.set(None);
        self.interrupt.set(None);
        self.watcher.start();
    }

    /// The access that ended the run, if one did.
    pub fn miss(&self) -> Option<Miss> {
        self.miss.get()
    }

    /// The interrupt or exception that ended the run, if one did.
    pub fn interrupt(&self) -> Option<u32> {
        self.interrupt.get()
    }

    /// The trap that ended the run, if one did.
    pub fn take_trap(&self) -> Option<Trap> {
        self.trap.take()
    }

    /// The instruction at EIP, if it can be fetched.
    pub fn instruction(&self, engine: &Engine) -> Option<Instruction> {
        let code = Code {
            memory: &self.memory,
            root: self.root.get(),
        };
        let eip = read_eip(engine);
        let bytes = code.fetch(eip);
        self.decoded.borrow_mut().instruction(eip, bytes)
    }

    /// Tells the emulator where to stop: at all hazards that were found, at cuts, and at `border`.
    pub fn apply_stops(&self, engine: &mut Engine) {
        let others = self.cuts.addresses().chain(self.border.get());
        let others = others.map(|addr| u64::from(addr.0));
        let stops: Vec<u64> = self.hazards.stops().into_iter().chain(others).collect();
        stop_at(engine, &stops);
    }

    /// The work done at the store for which the emulator was told to stop, since pages have to be
    /// looked at again.
    pub fn looks_again(&self) -> Option<Work> {
        self.look_again.get()
    }

    /// Whether the emulator was stopped since pages have to be looked at again: that is done with
    /// a flush of the TLB.
    pub fn take_look_again(&self) -> bool {
        let again = self.look_again.take().is_some();
        if again {
            self.cuts.forget_stores();
        }
        again
    }

    /// Ends the watch on a frame whose code is dropped.
    pub fn unwatch(&self, engine: &mut Engine, frame: Frame) {
        if let Some(hook) = self.watched.borrow_mut().remove(&frame) {
            engine.remove_hook(hook).expect("the hook is installed");
        }
    }

    /// What a watchpoint says to the instruction at EIP, which is about to be executed.
    pub fn watched(&self, engine: &Engine, instruction: &Instruction) -> Option<Watched> {
        let read = |register| general(register, |whole| read(engine, whole));
        let mut accesses = self.accesses.borrow_mut();
        let root = self.root.get();
        self.watcher.hit(root, |range, kind| {
            accesses.first_within(range, kind, instruction, read)
        })
    }

    /// The first byte on `page` that an instruction, the one at EIP, accesses in the way of
    /// `access`.
    pub fn first_accessed(
        &self,
        engine: &Engine,
        instruction: &Instruction,
        page: Page,
        access: Access,
    ) -> Option<VirtAddr> {
        let read = |register| general(register, |whole| read(engine, whole));
        let mut accesses = self.accesses.borrow_mut();
        accesses.first_on(page, access, instruction, read)
    }

    /// The pages on which accesses of an instruction, the one at EIP, begin that end on the next.
    pub fn pages_left_behind(&self, engine: &Engine, instruction: &Instruction) -> Vec<Page> {
        let read = |register| general(register, |whole| read(engine, whole));
        let mut accesses = self.accesses.borrow_mut();
        accesses.pages_left_behind(instruction, read)
    }

    /// An instruction that ring 3 may not execute is about to have an effect.
    pub fn refuse(&self, engine: &mut Engine, exception: Exception) {
        self.trap(engine, exception);
        flush_tlb(engine);
    }

    /// An instruction must not have happened. The emulator goes on to the end of the block, but
    /// no TLB miss is answered until it notices, and what it does to registers is undone.
    pub fn trap(&self, engine: &mut Engine, exception: Exception) {
        if self.trap.borrow().is_none() {
            // SAFETY: the hook was given a live engine.
            let before = unsafe { Context::saved_from(engine.get_handle()) };
            self.trap.replace(Some(Trap { exception, before }));
        }
        stop(engine);
    }
}
