//! The CPU: runs a program in ring 3 until something happens that the kernel must see.
//!
//! What always holds:
//! - The CPU is in ring 3. Whatever a program tries that ring 3 may not do comes out as an
//!   [`Exit`], and the CPU can go on with another context.
//! - Before it runs, the TLB agrees with the page tables and translated code with RAM, and only
//!   if something changed does that cost anything.
//! - EIP and CR2 of an exit are those of hardware, also where the emulator is less exact.
//! - The work at which a run ends, and all it does, depend on the guest alone.

use std::rc::Rc;

use iced_x86::{Instruction, Mnemonic};
use thiserror::Error;
use unicorn_engine::{
    Arch, ControlType, Mode, Prot, RegisterX86, TlbType, Unicorn, X86CpuModel, uc_error,
};

use crate::addr::{Frame, Page, VirtAddr};
use crate::boot;
use crate::code::Code;
use crate::context::Context;
use crate::exception::Exception;
use crate::exit::{Exit, PageFault};
use crate::hooks::{Engine, Miss, Shared, install, read, read_eip};
use crate::interrupt::{Meaning, invalid_instruction, meaning};
use crate::layout::KERNEL_DYNAMIC;
use crate::mmu::Access;
use crate::paging::{OutOfTables, PageTables};
use crate::registers::Registers;
use crate::tlb::Tlb;
use crate::work::Work;

/// Bytes for translated code. The emulator's default would let a program that keeps changing its
/// code take a GiB of the host.
const TRANSLATIONS: u32 = 64 << 20;

