//! One run of the CPU: what has to be in order before it, and what its end means.
//!
//! What always holds: the emulator's end is one of [`Stop`], or a bug that panics with what it
//! was; what only the emulator sees (stops of our own, fetches ahead of time) never leaves here.

use iced_x86::{Instruction, Mnemonic};
use unicorn_engine::{RegisterX86, uc_error};

use crate::addr::{Frame, Page, VirtAddr};
use crate::code::Code;
use crate::context::Context;
use crate::cpu::Cpu;
use crate::debug::DebugStop;
use crate::engine::{drop_all_code, drop_code, flush_tlb, read, write};
use crate::exception::Exception;
use crate::exit::{Exit, PageFault};
use crate::flags::{ARITHMETIC, works_out_flags_first};
use crate::interrupt::{Meaning, invalid_instruction, meaning};
use crate::layout::KERNEL_DYNAMIC;
use crate::mmu::Access;
use crate::shared::Miss;
use crate::work::Work;

/// Why the emulator stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    Exit(Exit),
    Miss(Miss),
    /// An access to a page that is withheld because a debugger watches it.
    Withheld,
    /// It reached the border that it was given.
    AtBorder,
    /// For a reason of ours that is dealt with: it can go on.
    Nothing,
}

impl Cpu {
    /// Runs the program on the CPU until it needs the kernel, or until the machine has done
    /// `until` work in all.
    pub fn run(&mut self, until: Work) -> Exit {
        self.bring_up_to_date();
        if self.is_debugged() {
            self.run_debugged(until)
        } else {
            self.run_on(until)
        }
    }

    /// Runs on until there is an exit.
    pub(crate) fn run_on(&mut self, until: Work) -> Exit {
        let mut cut_at = None;
        let mut border = self.end_of_inside();
        loop {
            let stop = match border.take() {
                None => self.go(until),
                Some(border) => self.go_up_to(border, until),
            };
            match stop {
                Stop::Exit(exit) => return exit,
                Stop::AtBorder | Stop::Nothing => {}
                Stop::Withheld => match self.execute_watched(until) {
                    Ok(None) => border = self.end_of_inside(),
                    Ok(Some(watched)) => return Exit::Debug(DebugStop::Watchpoint(watched)),
                    Err(exit) => return exit,
                },
                Stop::Miss(miss) => {
                    let eip = self.eip();
                    border = self.cut_block(&miss, eip).filter(|_| cut_at != Some(eip));
                    if border.is_none() {
                        return self.fault(&miss, eip);
                    }
                    cut_at = Some(eip);
                }
            }
        }
    }

    /// Makes translated code agree with RAM and the TLB with the page tables.
    fn bring_up_to_date(&mut self) {
        let stale = self.shared.memory.take_stale();
        let flush = self.tlb.take_pending();
        if !stale.is_empty() {
            self.drop_translations(&stale);
        } else if flush {
            flush_tlb(&mut self.engine);
        }
    }

    /// Drops the translated code of frames, and the TLB. The emulator finds frames only by
    /// virtual address, so each is shown to it for a moment on a page of the kernel's half, for
    /// which ring 3 never has a TLB entry of its own.
    fn drop_translations(&mut self, frames: &[Frame]) {
        let windows = (KERNEL_DYNAMIC.page().number()..Page::COUNT - 1).map(Page::new);
        for chunk in frames.chunks(windows.len()) {
            for (frame, page) in chunk.iter().zip(windows.clone()) {
                self.shared.unwatch(&mut self.engine, *frame);
                self.shared.window.set(Some(*frame));
                let end = u64::from(page.start().0) + 4096;
                drop_code(&mut self.engine, page.start(), end);
            }
            self.shared.window.set(None);
            flush_tlb(&mut self.engine);
        }
    }

    /// Lets the emulator run once.
    pub(crate) fn go(&mut self, until: Work) -> Stop {
        if self.shared.take_look_again() {
            flush_tlb(&mut self.engine);
        }
        let start = self.eip();
        match self.shared.cuts.is_cut(start) {
            true => self.go_from_cut(start, until),
            false => self.go_from(start, until),
        }
    }

