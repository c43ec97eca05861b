//! The CPU: runs a program in ring 3 until something happens that the kernel must see.
//!
//! # Invariants
//!
//! - The CPU is in ring 3. Whatever a program tries that ring 3 may not do comes out as an
//!   [`crate::exit::Exit`], and the CPU can go on with another context.
//! - Before it runs, the TLB agrees with the page tables and translated code with RAM, and only
//!   if something changed does that cost anything.
//! - EIP and CR2 of an exit are those of hardware, also where the emulator is less exact.
//! - The work at which a run ends, and all it does, depend on the guest alone.

use std::rc::Rc;

use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::mmu::Ring;
use machine::paging::PageTables;
use machine::tlb::Tlb;
use machine::work::Work;
use unicorn_engine::RegisterX86;

use crate::boot;
use crate::context::Context;
use crate::corrected::work_account;
use crate::engine::{Engine, new_engine, read, read_eip, write};
use crate::error::CpuError;
use crate::float::FloatRegisters;
use crate::hooks::install;
use crate::interrupt::SyscallGate;
use crate::isolation::Isolation;
use crate::registers::Registers;
use crate::shared::Shared;
use crate::tls::TlsSegments;
use crate::touched::{Listener, Touched};
use crate::wishes::Wishes;

/// An emulated Pentium 4 in ring 3.
pub struct Cpu {
    /// Dropped first: it calls hooks that use `shared`, and runs on the memory in there.
    pub(crate) engine: Engine<'static>,
    pub(crate) shared: Rc<Shared>,
    pub(crate) tlb: Tlb,
    pub(crate) isolation: Isolation,
    boot: Context,
    /// Where the GDT is.
    gdt: PhysAddr,
    /// The gate of the program on the CPU.
    pub(crate) gate: SyscallGate,
    pub(crate) wishes: Wishes,
    /// Who listens to the program's accesses.
    pub(crate) touched: Option<Rc<Touched>>,
}

impl Cpu {
    /// A CPU for the machine with these page tables, which uses their entry page. It flushes as `tlb`
    /// tells it to.
    ///
    /// # Errors
    /// [`CpuError`] if the host lacks memory.
    pub fn new(tables: &PageTables, tlb: Tlb) -> Result<Cpu, CpuError> {
        let frame = tables.entry_page();
        let alias = tables
            .layout()
            .alias(frame)
            .expect("the kernel's frames have aliases");
        let root = tables.boot_directory().root();
        let shared = Rc::new(Shared::new(tables.memory().clone(), root));
        // SAFETY: `Cpu` drops the engine before `shared`, which has the memory.
        let mut engine = unsafe { new_engine(&shared.memory) }?;
        install(&mut engine, &shared)?;
        // SAFETY: runs end before the engine is dropped, and nobody else has the account.
        unsafe { shared.counter.set_account(work_account(&engine)) };
        boot::into_ring_3(&mut engine, &shared, root, frame, alias.start())?;
        // SAFETY: the engine is live.
        let boot = unsafe { Context::saved_from(engine.get_handle()) };
        Ok(Cpu {
            engine,
            shared,
            tlb,
            isolation: Isolation::new(tables.kernel_half()),
            boot,
            gdt: PhysAddr(frame.start().0 + boot::GDT),
            gate: SyscallGate::default(),
            wishes: Wishes::default(),
            touched: None,
        })
    }

    /// Has `listener` called with the frame of each access of the programs from here on: fetches,
    /// loads and stores, in order. They then run many times slower, and do the same.
    ///
    /// # Errors
    /// [`CpuError::Engine`] if the host has no memory for it.
    pub fn listen_to_touches(&mut self, listener: Listener) -> Result<(), CpuError> {
        self.touched = Some(Touched::install(&mut self.engine, &self.shared, listener)?);
        Ok(())
    }

    /// The kernel begins to deal with what stopped the program, on the directory that has its own half.
    /// The way back comes with the next [`Cpu::run`].
    pub fn enter_kernel(&mut self) {
        self.isolation.go_to(Ring::Kernel, &self.tlb);
    }

    pub(crate) fn return_to_ring_3(&mut self) {
        self.isolation.go_to(Ring::User, &self.tlb);
    }

    /// How often the TLB was flushed because the kernel's half is isolated: twice each time that the
    /// kernel was entered, on the way in and on the way back. 0 if that half is shared.
    pub fn kpti_flushes(&self) -> u64 {
        self.isolation.flushes()
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

    /// Puts a program on the CPU: its registers, and `root`, a directory for ring 3, as its address
    /// space.
    pub fn resume(&mut self, context: &Context, root: Frame) {
        // SAFETY: the engine is live, and all contexts stem from it.
        unsafe { context.restore_to(self.engine.get_handle()) };
        if context.root() != Some(root) {
            self.set(RegisterX86::CR3, root.start().0);
        }
        self.shared.root.set(root);
        self.tlb.switch_to(root);
        self.gate = context.gate;
        self.set_tls(context.tls);
    }

    /// Saves the registers of the program on the CPU.
    pub fn save(&self, context: &mut Context) {
        // SAFETY: the engine is live, and all contexts stem from it.
        unsafe { context.save_from(self.engine.get_handle()) };
        context.set_root(self.shared.root.get());
        context.tls = self.tls();
        context.gate = self.gate;
    }

    /// What the entries of the GDT hold that are the program's own.
    pub fn tls(&self) -> TlsSegments {
        self.shared.tls.get()
    }

    /// Fills the entries of the GDT that are the program's own. What is loaded into a segment register
    /// stays as it is until it is loaded again.
    pub fn set_tls(&mut self, tls: TlsSegments) {
        if self.shared.tls.replace(tls) != tls {
            tls.write(&self.shared.memory, self.gdt);
        }
    }

    /// The gate by which the program on the CPU makes its system calls.
    pub fn gate(&self) -> SyscallGate {
        self.gate
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

    /// The x87 and SSE registers of the program on the CPU.
    pub fn float_registers(&self) -> FloatRegisters {
        FloatRegisters::read_all(|register, bytes| {
            // SAFETY: the engine is live, and no register read here is wider than 16 bytes.
            unsafe {
                unicorn_engine::uc_reg_read(
                    self.engine.get_handle(),
                    register as i32,
                    bytes.as_mut_ptr().cast(),
                )
            }
        })
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
        write(&mut self.engine, register, value);
    }
}
