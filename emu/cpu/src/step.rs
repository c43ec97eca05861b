//! Runs of the CPU for a debugger: one instruction, or up to a breakpoint or a watched access.
//!
//! # Invariants
//! A block that is entered is the one that the emulator would translate without a debugger, and it
//! is counted once, however many stops there are inside it. Therefore the emulator first determines
//! the block at EIP without executing it, and then executes parts of it that are not counted.

use machine::addr::VirtAddr;
use machine::mmu::Access;
use machine::work::Work;

use crate::code::Code;
use crate::corrected::limit_next_block;
use crate::counter::Block;
use crate::cpu::Cpu;
use crate::debug::{DebugStop, Watched};
use crate::engine::flush_tlb;
use crate::exit::Exit;
use crate::run::Stop;
use crate::wishes::{Here, SingleStep};

impl Cpu {
    /// Runs the program on the CPU as a debugger has requested.
    pub(crate) fn run_debugged(&mut self, until: Work) -> Exit {
        let (eip, root) = (self.eip(), self.shared.root.get());
        let here = self.wishes.here.filter(|here| here.root == root);
        let known = here.filter(|here| here.eip == eip);
        // Where the CPU has stopped before, the block is counted and the breakpoint reported.
        self.shared
            .counter
            .set_inside(known.and_then(|here| here.block));
        self.shared.watcher.set_skip(known.map(|here| here.eip));

        self.record_blocks();
        self.install_breakpoints();
        let exit = match self.wishes.step {
            SingleStep::Served(space) if space == root => {
                self.wishes.step = SingleStep::No;
                Exit::Debug(DebugStop::Step)
            }
            SingleStep::In(space) if space == root => self.step_to_exit(until),
            _ => self.run_on(until),
        };

        let faulted = matches!(exit, Exit::PageFault(_));
        let block = self.shared.counter.inside();
        // Without a debugger a block whose first instruction faults is not counted either.
        if faulted && block.is_some_and(|block| block.start == self.eip()) {
            self.shared.counter.leave();
        }
        self.shared.counter.set_inside(None);
        let passed = !self.shared.watcher.still_skips();
        if let Exit::Debug(_) = exit {
            let eip = self.eip();
            self.wishes.here = Some(Here { eip, root, block });
        } else if here.is_some() {
            // If the instruction has not been executed, its breakpoint must not be reported again.
            let still = known.filter(|_| self.eip() == eip && (!passed || faulted));
            self.wishes.here = still.map(|here| Here {
                block: None,
                ..here
            });
        }
        exit
    }

    /// Executes one instruction. Returns the exit, which is a step unless something else happened.
    fn step_to_exit(&mut self, until: Work) -> Exit {
        let stepped = self.step_one(until);
        match &stepped {
            Ok(_) => self.wishes.step = SingleStep::No,
            // The step is complete when the kernel has served the call, at the next run.
            Err(Exit::Syscall) => self.wishes.step = SingleStep::Served(self.shared.root.get()),
            Err(_) => {}
        }
        match stepped {
            Ok(None) => Exit::Debug(DebugStop::Step),
            Ok(Some(watched)) => Exit::Debug(DebugStop::Watchpoint(watched)),
            Err(exit) => exit,
        }
    }

    /// Executes one instruction, or one iteration of a repeated one. Returns its watched access, if
    /// any.
    ///
    /// # Errors
    /// The exit that occurred instead, or that the instruction caused.
    fn step_one(&mut self, until: Work) -> Result<Option<Watched>, Exit> {
        self.shared.watcher.set_ignore(true);
        let stepped = self.step_in_block(until);
        self.shared.watcher.set_ignore(false);
        stepped
    }

    /// Executes one instruction as a block of its own, which is not counted.
    fn step_in_block(&mut self, until: Work) -> Result<Option<Watched>, Exit> {
        let block = match self.shared.counter.inside() {
            Some(block) => block,
            None => self.enter_block(until)?,
        };
        let eip = self.eip();
        let instruction = self.shared.instruction(&self.engine);
        let next = instruction.map(|one| VirtAddr(one.next_ip32()));
        limit_next_block(&mut self.engine, 1);
        // No work is left, except for the rest of the block that is counted: this instruction.
        let stop = self.go(self.shared.counter.done());
        let moved = self.eip() != eip;
        match stop {
            Stop::Exit(Exit::Tick) => {
                let rest = next.filter(|next| *next == self.eip() && *next < block.end);
                self.shared.counter.set_inside(rest.and(Some(block)));
                Ok(None)
            }
            // It has jumped to a page that is not present. The jump is executed; the fault can wait
            // for the next run.
            Stop::Exit(Exit::PageFault(fault)) if fault.access == Access::Fetch && moved => {
                Ok(None)
            }
            Stop::Exit(exit) => Err(exit),
            Stop::Withheld => self.execute_watched(until),
        }
    }

    /// Enters the block at EIP without executing any of it.
    fn enter_block(&mut self, until: Work) -> Result<Block, Exit> {
        // With no work left no block may begin, so the emulator stops before the first.
        let exit = self.run_on(Work::ZERO);
        match self.shared.counter.refused() {
            Some(block) if exit == Exit::Tick && self.shared.counter.done() < until => {
                self.shared.counter.enter(block);
                Ok(block)
            }
            _ => Err(exit),
        }
    }

    /// Executes the instruction at EIP, which accesses a withheld page. Returns its watched access,
    /// if any.
    ///
    /// # Errors
    /// The exit that occurred instead, or that the instruction caused.
    pub(crate) fn execute_watched(&mut self, until: Work) -> Result<Option<Watched>, Exit> {
        self.shared.counter.stay_inside_after_fault(self.eip());
        let instruction = self.shared.instruction(&self.engine);
        let instruction = instruction.expect("what accesses memory has been fetched");
        // Before it is executed: its operands are addressed by the registers as they are now.
        let watched = self.shared.watched(&self.engine, &instruction);
        self.shared.watcher.lift();
        let stepped = self.step_one(until);
        self.shared.watcher.withhold();
        // The step has put the watched page into the TLB.
        flush_tlb(&mut self.engine);
        stepped.map(|_| watched)
    }

    /// If the next run continues in the middle of a block, makes that part end where the block
    /// ends. From there the emulator might translate a longer block.
    pub(crate) fn end_with_the_block_at_hand(&mut self) {
        if let Some(block) = self.shared.counter.inside() {
            let code = self.code();
            let rest = code
                .straight(self.eip())
                .take_while(|one| one.ip32() < block.end.0)
                .count();
            if rest > 0 {
                limit_next_block(&mut self.engine, rest as u32);
            }
        }
    }

    fn code(&self) -> Code<'_> {
        Code {
            memory: &self.shared.memory,
            root: self.shared.root.get(),
        }
    }
}