/// Why there is no CPU.
#[derive(Debug, Error)]
pub enum CpuError {
    /// No frame for the descriptor tables.
    #[error(transparent)]
    Tables(#[from] OutOfTables),
    /// The emulator refused.
    #[error("the emulator cannot be set up: {0}")]
    Engine(#[from] uc_error),
    /// The way into ring 3 led elsewhere.
    #[error("the CPU did not reach ring 3: {end:?}, cs and ss {selectors:#x?}")]
    Boot {
        /// How the emulator ended.
        end: Result<(), uc_error>,
        /// CS and SS at that time.
        selectors: [u32; 2],
    },
}

/// An emulated Pentium III in ring 3.
pub struct Cpu {
    /// Dropped first: it calls hooks that use `shared`, and runs on the memory in there.
    engine: Engine<'static>,
    shared: Rc<Shared>,
    tlb: Tlb,
    boot: Context,
}

/// Why the emulator stopped.
enum Stop {
    Exit(Exit),
    Miss(Miss),
    /// It reached the address at which it was to stop.
    Arrived,
}

impl Cpu {
    /// A CPU for the machine with these page tables. It flushes as `tlb` tells it to.
    ///
    /// # Errors
    /// [`CpuError`] if there is no frame for its descriptor tables or the host lacks memory.
    pub fn new(tables: &mut PageTables, tlb: Tlb) -> Result<Cpu, CpuError> {
        let frame = tables.reserve()?;
        let alias = tables
            .layout()
            .alias(frame)
            .expect("the kernel's frames have aliases");
        let root = tables.boot_directory().root();
        let shared = Rc::new(Shared::new(tables.memory().clone(), root, alias));
        let mut engine = new_engine(&shared)?;
        boot::into_ring_3(&mut engine, &shared, root, frame, alias.start())?;
        // SAFETY: the engine is live.
        let boot = unsafe { Context::saved_from(engine.get_handle()) };
        Ok(Cpu {
            engine,
            shared,
            tlb,
            boot,
        })
    }

    /// The context of a program that begins at `entry` with its stack pointer at `stack`: all
    /// other general registers 0, x87 and SSE as after a reset.
    pub fn new_context(&self, entry: VirtAddr, stack: VirtAddr) -> Context {
        let mut context = self.boot.clone();
        let fresh = Registers {
            eip: entry.0,
            esp: stack.0,
            ..Registers::default()
        };
        context.set_registers(&fresh);
        context
    }

    /// Puts a program on the CPU: its registers, and `root` as its address space.
    pub fn resume(&mut self, context: &Context, root: Frame) {
        // SAFETY: the engine is live, and all contexts stem from it.
        unsafe { context.restore_to(self.engine.get_handle()) };
        if context.root() != Some(root) {
            self.set(RegisterX86::CR3, root.start().0);
        }
        self.shared.root.set(root);
        self.tlb.switch_to(root);
    }

    /// Saves the registers of the program on the CPU.
    pub fn save(&self, context: &mut Context) {
        // SAFETY: the engine is live, and all contexts stem from it.
        unsafe { context.save_from(self.engine.get_handle()) };
        context.set_root(self.shared.root.get());
    }

    /// Runs the program on the CPU until it needs the kernel, or until the machine has done
    /// `until` work in all.
    pub fn run(&mut self, until: Work) -> Exit {
        self.bring_up_to_date();
        let mut stepped_from = None;
        loop {
            let miss = match self.go(until, None) {
                Stop::Exit(exit) => return exit,
                Stop::Miss(miss) => miss,
                Stop::Arrived => unreachable!("there was nowhere to arrive"),
            };
            let eip = self.eip();
            let border = self.instruction_at_border(&miss, eip);
            match border.filter(|border| *border != eip && stepped_from != Some(eip)) {
                None => return self.fault(&miss, eip),
                Some(border) => match self.run_up_to(border, eip, until) {
                    Stop::Exit(exit) => return exit,
                    Stop::Miss(miss) => {
                        let eip = self.eip();
                        return self.fault(&miss, eip);
                    }
                    Stop::Arrived => stepped_from = Some(eip),
                },
            }
        }
    }

    /// The work done since the machine started.
    pub fn work(&self) -> Work {
        self.shared.counter.done()
    }

    /// Counts work that the kernel does in the guest's name.
    pub fn charge(&mut self, work: Work) {
        self.shared.counter.charge(work);
    }

    /// The registers of the program on the CPU.
    pub fn registers(&self) -> Registers {
        Registers::read_all(|register| read(&self.engine, register))
    }

    /// Sets the general registers, EIP and the flags that ring 3 may change; segments stay.
    pub fn set_registers(&mut self, registers: &Registers) {
        registers.write_all(|register, value| self.set(register, value));
    }

    /// Sets EAX, the result of a system call.
    pub fn set_eax(&mut self, value: u32) {
        self.set(RegisterX86::EAX, value);
    }

    /// Sets where the program goes on.
    pub fn set_eip(&mut self, addr: VirtAddr) {
        self.set(RegisterX86::EIP, addr.0);
    }

    /// Sets the stack pointer.
    pub fn set_esp(&mut self, addr: VirtAddr) {
        self.set(RegisterX86::ESP, addr.0);
    }

    /// EAX: after a system call, what the program left there.
    pub fn eax(&self) -> u32 {
        read(&self.engine, RegisterX86::EAX)
    }

    /// Where the program is.
    pub fn eip(&self) -> VirtAddr {
        read_eip(&self.engine)
    }

    /// The stack pointer: at a system call, the address of its number and arguments.
    pub fn esp(&self) -> VirtAddr {
        VirtAddr(read(&self.engine, RegisterX86::ESP))
    }

    fn set(&mut self, register: RegisterX86, value: u32) {
        self.engine
            .reg_write(register, value.into())
            .expect("the register exists");
    }

    /// Makes translated code agree with RAM and the TLB with the page tables.
    fn bring_up_to_date(&mut self) {
        let stale = self.shared.memory.take_stale();
        let mut flush = self.tlb.take_pending();
        if !stale.is_empty() {
            self.drop_translations(&stale);
            flush = true;
        }
        if flush {
            self.engine
                .ctl_flush_tlb()
                .expect("the TLB can be flushed at any time");
        }
    }

    /// Drops the translated code of frames. The emulator finds them only by virtual address, so
    /// each is shown to it for a moment on a page of the kernel's half, for which ring 3 never
    /// has a TLB entry of its own; the caller flushes those that this leaves.
    fn drop_translations(&mut self, frames: &[Frame]) {
        let windows = (KERNEL_DYNAMIC.page().number()..Page::COUNT).map(Page::new);
        for chunk in frames.chunks(windows.len()) {
            for (frame, page) in chunk.iter().zip(windows.clone()) {
                self.shared.window.set(Some(*frame));
                let start = u64::from(page.start().0);
                let dropped = self.engine.ctl_remove_cache(start, start + 4096);
                dropped.expect("the range is not empty");
            }
            self.shared.window.set(None);
            self.engine
                .ctl_flush_tlb()
                .expect("the TLB can be flushed at any time");
        }
    }

    /// Lets the emulator run once; with `stop_at`, at the most up to that address.
    fn go(&mut self, until: Work, stop_at: Option<VirtAddr>) -> Stop {
        self.shared.start(until);
        let eip = self.eip();
        let end = self.engine.emu_start(eip.0.into(), 0, 0, 0);
        if let Some(trap) = self.shared.take_trap() {
            // SAFETY: the engine is live, and all contexts stem from it.
            unsafe { trap.before.restore_to(self.engine.get_handle()) };
            let (exception, error_code) = (trap.exception, 0);
            return Stop::Exit(Exit::Exception {
                exception,
                error_code,
            });
        }
        if let Some(number) = self.shared.interrupt() {
            let block = self.shared.counter.block();
            return Stop::Exit(self.interpret(|eip, code| meaning(number, eip, block, code)));
        }
        match (end, self.shared.miss()) {
            (Err(uc_error::EXCEPTION), Some(miss)) => Stop::Miss(miss),
            (Err(uc_error::INSN_INVALID), _) => Stop::Exit(self.interpret(invalid_instruction)),
            (Ok(()), _) if self.shared.counter.reached() => Stop::Exit(Exit::Tick),
            (Ok(()), _) if stop_at == Some(self.eip()) => Stop::Arrived,
            (end, miss) => panic!("the emulator stopped for no known reason: {end:?}, {miss:?}"),
        }
    }

    fn interpret(&mut self, meaning: impl FnOnce(VirtAddr, &Code) -> Meaning) -> Exit {
        let code = Code {
            memory: &self.shared.memory,
            root: self.shared.root.get(),
        };
        let meaning = meaning(self.eip(), &code);
        if let Some(eip) = meaning.eip {
            self.set_eip(eip);
        }
        meaning.exit
    }

    /// What the hardware makes of an access that missed, with EIP at the instruction.
    fn fault(&mut self, miss: &Miss, eip: VirtAddr) -> Exit {
        let addr = match miss.access {
            Access::Fetch if miss.page == eip.page() => eip,
            Access::Fetch => miss.page.start(),
            Access::Read | Access::Write => {
                self.shared.counter.forget_block_at(eip);
                match self.accessed(miss) {
                    Ok(addr) => addr,
                    Err(exception) => {
                        return Exit::Exception {
                            exception,
                            error_code: 0,
                        };
                    }
                }
            }
        };
        Exit::PageFault(PageFault {
            addr,
            code: miss.code,
        })
    }

    /// The first byte on the missing page that the instruction at EIP accesses; or the exception
    /// that hardware finds before it accesses anything, while the emulator does so first.
    fn accessed(&self, miss: &Miss) -> Result<VirtAddr, Exception> {
        let Some(instruction) = self.shared.instruction(&self.engine) else {
            return Err(Exception::InvalidOpcode);
        };
        if is_port_io(&instruction) {
            return Err(Exception::GeneralProtection);
        }
        let addr = self
            .shared
            .first_accessed(&self.engine, miss.page, miss.access);
        debug_assert!(
            addr.is_some(),
            "{instruction:?} has no operand for {miss:?}"
        );
        Ok(addr.unwrap_or(miss.page.start()))
    }

    /// For a fetch that missed on the page after EIP's: the instruction that reaches it.
    ///
    /// The emulator fetches a whole block before it runs the first instruction, so EIP may be
    /// several instructions before the one that hardware would have found missing.
    fn instruction_at_border(&self, miss: &Miss, eip: VirtAddr) -> Option<VirtAddr> {
        if miss.access != Access::Fetch || miss.page == eip.page() {
            return None;
        }
        let code = Code {
            memory: &self.shared.memory,
            root: self.shared.root.get(),
        };
        let last = code
            .straight(eip)
            .take_while(|one| VirtAddr(one.ip32()).page() == eip.page());
        let border = last.last().map_or(eip, |last| VirtAddr(last.next_ip32()));
        Some(border)
    }

    /// Runs the instructions from EIP up to `border`, without a fetch from there on.
    fn run_up_to(&mut self, border: VirtAddr, eip: VirtAddr, until: Work) -> Stop {
        let block = (u64::from(eip.0), u64::from(border.0) + 1);
        // A translation that goes on past the border would be looked for, and found missing.
        self.engine
            .ctl_remove_cache(block.0, block.1)
            .expect("the range is not empty");
        self.engine
            .ctl_set_exits(&[border.0.into()])
            .expect("exits are enabled");
        let stop = self.go(until, Some(border));
        self.engine.ctl_set_exits(&[]).expect("exits are enabled");
        // Those that stop at the border must not stay.
        self.engine
            .ctl_remove_cache(block.0, block.1)
            .expect("the range is not empty");
        stop
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

/// A Pentium III, without `rdrand` and the like, on the RAM and with the hooks of `shared`.
fn new_engine(shared: &Rc<Shared>) -> Result<Engine<'static>, uc_error> {
    let mut engine = Unicorn::new(Arch::X86, Mode::MODE_32)?;
    engine.ctl_set_cpu_model(X86CpuModel::PENTIUM3 as i32)?;
    let set_size = ControlType(ControlType::TCG_BUFFER_SIZE.0 | ControlType::IO_WRITE.0);
    // SAFETY: the engine is live; this control takes one 32-bit number.
    let result = unsafe { unicorn_engine::uc_ctl(engine.get_handle(), set_size, TRANSLATIONS) };
    Result::from(result)?;
    engine.ctl_set_tlb_type(TlbType::VIRTUAL)?;
    engine.ctl_exits_enable()?;
    let (base, bytes) = shared.memory.host();
    // SAFETY: the memory is `bytes` long and, being a part of `shared`, outlives the engine. No
    // Rust reference to it is ever made.
    unsafe { engine.mem_map_ptr(0, bytes as u64, Prot::ALL, base.as_ptr().cast()) }?;
    // SAFETY: `Cpu` drops the engine before `shared`.
    unsafe { install(&mut engine, shared) }?;
    Ok(engine)
}
