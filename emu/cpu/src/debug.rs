//! What a debugger asks of the CPU: to stop at an address, at an access, after one instruction.
//!
//! What always holds:
//! - Nothing is patched into the guest's memory, so a breakpoint is there before its page is
//!   loaded and after it is evicted.
//! - A program that is debugged does the same, to the byte and to the unit of work, as one that is
//!   not. Only code that changes the very block it is in may be counted differently.
//! - A CPU of which nothing is asked runs as fast as one that knows no debugger.
//!
//! A breakpoint is a hook at its address; hooks change what is translated, so that all code is
//! translated anew after a change. A watched page is withheld from the TLB for the accesses that
//! are watched: each of them comes out of the emulator like a page fault, is looked at, and
//! executed alone. So accesses to the rest of a watched page are slow, and all others are not.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::Access;
use unicorn_engine::UcHookId;

use crate::counter::Block;
use crate::cpu::Cpu;
use crate::engine::{Engine, drop_all_code, flush_tlb, stop};
use crate::fill::EntryRights;
use crate::hooks::record_blocks;
use crate::shared::Shared;

/// Why the CPU stopped for a debugger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugStop {
    /// EIP is at a breakpoint; its instruction comes next.
    Breakpoint,
    /// An instruction accessed what is watched. It has been executed.
    Watchpoint(Watched),
    /// One instruction was executed: of a repeated string instruction one turn, as hardware does
    /// it. Where that was a system call, it has been served.
    Step,
}

/// An access that was watched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The first byte that is watched and was accessed.
    pub addr: VirtAddr,
    /// What was watched for.
    pub kind: WatchKind,
}

/// Which accesses are watched for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WatchKind {
    /// Stores, also of the value that is there already.
    Write,
    /// Loads.
    Read,
    /// Both.
    Access,
}

/// Bytes of an address space that are watched. The program's own accesses count, not those that
/// the kernel makes for it in a system call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watch {
    /// The address space: its directory for ring 3.
    pub root: Frame,
    /// The addresses.
    pub bytes: Range<u32>,
    /// The accesses.
    pub kind: WatchKind,
}

/// What the hooks know of a debugger's wishes.
#[derive(Default)]
pub struct Watcher {
    /// A breakpoint that is to be passed once, since the debugger was told of it.
    skip: Cell<Option<VirtAddr>>,
    /// Whether breakpoints are passed, as one instruction alone is executed.
    ignore: Cell<bool>,
    /// Whether this run has come to a breakpoint.
    hit: Cell<bool>,
    watches: RefCell<Vec<Watch>>,
    /// Whether anything is watched and nothing may be accessed unseen.
    withholding: Cell<bool>,
    /// Whether this run ended at an access to a page that is withheld.
    withheld: Cell<bool>,
}

impl Watcher {
    /// Forgets what the last run came to.
    pub fn start(&self) {
        self.hit.set(false);
        self.withheld.set(false);
    }

    /// Whether this run has come to a breakpoint.
    pub fn hit_breakpoint(&self) -> bool {
        self.hit.get()
    }

    /// Whether this run ended at an access to a page that is withheld.
    pub fn met_withheld(&self) -> bool {
        self.withheld.get()
    }

    /// Whether an access has to be looked at before it is made; that is noted.
    pub fn withholds(&self, root: Frame, page: Page, access: Access) -> bool {
        let withheld = self.withholding.get()
            && match access {
                Access::Fetch => false,
                Access::Read => self.is_watched(root, page, |kind| kind != WatchKind::Write),
                Access::Write => self.is_watched(root, page, |kind| kind != WatchKind::Read),
            };
        if withheld {
            self.withheld.set(true);
        }
        withheld
    }

    /// The rights that a TLB entry may have while accesses to its page are watched.
    pub fn without_watched(&self, root: Frame, page: Page, rights: EntryRights) -> EntryRights {
        if !self.withholding.get() {
            return rights;
        }
        let mut rights = rights;
        if self.is_watched(root, page, |kind| kind != WatchKind::Write) {
            rights.remove(EntryRights::READ);
        }
        if self.is_watched(root, page, |kind| kind != WatchKind::Read) {
            rights.remove(EntryRights::WRITE);
        }
        rights
    }

    /// The first watch that `access` finds an access for.
    pub fn hit(
        &self,
        root: Frame,
        mut access: impl FnMut(&Range<u32>, WatchKind) -> Option<VirtAddr>,
    ) -> Option<Watched> {
        let watches = self.watches.borrow();
        let mut here = watches.iter().filter(|watch| watch.root == root);
        here.find_map(|watch| {
            let addr = access(&watch.bytes, watch.kind)?;
            let kind = watch.kind;
            Some(Watched { addr, kind })
        })
    }

    /// Lets the next run pass a breakpoint at `addr` once.
    pub fn set_skip(&self, addr: Option<VirtAddr>) {
        self.skip.set(addr);
    }

    /// Whether a breakpoint that was to be passed was not come to.
    pub fn still_skips(&self) -> bool {
        self.skip.get().is_some()
    }

    /// Lets breakpoints be passed, or not.
    pub fn set_ignore(&self, ignore: bool) {
        self.ignore.set(ignore);
    }

    /// Lets accesses be made unseen, until they are withheld again.
    pub fn lift(&self) {
        self.withholding.set(false);
    }

    /// Whether accesses are withheld.
    pub fn is_withholding(&self) -> bool {
        self.withholding.get()
    }

    /// Withholds what is watched.
    pub fn withhold(&self) {
        self.withholding.set(!self.watches.borrow().is_empty());
    }

