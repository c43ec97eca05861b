//! Runs of the CPU for a debugger: one instruction, or up to a breakpoint or a watched access.
//!
//! # Invariants
//! A block that is entered is the one that the emulator would translate if nobody debugged it, and it is
//! counted once, however many stops there are inside it. Therefore the emulator is first asked for the
//! block at EIP without executing it, and then executes parts of it that are not counted.

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
use crate::wishes::{Here, Step};

impl Cpu {
    /// Runs the program on the CPU as a debugger wishes.
    pub(crate) fn run_debugged(&mut self, until: Work) -> Exit {
        let (eip, root) = (self.eip(), self.shared.root.get());
        let here = self.wishes.here.filter(|here| here.root == root);
        let known = here.filter(|here| here.eip == eip);
        self.shared
            .counter
            .set_inside(known.and_then(|here| here.block));
        self.shared.watcher.set_skip(known.map(|here| here.eip));

        self.record_blocks();
        self.install_breakpoints();
        let exit = match self.wishes.step {
            Step::Served(space) if space == root => {
                self.wishes.step = Step::No;
                Exit::Debug(DebugStop::Step)
            }
            Step::In(space) if space == root => self.step_to_exit(until),
            _ => self.run_on(until),
        };

        let faulted = matches!(exit, Exit::PageFault(_));
        let block = self.shared.counter.inside();
        if faulted && block.is_some_and(|block| block.start == self.eip()) {
            self.shared.counter.leave();
        }
        self.shared.counter.set_inside(None);
        let passed = !self.shared.watcher.still_skips();
        if let Exit::Debug(_) = exit {
            let eip = self.eip();
            self.wishes.here = Some(Here { eip, root, block });
        } else if here.is_some() {
            // If the instruction has not been executed, the debugger knows that it comes next.
            let still = known.filter(|_| self.eip() == eip && (!passed || faulted));
            self.wishes.here = still.map(|here| Here {
                block: None,
                ..here
            });
        }
        exit
    }

    fn step_to_exit(&mut self, until: Work) -> Exit {
        let stepped = self.step_one(until);
        match &stepped {
            Ok(_) => self.wishes.step = Step::No,
            Err(Exit::Syscall) => self.wishes.step = Step::Served(self.shared.root.get()),
            Err(_) => {}
        }
        match stepped {
            Ok(None) => Exit::Debug(DebugStop::Step),
            Ok(Some(watched)) => Exit::Debug(DebugStop::Watchpoint(watched)),
            Err(exit) => exit,
        }
    }

    /// Executes one instruction, or one turn of a repeated one; which watched access it made.
    ///
    /// # Errors
    /// The exit that came instead, or that it led to.
    fn step_one(&mut self, until: Work) -> Result<Option<Watched>, Exit> {
        self.shared.watcher.set_ignore(true);
        let stepped = self.step_in_block(until);
        self.shared.watcher.set_ignore(false);
        stepped
    }

    fn step_in_block(&mut self, until: Work) -> Result<Option<Watched>, Exit> {
        let block = match self.shared.counter.inside() {
            Some(block) => block,
            None => self.enter_block(until)?,
        };
        let eip = self.eip();
        let instruction = self.shared.instruction(&self.engine);
        let next = instruction.map(|one| VirtAddr(one.next_ip32()));
        limit_next_block(&mut self.engine, 1);
        let stop = self.go(self.shared.counter.done());
        let moved = self.eip() != eip;
        match stop {
            Stop::Exit(Exit::Tick) => {
                let rest = next.filter(|next| *next == self.eip() && *next < block.end);
                self.shared.counter.set_inside(rest.and(Some(block)));
                Ok(None)
            }
            // It has jumped to where code is still to be loaded.
            Stop::Exit(Exit::PageFault(fault)) if fault.access == Access::Fetch && moved => {
                Ok(None)
            }
            Stop::Exit(exit) => Err(exit),
            Stop::Withheld => self.execute_watched(until),
        }
    }

    /// Enters the block at EIP without executing any of it.
    fn enter_block(&mut self, until: Work) -> Result<Block, Exit> {
        // No block may begin, so the run ends before the first.
        let exit = self.run_on(Work::ZERO);
        match self.shared.counter.refused() {
            Some(block) if exit == Exit::Tick && self.shared.counter.done() < until => {
                self.shared.counter.enter(block);
                Ok(block)
            }
            _ => Err(exit),
        }
    }

    /// Executes the instruction at EIP, which accesses a page that is withheld; which watched
    /// access it made.
    ///
    /// # Errors
    /// The exit that came instead, or that it led to.
    pub(crate) fn execute_watched(&mut self, until: Work) -> Result<Option<Watched>, Exit> {
        self.shared.counter.stay_inside_after_fault(self.eip());
        let instruction = self.shared.instruction(&self.engine);
        let instruction = instruction.expect("what accesses memory has been fetched");
        let watched = self.shared.watched(&self.engine, &instruction);
        self.shared.watcher.lift();
        let stepped = self.step_one(until);
        self.shared.watcher.withhold();
        flush_tlb(&mut self.engine);
        stepped.map(|_| watched)
    }

    /// If the next run goes on in the middle of a block, has that part end where the block does: seen
    /// from here, the emulator might make it longer.
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