    /// Goes on from a cut, where translation ends, with one block that begins there.
    fn go_from_cut(&mut self, cut: VirtAddr, until: Work) -> Stop {
        let one_more = Work(self.shared.counter.done().0 + 1);
        self.leave_out_cut(Some(cut));
        let stop = self.go_from(cut, until.min(one_more));
        self.leave_out_cut(None);
        match stop {
            Stop::Exit(Exit::Tick) => {
                // The block that was not to begin was translated without regard to the cut.
                let next = self.eip();
                drop_code(&mut self.engine, next, u64::from(next.0) + 1);
                let goes_on = self.shared.counter.done() < until;
                if goes_on { Stop::Nothing } else { stop }
            }
            stop => stop,
        }
    }

    fn leave_out_cut(&mut self, cut: Option<VirtAddr>) {
        self.shared.cuts.leave_out(cut);
        self.shared.apply_stops(&mut self.engine);
    }

    fn go_from(&mut self, start: VirtAddr, until: Work) -> Stop {
        self.shared.start(until);
        let end = self.engine.emu_start(start.0.into(), 0, 0, 0);
        self.shared.counter.settle();
        if let Some(touched) = &self.touched {
            touched.run_ends(&self.shared, &self.engine);
        }
        if let Some(trap) = self.shared.take_trap() {
            // SAFETY: the engine is live, and all contexts stem from it.
            unsafe { trap.before.restore_to(self.engine.get_handle()) };
            return Stop::Exit(plain(trap.exception));
        }
        if let Some(number) = self.shared.interrupt() {
            let block = self.shared.counter.block();
            return Stop::Exit(self.interpret(|eip, code| meaning(number, eip, block, code)));
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
        match (end, self.real_miss()) {
            (Err(uc_error::EXCEPTION), Some(miss)) => Stop::Miss(miss),
            (Err(uc_error::INSN_INVALID), _) => Stop::Exit(self.interpret(invalid_instruction)),
            (Ok(()) | Err(uc_error::EXCEPTION), None) => self.own_stop(),
            (end, miss) => panic!(
                "the emulator ended with {end:?} at {}, {miss:?}",
                self.eip()
            ),
        }
    }

    /// The miss that ended the run, if one did. When it has stopped, the emulator itself fetches
    /// from before each address where it was to stop, which can miss too; but no program misses
    /// with a fetch on any page but EIP's and the one after.
    fn real_miss(&self) -> Option<Miss> {
        let own = self.eip().page();
        self.shared.miss().filter(|miss| {
            miss.access != Access::Fetch
                || miss.page == own
                || Some(miss.page) == own.checked_add(1)
        })
    }

    /// The emulator stopped because it was told to, and not by the program.
    fn own_stop(&mut self) -> Stop {
        let eip = self.eip();
        if self.shared.border.get() == Some(eip) {
            return Stop::AtBorder;
        }
        if self.code().is_hazard_at(eip) {
            return Stop::Exit(plain(Exception::InvalidOpcode));
        }
        if let Some(work) = self.shared.looks_again() {
            self.shared.counter.go_back_to(work);
            // With breakpoints the emulator stops right behind the store.
            if self.has_breakpoints() {
                self.shared.counter.stay_inside_at(eip);
            }
            return Stop::Nothing;
        }
        if self.shared.cuts.is_cut(eip) {
            return Stop::Nothing;
        }
        // There was a hazard, in this address space before the program changed it or in another.
        self.shared.hazards.forget_stops();
        self.shared.apply_stops(&mut self.engine);
        drop_all_code(&mut self.engine);
        flush_tlb(&mut self.engine);
        Stop::Nothing
    }

    fn interpret(&mut self, meaning: impl FnOnce(VirtAddr, &Code) -> Meaning) -> Exit {
        let meaning = meaning(self.eip(), &self.code());
        if let Some(eip) = meaning.eip {
            self.set_eip(eip);
        }
        meaning.exit
    }

    pub(crate) fn code(&self) -> Code<'_> {
        Code {
            memory: &self.shared.memory,
            root: self.shared.root.get(),
        }
    }

