//! One run of the CPU: what has to be in order before it, and what its end means.
//!
//! # Invariants
//! The emulator's end is one of [`Stop`], or a bug that panics with what it was.

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
    /// An access to a page that is withheld because a debugger watches it.
    Withheld,
}

impl Cpu {
    /// Runs the program on the CPU until it needs the kernel, or until the machine has done
    /// `until` work in all.
    pub fn run(&mut self, until: Work) -> Exit {
        self.return_to_ring_3();
        self.bring_up_to_date();
        if self.is_debugged() {
            self.run_debugged(until)
        } else {
            self.run_on(until)
        }
    }

    /// Runs on until there is an exit.
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

    /// Makes translated code agree with RAM and the TLB with the page tables.
    fn bring_up_to_date(&mut self) {
        let changed = self.shared.memory.take_stale();
        for frame in &changed {
            drop_code_of(&mut self.engine, *frame);
        }
        // A frame that has changed may be used otherwise from now on ([`crate::fill`]).
        let stale = match changed.is_empty() {
            true => self.tlb.take_stale(),
            false => Stale::Everything,
        };
        match stale {
            Stale::Everything => {
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

    /// Lets the emulator run once.
    pub(crate) fn go(&mut self, until: Work) -> Stop {
        let start = self.eip();
        self.shared.start(until);
        let end = self.engine.emu_start(start.0.into(), 0, 0, 0);
        self.shared.counter.finish();
        if let Some(touched) = &self.touched {
            touched.run_ends(&self.shared, &self.engine);
        }
        if let Some(number) = self.shared.interrupt.get() {
            return Stop::Exit(self.interpret(number));
        }
        if self.shared.counter.reached() {
            return Stop::Exit(Exit::Tick);
        }
        if self.shared.watcher.hit_breakpoint() {
            self.shared.counter.stay_inside();
            return Stop::Exit(Exit::Debug(DebugStop::Breakpoint));
        }
        if self.shared.watcher.met_withheld() {
            return Stop::Withheld;
        }
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

    fn interpret(&mut self, number: u32) -> Exit {
        let (error_code, instruction) = last_exception(&self.engine);
        let meaning = meaning(number, error_code, instruction, self.gate);
        if let Some(eip) = meaning.eip {
            self.set_eip(eip);
        }
        meaning.exit
    }
}