    fn is_watched(&self, root: Frame, page: Page, kind: impl Fn(WatchKind) -> bool) -> bool {
        let bytes = page.start().0..=page.start().0 | 0xfff;
        self.watches.borrow().iter().any(|watch| {
            watch.root == root
                && kind(watch.kind)
                && watch.bytes.start <= *bytes.end()
                && watch.bytes.end > *bytes.start()
        })
    }

    /// The emulator has come to an address with a breakpoint.
    fn at_breakpoint(&self, engine: &mut Engine, addr: VirtAddr) {
        if self.ignore.get() {
            return;
        }
        if self.skip.get() == Some(addr) {
            self.skip.set(None);
            return;
        }
        self.hit.set(true);
        stop(engine);
    }
}

/// What a debugger wants, and where the CPU last stopped for it.
#[derive(Default)]
pub(crate) struct Wishes {
    breakpoints: BTreeSet<VirtAddr>,
    /// The hooks of breakpoints. They follow what is wanted when the CPU next runs: a debugger
    /// takes breakpoints away at each stop and sets the same ones before it goes on.
    installed: BTreeMap<VirtAddr, UcHookId>,
    /// Whether the counter is told of each block.
    records_blocks: bool,
    pub step: Step,
    pub here: Option<Here>,
}

/// Whether one instruction alone is to be executed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Step {
    #[default]
    No,
    /// By the program in this address space, when it is on the CPU.
    In(Frame),
    /// That was a system call, which the kernel is serving.
    Served(Frame),
}

impl Step {
    fn without(self, root: Frame) -> Step {
        match self {
            Step::In(space) | Step::Served(space) if space == root => Step::No,
            other => other,
        }
    }
}

/// Where the CPU last stopped for a debugger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Here {
    pub eip: VirtAddr,
    pub root: Frame,
    /// The block that goes on from there.
    pub block: Option<Block>,
}

impl Cpu {
    /// Stops the CPU before each instruction at one of these addresses, in any address space: all
    /// breakpoints there are from now on.
    pub fn set_breakpoints(&mut self, addresses: BTreeSet<VirtAddr>) {
        self.wishes.breakpoints = addresses;
    }

    /// Stops the CPU after each instruction with one of these accesses: all watchpoints there are
    /// from now on. A range that is empty is never accessed.
    pub fn set_watches(&mut self, watches: Vec<Watch>) {
        self.shared.watcher.watches.replace(watches);
        self.shared.watcher.withhold();
        flush_tlb(&mut self.engine);
    }

    /// Stops the CPU when the program in this address space has executed one more instruction.
    pub fn step(&mut self, root: Frame) {
        self.wishes.step = Step::In(root);
    }

    /// Takes back [`Cpu::step`].
    pub fn no_step(&mut self) {
        self.wishes.step = Step::No;
    }

    /// Whether the CPU has stopped for a debugger inside a block: its work is counted, and the
    /// rest of it comes next.
    pub fn is_inside_block(&self) -> bool {
        let here = self.wishes.here;
        here.is_some_and(|here| {
            here.block.is_some() && here.eip == self.eip() && here.root == self.shared.root.get()
        })
    }

    /// Drops all wishes that concern an address space, which is about to end.
    pub fn forget_space(&mut self, root: Frame) {
        if self.is_debugged() {
            let mut watches = self.shared.watcher.watches.borrow_mut();
            watches.retain(|watch| watch.root != root);
            drop(watches);
            self.shared.watcher.withhold();
            self.wishes.step = self.wishes.step.without(root);
            self.wishes.here = self.wishes.here.filter(|here| here.root != root);
        }
    }

    /// Whether a debugger has wishes that the next run must look to.
    pub(crate) fn is_debugged(&self) -> bool {
        let wishes = &self.wishes;
        !wishes.breakpoints.is_empty()
            || !wishes.installed.is_empty()
            || wishes.step != Step::No
            || wishes.here.is_some()
            || self.shared.watcher.is_withholding()
    }

    /// Has blocks recorded from here on: whoever stops inside one must know which it is.
    pub(crate) fn record_blocks(&mut self) {
        if !self.wishes.records_blocks {
            let recorded = record_blocks(&mut self.engine, &self.shared);
            recorded.expect("the host has memory for a hook");
            drop_all_code(&mut self.engine);
            self.wishes.records_blocks = true;
        }
    }

    /// Makes the hooks those of the breakpoints that are wanted.
    pub(crate) fn install_breakpoints(&mut self) {
        if self.wishes.installed.keys().eq(&self.wishes.breakpoints) {
            return;
        }
        drop_all_code(&mut self.engine);
        let old = std::mem::take(&mut self.wishes.installed);
        // To remove a hook the emulator looks for the code it was translated into, by virtual
        // address: that must leave no trace in the page tables.
        self.shared.window.set(Some(self.shared.root.get()));
        for (addr, hook) in old {
            if self.wishes.breakpoints.contains(&addr) {
                self.wishes.installed.insert(addr, hook);
            } else {
                let removed = self.engine.remove_hook(hook);
                removed.expect("the hook is installed");
            }
        }
        self.shared.window.set(None);
        flush_tlb(&mut self.engine);
        for addr in &self.wishes.breakpoints {
            let installed = self.wishes.installed.entry(*addr);
            installed.or_insert_with(|| hook_at(&mut self.engine, &self.shared, *addr));
        }
    }
}

fn hook_at(engine: &mut Engine<'static>, shared: &Rc<Shared>, addr: VirtAddr) -> UcHookId {
    let shared = Rc::downgrade(shared);
    let at = u64::from(addr.0);
    let hook = engine.add_code_hook(at, at, move |engine, _, _| {
        let shared = shared.upgrade().expect("the CPU outlives its engine");
        shared.watcher.at_breakpoint(engine, addr);
    });
    hook.expect("the host has memory for a hook")
}
