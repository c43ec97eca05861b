//! Debugging: breakpoints, watchpoints and single steps.
//!
//! # Invariants
//!
//! - Nothing is patched into the guest's memory, so a breakpoint works before its page is loaded
//!   and after it is evicted.
//! - A debugged program does the same, to the byte and to the unit of work, as one that is not
//!   debugged. Only code that changes the very block it is in may be counted differently.
//! - Without requests the CPU runs at full speed.
//!
//! A breakpoint is a hook at its address. Hooks are part of translated code, so all code is
//! translated again after a change. A watched page is kept out of the TLB for the accesses that are
//! watched: each of them stops the emulator like a page fault, is decoded, and executed as a single
//! step. So accesses to the rest of a watched page are slow, and all others are not.

use std::collections::BTreeSet;
use std::rc::Rc;

use machine::addr::{Frame, VirtAddr};
use unicorn_engine::UcHookId;

use crate::cpu::Cpu;
use crate::engine::{Engine, drop_all_code, flush_tlb};
use crate::hooks::record_blocks;
use crate::shared::Shared;
pub use crate::watch::{Watch, WatchKind, Watched};
use crate::wishes::SingleStep;

/// Why the CPU stopped for a debugger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugStop {
    /// EIP is at a breakpoint; its instruction is executed next.
    Breakpoint,
    /// An instruction accessed what is watched. It has been executed.
    Watchpoint(Watched),
    /// One instruction was executed, or one iteration of a repeated string instruction, as on
    /// hardware. A system call has been served.
    Step,
}

impl Cpu {
    /// Replaces all breakpoints: the CPU stops before each instruction at one of these addresses,
    /// in any address space.
    ///
    /// # Examples
    ///
    /// ```
    /// use bare::{CODE, Machine};
    /// use cpu::{debug::DebugStop, exit::Exit};
    ///
    /// let mut machine = Machine::new();
    /// let program = machine.program(&[0x40, 0x40, 0x40, 0xcd, 0x30]); // inc eax, three times
    /// let second = CODE.checked_add(1).unwrap();
    /// machine.cpu.set_breakpoints([second].into());
    /// assert_eq!(machine.run_program(&program), Exit::Debug(DebugStop::Breakpoint));
    /// assert_eq!((machine.cpu.eip(), machine.cpu.eax()), (second, 1));
    /// assert_eq!(machine.run(), Exit::Syscall);
    /// assert_eq!(machine.cpu.eax(), 3);
    /// ```
    pub fn set_breakpoints(&mut self, addresses: BTreeSet<VirtAddr>) {
        self.wishes.breakpoints = addresses;
    }

    /// Replaces all watchpoints: the CPU stops after each instruction with one of these accesses.
    /// An empty range is never accessed.
    ///
    /// # Examples
    ///
    /// ```
    /// use bare::{Machine, STACK_TOP};
    /// use cpu::debug::{DebugStop, Watch, WatchKind, Watched};
    /// use cpu::exit::Exit;
    ///
    /// let mut machine = Machine::new();
    /// let program = machine.program(&[0x50, 0x53, 0xcd, 0x30]); // push eax; push ebx; int 0x30
    /// let first_pushed = STACK_TOP.0 - 4;
    /// machine.cpu.set_watches(vec![Watch {
    ///     root: program.directory.user_root(),
    ///     bytes: first_pushed..STACK_TOP.0,
    ///     kind: WatchKind::Write,
    /// }]);
    /// let Exit::Debug(DebugStop::Watchpoint(Watched { addr, .. })) = machine.run_program(&program)
    /// else {
    ///     panic!("nothing was stored there");
    /// };
    /// assert_eq!(addr.0, first_pushed);
    /// assert_eq!(machine.run(), Exit::Syscall);
    /// ```
    pub fn set_watches(&mut self, watches: Vec<Watch>) {
        self.shared.watcher.set_watches(watches);
        // Entries of pages that are watched now would let accesses pass.
        flush_tlb(&mut self.engine);
    }

    /// Stops the CPU when the program in this address space has executed one more instruction.
    ///
    /// # Examples
    ///
    /// ```
    /// use bare::{CODE, Machine};
    /// use cpu::{debug::DebugStop, exit::Exit};
    ///
    /// let mut machine = Machine::new();
    /// let program = machine.program(&[0x40, 0x40, 0xcd, 0x30]); // inc eax; inc eax; int 0x30
    /// machine.cpu.step(program.directory.user_root());
    /// assert_eq!(machine.run_program(&program), Exit::Debug(DebugStop::Step));
    /// assert_eq!(machine.cpu.eip().0, CODE.0 + 1);
    /// assert_eq!(machine.run(), Exit::Syscall);
    /// ```
    pub fn step(&mut self, root: Frame) {
        self.wishes.step = SingleStep::In(root);
    }

    /// Cancels [`Cpu::step`].
    pub fn no_step(&mut self) {
        self.wishes.step = SingleStep::No;
    }

    /// Returns whether the CPU has stopped for a debugger inside a block, which is counted already
    /// and of which the rest is executed next.
    #[must_use]
    pub fn is_inside_block(&self) -> bool {
        let here = self.wishes.here;
        here.is_some_and(|here| {
            here.block.is_some() && here.eip == self.eip() && here.root == self.shared.root.get()
        })
    }

    /// Drops all requests that concern an address space, which is about to be destroyed.
    pub fn forget_space(&mut self, root: Frame) {
        if self.is_debugged() {
            self.shared.watcher.forget_space(root);
            self.wishes.step = self.wishes.step.without(root);
            self.wishes.here = self.wishes.here.filter(|here| here.root != root);
        }
    }

    /// Returns whether a debugger has requests that affect the next run.
    pub(crate) fn is_debugged(&self) -> bool {
        let wishes = &self.wishes;
        !wishes.breakpoints.is_empty()
            || !wishes.installed.is_empty()
            || wishes.step != SingleStep::No
            || wishes.here.is_some()
            || self.shared.watcher.is_withholding()
    }

    /// Starts recording blocks, so that a stop inside one knows which it is.
    pub(crate) fn record_blocks(&mut self) {
        if !self.wishes.records_blocks {
            let recorded = record_blocks(&mut self.engine, &self.shared);
            recorded.expect("the host has memory for a hook");
            // Code that is already translated does not call the new hook.
            drop_all_code(&mut self.engine);
            self.wishes.records_blocks = true;
        }
    }

    /// Makes the hooks match the requested breakpoints.
    pub(crate) fn install_breakpoints(&mut self) {
        if self.wishes.installed.keys().eq(&self.wishes.breakpoints) {
            return;
        }
        drop_all_code(&mut self.engine);
        let old = std::mem::take(&mut self.wishes.installed);
        // To remove a hook the emulator looks for its translated code by virtual address. That must
        // not change the page tables.
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
        // What the window has put into the TLB is no translation of the program's.
        flush_tlb(&mut self.engine);
        for addr in &self.wishes.breakpoints {
            let installed = self.wishes.installed.entry(*addr);
            installed.or_insert_with(|| hook_at(&mut self.engine, &self.shared, *addr));
        }
    }
}

/// Installs the hook of a breakpoint.
fn hook_at(engine: &mut Engine<'static>, shared: &Rc<Shared>, addr: VirtAddr) -> UcHookId {
    let shared = Rc::downgrade(shared);
    let at = u64::from(addr.0);
    let hook = engine.add_code_hook(at, at, move |engine, _, _| {
        let shared = shared.upgrade().expect("the CPU outlives its engine");
        shared.watcher.at_breakpoint(engine, addr);
    });
    hook.expect("the host has memory for a hook")
}
