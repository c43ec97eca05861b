//! What the emulator calls while it runs, and what those calls leave for the CPU to find.
//!
//! What always holds:
//! - Nothing of the kernel runs in here: a hook walks page tables, counts, or takes a note and
//!   stops the emulator; the note says why it stopped.
//! - After a trap (an instruction that is privileged on hardware but not in the emulator) nothing
//!   the emulator still does counts: memory is out of its reach, and its registers are put back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::rc::Rc;

use iced_x86::Instruction;
use unicorn_engine::{
    HookType, MemType, Prot, RegisterX86, TlbEntry, UcHookId, X86Insn, uc_engine, uc_error, uc_hook,
};

use crate::addr::{Frame, PAGE_SIZE, Page, PhysAddr, VirtAddr};
use crate::code::Code;
use crate::context::Context;
use crate::counter::Counter;
use crate::cuts::{Change, Cuts};
use crate::debug::{Watched, Watcher};
use crate::decoded::Decoded;
use crate::engine::{Engine, flush_tlb, read, read_eip, stop, stop_at};
use crate::exception::Exception;
use crate::fault_addr::Accesses;
use crate::fill::{EntryRights, OldEntries, after, entry_rights};
use crate::hazard::{Extent, Hazards, Surroundings, completes_hazard, is_at_border};
use crate::memory::{FrameUse, PhysMemory};
use crate::mmu::{Access, PageFaultCode, Ring, Translation, probe, translate};
use crate::registers::{flags, general};
use crate::work::Work;