    /// What the hardware makes of an access that missed, with EIP at the instruction.
    pub(crate) fn fault(&mut self, miss: &Miss, eip: VirtAddr) -> Exit {
        let addr = match miss.access {
            Access::Fetch if miss.page == eip.page() => Ok(eip),
            Access::Fetch => Ok(miss.page.start()),
            Access::Read | Access::Write => {
                self.shared.counter.forget_block_at(eip);
                self.accessed(miss)
            }
        };
        match addr {
            Ok(addr) => Exit::PageFault(PageFault {
                addr,
                access: miss.access,
                code: miss.code,
            }),
            Err(exception) => plain(exception),
        }
    }

    /// The first byte on the missing page that the instruction at EIP accesses; or the exception
    /// that hardware finds before it accesses anything, while the emulator does so first.
    fn accessed(&mut self, miss: &Miss) -> Result<VirtAddr, Exception> {
        let instruction = self.shared.instruction(&self.engine);
        let instruction = instruction.ok_or(Exception::InvalidOpcode)?;
        if is_port_io(&instruction) {
            return Err(Exception::GeneralProtection);
        }
        self.restore_flags(&instruction);
        let addr = self
            .shared
            .first_accessed(&self.engine, &instruction, miss.page, miss.access);
        debug_assert!(
            addr.is_some(),
            "{instruction:?} has no operand for {miss:?}"
        );
        Ok(addr.unwrap_or(miss.page.start()))
    }

    /// Puts the flags right if the instruction at EIP, which faulted, has spoilt them.
    pub(crate) fn restore_flags(&mut self, instruction: &Instruction) {
        let (eip, block) = (self.eip(), self.shared.counter.block());
        let now = || {
            // SAFETY: the engine is live.
            unsafe { Context::saved_from(self.engine.get_handle()) }
        };
        let operation = || self.flags.operation(&now());
        if works_out_flags_first(instruction, eip, block, &self.code(), operation) {
            let others = read(&self.engine, RegisterX86::EFLAGS) & !(ARITHMETIC as u32);
            let right = others | self.flags.worked_out(&now());
            write(&mut self.engine, RegisterX86::EFLAGS, right);
        }
    }

    /// For a fetch that missed on the page after EIP's: the instruction that reaches it, if there
    /// are others before it.
    ///
    /// The emulator fetches a whole block before it runs the first instruction, so EIP may be
    /// several instructions before the one that hardware would have found missing.
    fn cut_block(&self, miss: &Miss, eip: VirtAddr) -> Option<VirtAddr> {
        if miss.access != Access::Fetch || miss.page == eip.page() {
            return None;
        }
        let code = self.code();
        let on_page = code
            .straight(eip)
            .take_while(|one| VirtAddr(one.ip32()).page() == eip.page());
        on_page.last().map(|last| VirtAddr(last.next_ip32()))
    }

    /// Lets the emulator run once, without a fetch from `border` on, which is not far from EIP.
    pub(crate) fn go_up_to(&mut self, border: VirtAddr, until: Work) -> Stop {
        let eip = self.eip();
        let end = u64::from(border.0) + 1;
        // A translation that goes on past the border would be looked for, and found missing.
        drop_code(&mut self.engine, eip, end);
        self.shared.border.set(Some(border));
        self.shared.apply_stops(&mut self.engine);
        let stop = self.go(until);
        self.shared.border.set(None);
        self.shared.apply_stops(&mut self.engine);
        // Those that stop at the border must not stay.
        drop_code(&mut self.engine, eip, end);
        stop
    }
}

/// An exception without an error code.
fn plain(exception: Exception) -> Exit {
    Exit::Exception {
        exception,
        error_code: 0,
    }
}

/// `ins` and `outs`, whose privilege the emulator checks after their operand.
fn is_port_io(instruction: &Instruction) -> bool {
    use Mnemonic::*;
    matches!(
        instruction.mnemonic(),
        Insb | Insw | Insd | Outsb | Outsw | Outsd
    )
}
