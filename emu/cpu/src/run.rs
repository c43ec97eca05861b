//! One run of the CPU: the preparations for it, and the meaning of its end.
//!
//! # Invariants
//! The emulator stops for one of the reasons in [`Stop`]; anything else is a bug and panics.

use machine::tlb::Stale;
use machine::work::Work;
use unicorn_engine::uc_error;

use crate::corrected::{drop_code_of, flush_page, last_exception};
use crate::cpu::Cpu;
use crate::debug::DebugStop;
use crate::engine::flush_tlb;
use crate::exception::Exception;
use crate::exit::{Exit, PageFault};
use crate::interrupt::meaning;

/// Why the emulator stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    Exit(Exit),
    /// An access to a page that is kept out of the TLB because a debugger watches it.
    Withheld,
}

impl Cpu {
    /// Runs the program on the CPU until it needs the kernel, or until the machine has done
    /// `until` work in all.
    ///
    /// # Examples
    ///
    /// ```
    /// use bare::{CODE, Machine};
    /// use cpu::exit::Exit;
    /// use machine::work::Work;
    ///
    /// let mut machine = Machine::new();
    /// let program = machine.program(&[0xeb, 0xfe]); // jmp to itself
    /// machine.resume(&program);
    /// let slice = machine.cpu.work() + Work(100);
    /// assert_eq!(machine.cpu.run(slice), Exit::Tick);
    /// assert_eq!(machine.cpu.work(), slice);
    /// assert_eq!(machine.cpu.eip(), CODE);
    /// ```
    pub fn run(&mut self, until: Work) -> Exit {
        // First: with an isolated kernel half this makes the whole TLB stale.
        self.return_to_ring_3();
        self.bring_up_to_date();
        if self.is_debugged() {
            self.run_debugged(until)
        } else {
            self.run_on(until)
        }
    }

    /// Continues until there is an exit.
    pub(crate) fn run_on(&mut self, until: Work) -> Exit {
        loop {
            self.end_with_the_block_at_hand();
            match self.go(until) {
                Stop::Exit(exit) => return exit,
                Stop::Withheld => match self.execute_watched(until) {
                    Ok(None) => {}
                    Ok(Some(watched)) => return Exit::Debug(DebugStop::Watchpoint(watched)),
                    Err(exit) => return exit,
                },
            }
        }
    }

    /// Makes translated code agree with RAM, and the TLB with the page tables.
    fn bring_up_to_date(&mut self) {
        // A new page in a frame from which code was fetched. The emulator sees no stores of the
        // kernel, so it would execute what it has translated from the old page.
        let changed = self.shared.memory.take_stale();
        for frame in &changed {
            drop_code_of(&mut self.engine, *frame);
        }
        // Such a frame is fresh again, and its old entries have rights that it may not have now
        // ([`crate::fill`]). Which pages map it is not known here, so all go.
        let stale = match changed.is_empty() {
            true => self.tlb.take_stale(),
            false => Stale::Everything,
        };
        match stale {
            Stale::Everything => {
                // Includes single pages that were not taken out above.
                self.tlb.forget();
                flush_tlb(&mut self.engine);
            }
            Stale::Pages(pages) => {
                for page in pages {
                    flush_page(&mut self.engine, page);
                }
            }
        }
    }

    /// Runs the emulator once.
    pub(crate) fn go(&mut self, until: Work) -> Stop {
        let start = self.eip();
        self.shared.start(until);
        // Neither an end address, which the emulator would probe through the TLB hook, nor its own
        // time-out or instruction count: hooks and the work account stop it.
        let end = self.engine.emu_start(start.0.into(), 0, 0, 0);
        // Before anything is decided: each reason below may depend on what was counted.
        self.shared.counter.finish();
        if let Some(touched) = &self.touched {
            touched.run_ends(&self.shared, &self.engine);
        }
        // An interrupt before a tick, which would hide it if both were due.
        if let Some(number) = self.shared.interrupt.get() {
            return Stop::Exit(self.interpret(number));
        }
        if self.shared.counter.reached() {
            return Stop::Exit(Exit::Tick);
        }
        if self.shared.watcher.hit_breakpoint() {
            // The block is counted and continues after the stop; it must not be counted again.
            self.shared.counter.stay_inside();
            return Stop::Exit(Exit::Debug(DebugStop::Breakpoint));
        }
        if self.shared.watcher.met_withheld() {
            return Stop::Withheld;
        }
        // Last: an access to a withheld page ends the emulator with the same error as a fault.
        match (end, self.shared.miss.get()) {
            (Err(uc_error::EXCEPTION), Some(miss)) => Stop::Exit(Exit::PageFault(PageFault {
                addr: miss.addr,
                access: miss.access,
                code: miss.code,
            })),
            (Err(uc_error::INSN_INVALID), _) => Stop::Exit(Exit::Exception {
                exception: Exception::InvalidOpcode,
                error_code: 0,
            }),
            (end, miss) => panic!("the emulator ended with {end:?} at {start}, {miss:?}"),
        }
    }

    /// Returns the exit for an interrupt, and puts EIP where hardware has it.
    fn interpret(&mut self, number: u32) -> Exit {
        let (error_code, instruction) = last_exception(&self.engine);
        let meaning = meaning(number, error_code, instruction, self.gate);
        if let Some(eip) = meaning.eip {
            self.set_eip(eip);
        }
        meaning.exit
    }
}