/// Code above this address cannot be virtual-8086 code, whose addresses have 16 + 4 bits.
const VIRTUAL_8086_END: u64 = 0x11_0000;

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
    miss: Cell<Option<Miss>>,
    interrupt: Cell<Option<u32>>,
    trap: RefCell<Option<Trap>>,
    accesses: RefCell<Accesses>,
    decoded: RefCell<Decoded>,
    pub hazards: Hazards,
    pub cuts: Cuts,
    /// Whether all pages have to be looked at again before anything is translated.
    look_again: Cell<bool>,
    /// An address that this run must not go past.
    pub border: Cell<Option<VirtAddr>>,
    /// Breakpoints and watchpoints, which a debugger sets.
    pub watcher: Watcher,
    /// The frames of which each store is looked at.
    watched: RefCell<BTreeMap<Frame, UcHookId>>,
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

    /// Whether the emulator was told to stop since pages have to be looked at again.
    pub fn looks_again(&self) -> bool {
        self.look_again.get()
    }

    /// Whether the emulator was stopped since pages have to be looked at again: that is done with
    /// a flush of the TLB.
    pub fn take_look_again(&self) -> bool {
        let again = self.look_again.take();
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

    /// The TLB misses: walks the page tables and gives the entry, or takes note of the fault.
    fn fill(
        self: &Rc<Shared>,
        engine: &mut Engine,
        page: Page,
        access: Access,
    ) -> Option<TlbEntry> {
        if let Some(frame) = self.window.get() {
            return Some(tlb_entry(frame, EntryRights::READ | EntryRights::EXEC));
        }
        if self.trap.borrow().is_some() {
            return None;
        }
        if self.watcher.withholds(self.root.get(), page, access) {
            return None;
        }
        match self.walk(engine, page, access) {
            Ok(found) => Some(self.entry(engine, page, &found, access)),
            Err(code) => {
                // Looking for translations to drop, the emulator may miss again at the end.
                if self.miss.get().is_none() {
                    self.miss.set(Some(Miss { page, access, code }));
                }
                None
            }
        }
    }

    fn walk(
        &self,
        engine: &Engine,
        page: Page,
        access: Access,
    ) -> Result<Translation, PageFaultCode> {
        let walk = |ring| translate(&self.memory, self.root.get(), page.start(), access, ring);
        walk(self.ring.get()).or_else(|code| {
            // The hardware reads descriptors with the rights of ring 0, whoever loads a segment;
            // the program may not read them, even by the operand of the same instruction.
            let descriptor = page == self.descriptors
                && access == Access::Read
                && !self.is_operand(engine, page, access);
            if descriptor {
                walk(Ring::Kernel)
            } else {
                Err(code)
            }
        })
    }

    /// Whether the instruction at EIP itself accesses a page so.
    fn is_operand(&self, engine: &Engine, page: Page, access: Access) -> bool {
        let instruction = self.instruction(engine);
        instruction.is_some_and(|one| self.first_accessed(engine, &one, page, access).is_some())
    }

    fn entry(
        self: &Rc<Shared>,
        engine: &mut Engine,
        page: Page,
        found: &Translation,
        access: Access,
    ) -> TlbEntry {
        let before = self.memory.frame_use(found.frame);
        let (state, old) = after(before, access);
        self.memory.set_frame_use(found.frame, state);
        if old == OldEntries::MustGo {
            flush_tlb(engine);
            // A watch slows all memory accesses down. The code that boots is our own.
            if self.ring.get() == Ring::User {
                self.watch_stores(engine, found.frame);
            }
        }
        let rights = entry_rights(state, found);
        if rights.contains(EntryRights::EXEC) {
            self.stop_at_hazards(engine, page, found.frame, before);
        }
        let root = self.root.get();
        tlb_entry(
            found.frame,
            self.watcher.without_watched(root, page, rights),
        )
    }

    /// Looks at each store into a frame with code, lest it complete a hazard: that ends the
    /// program at once, since the emulator may translate what was stored before it asks again. Or it
    /// may make a page of code dense.
    fn watch_stores(self: &Rc<Shared>, engine: &mut Engine, frame: Frame) {
        let shared = Rc::downgrade(self);
        let (begin, end) = (frame.start().0, frame.start().0 + (PAGE_SIZE - 1));
        let hook = engine.add_mem_hook(
            HookType::MEM_WRITE,
            begin.into(),
            end.into(),
            move |engine, _, at, bytes, value| {
                let shared = shared.upgrade().expect("the CPU outlives its engine");
                let value = &value.to_le_bytes()[..bytes.min(8)];
                shared.on_store(engine, PhysAddr(at as u32), value);
                true
            },
        );
        let hook = hook.expect("the host has memory for a hook");
        self.watched.borrow_mut().insert(frame, hook);
    }

    /// A program stores into a frame with code. The emulator holds on to the entry that it stores
    /// through, so that the TLB cannot be flushed here.
    fn on_store(&self, engine: &mut Engine, at: PhysAddr, value: &[u8]) {
        if completes_hazard(&self.memory, at, value) {
            self.trap(engine, Exception::InvalidOpcode);
        }
        if self.cuts.note_store(at.frame(), value) || is_at_border(at, value.len()) {
            self.look_again.set(true);
            stop(engine);
        }
    }

    /// Lets nothing be translated from a page at which the translator would abort.
    fn stop_at_hazards(&self, engine: &mut Engine, page: Page, frame: Frame, before: FrameUse) {
        let extent = match before {
            FrameUse::Code => Extent::Borders,
            FrameUse::Fresh | FrameUse::Data | FrameUse::Mixed => Extent::Whole,
        };
        let beside = |page: Page| {
            let root = self.root.get();
            let found = probe(&self.memory, root, page.start(), Access::Fetch, Ring::User);
            found.ok().map(|found| found.frame)
        };
        let around = Surroundings {
            memory: &self.memory,
            page: page.start(),
            before: page.number().checked_sub(1).map(Page::new).and_then(beside),
            frame,
            after: page.checked_add(1).and_then(beside),
        };
        let hazards = self.hazards.inspect(&around, extent);
        let cuts = self.cuts.inspect(&self.memory, page.start(), frame, extent);
        if cuts == Change::Others {
            flush_tlb(engine);
        }
        if hazards || cuts != Change::None {
            self.apply_stops(engine);
        }
    }

    /// An instruction that ring 3 may not execute is about to have an effect.
    fn refuse(&self, engine: &mut Engine, exception: Exception) {
        self.trap(engine, exception);
        flush_tlb(engine);
    }

    /// An instruction must not have happened. The emulator goes on to the end of the block, but
    /// no TLB miss is answered until it notices, and what it does to registers is undone.
    fn trap(&self, engine: &mut Engine, exception: Exception) {
        if self.trap.borrow().is_none() {
            // SAFETY: the hook was given a live engine.
            let before = unsafe { Context::saved_from(engine.get_handle()) };
            self.trap.replace(Some(Trap { exception, before }));
        }
        stop(engine);
    }
}

fn tlb_entry(frame: Frame, rights: EntryRights) -> TlbEntry {
    TlbEntry {
        paddr: frame.start().0.into(),
        perms: Prot(rights.bits()),
    }
}

/// Installs all hooks in an engine that has translated no code yet.
///
/// # Safety
/// `shared` must outlive the engine.
pub unsafe fn install(engine: &mut Engine<'static>, shared: &Rc<Shared>) -> Result<(), uc_error> {
    let own = Rc::clone(shared);
    engine.add_tlb_hook(1, 0, move |engine, addr, kind| {
        let access = match kind {
            MemType::FETCH => Access::Fetch,
            MemType::WRITE => Access::Write,
            _ => Access::Read,
        };
        own.fill(engine, VirtAddr(addr as u32).page(), access)
    })?;
    let own = Rc::clone(shared);
    engine.add_intr_hook(move |engine, number| {
        own.interrupt.set(Some(number));
        stop(engine);
    })?;
    let own = Rc::clone(shared);
    engine.add_insn_in_hook(move |engine, _port, _bytes| {
        own.refuse(engine, Exception::GeneralProtection);
        0
    })?;
    let own = Rc::clone(shared);
    engine.add_insn_out_hook(move |engine, _port, _bytes, _value| {
        own.refuse(engine, Exception::GeneralProtection);
    })?;
    // SYSENTER faults so while its MSRs are not set up, SYSCALL where EFER does not enable it.
    for (instruction, exception) in [
        (X86Insn::SYSENTER, Exception::GeneralProtection),
        (X86Insn::SYSCALL, Exception::InvalidOpcode),
    ] {
        let own = Rc::clone(shared);
        engine.add_insn_sys_hook(instruction, 1, 0, move |engine| {
            own.refuse(engine, exception)
        })?;
    }
    let mut id: uc_hook = 0;
    // SAFETY: the engine is live; the hook is of the type that BLOCK hooks have, and its data
    // outlives the engine, as the caller vouches for. Called for every block of the program, it
    // is the one hook for which the way through a boxed closure would show.
    unsafe {
        unicorn_engine::uc_hook_add(
            engine.get_handle(),
            &raw mut id,
            HookType::BLOCK.0 as i32,
            on_block as *mut c_void,
            Rc::as_ptr(shared).cast_mut().cast(),
            1,
            0,
        )
    }
    .into()
}

/// A basic block begins.
///
/// # Safety
/// `engine` must be live, and `data` the [`Shared`] of that engine.
unsafe extern "C" fn on_block(engine: *mut uc_engine, addr: u64, bytes: u32, data: *mut c_void) {
    // SAFETY: the caller vouches for it; `Shared` is only ever reached by shared references.
    let shared = unsafe { &*data.cast::<Shared>() };
    // Every block of the program comes this way: what is rare is kept apart, so that this needs no
    // stack.
    if addr < VIRTUAL_8086_END {
        // SAFETY: the caller vouches for the engine.
        return unsafe { on_low_block(engine, addr, bytes, shared) };
    }
    if !shared.counter.begin(VirtAddr(addr as u32), bytes) {
        // SAFETY: as above.
        unsafe { refuse_block(engine, shared, VirtAddr(addr as u32), bytes) }
    }
}

/// A basic block begins that may be virtual-8086 code.
///
/// # Safety
/// `engine` must be live.
#[inline(never)]
unsafe fn on_low_block(engine: *mut uc_engine, addr: u64, bytes: u32, shared: &Shared) {
    // SAFETY: the caller vouches for the engine.
    if unsafe { in_virtual_8086_mode(engine) } {
        // SAFETY: as above.
        let before = unsafe { Context::saved_from(engine) };
        shared.trap.replace(Some(Trap {
            exception: Exception::GeneralProtection,
            before,
        }));
        // SAFETY: as above.
        unsafe { unicorn_engine::uc_emu_stop(engine) };
    } else if !shared.counter.begin(VirtAddr(addr as u32), bytes) {
        // SAFETY: as above.
        unsafe { refuse_block(engine, shared, VirtAddr(addr as u32), bytes) }
    }
}

/// Stops the emulator before a block that may not begin, since the work of this run is done.
///
/// # Safety
/// `engine` must be live.
#[cold]
#[inline(never)]
unsafe fn refuse_block(engine: *mut uc_engine, shared: &Shared, start: VirtAddr, bytes: u32) {
    shared.counter.refuse(start, bytes);
    // SAFETY: the caller vouches for the engine.
    unsafe { unicorn_engine::uc_emu_stop(engine) };
}

/// Whether `iret` has led into virtual-8086 mode, which the emulator allows in ring 3. It would
/// hand out IOPL and IF.
///
/// # Safety
/// `engine` must be live.
#[cold]
unsafe fn in_virtual_8086_mode(engine: *mut uc_engine) -> bool {
    let mut eflags = 0u64;
    // SAFETY: the caller vouches for the engine; `eflags` has room for the register.
    unsafe {
        unicorn_engine::uc_reg_read(engine, RegisterX86::EFLAGS as i32, (&raw mut eflags).cast());
    }
    eflags as u32 & flags::VIRTUAL_8086 != 0
}
