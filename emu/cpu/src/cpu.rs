//! The CPU: runs a program in ring 3 until something happens that the kernel must handle.
//!
//! # Invariants
//!
//! - The CPU is in ring 3. Whatever a program tries that ring 3 may not do results in an
//!   [`crate::exit::Exit`], and the CPU can continue with another context.
//! - Before it runs, the TLB agrees with the page tables, and translated code with RAM. That costs
//!   nothing unless something has changed.
//! - EIP and CR2 of an exit are those of hardware, even where the emulator is less exact.
//! - The work at which a run ends, and all its effects, depend on the guest alone.

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
use crate::fill::FillListener;
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
///
/// # Examples
///
/// ```
/// use bare::{CODE, DATA, Machine};
/// use cpu::exit::Exit;
/// use machine::memory::FrameUse;
/// use machine::pte::PteFlags;
///
/// let mut machine = Machine::new();
/// // mov eax, 42; mov [DATA], eax; int 0x30
/// let code = [&[0xb8, 42, 0, 0, 0, 0xa3][..], &DATA.0.to_le_bytes(), &[0xcd, 0x30]].concat();
/// let program = machine.program(&code);
/// let data = machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
///
/// machine.resume(&program);
/// assert_eq!(machine.run(), Exit::Syscall);
/// assert_eq!(machine.cpu.eax(), 42);
/// assert_eq!(machine.word(&program.directory, DATA), 42);
///
/// // What the program did with its frames decides which TLB entries they get.
/// let text = machine.pte(&program.directory, CODE).frame();
/// assert_eq!(machine.memory.frame_use(text), FrameUse::Code);
/// assert_eq!(machine.memory.frame_use(data), FrameUse::Data);
/// ```
#[derive(Debug)]
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
    /// The listener to the program's accesses, if there is one.
    pub(crate) touched: Option<Rc<Touched>>,
}

impl Cpu {
    /// Creates a CPU for the machine with these page tables. It uses their entry page for its
    /// descriptor tables, and carries out the invalidations in `tlb`.
    ///
    /// # Errors
    /// [`CpuError`] if the host lacks memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use cpu::{Cpu, exit::Exit};
    /// use machine::addr::{KERNEL_BASE, VirtAddr};
    /// use machine::layout::Layout;
    /// use machine::memory::PhysMemory;
    /// use machine::paging::PageTables;
    /// use machine::pte::PteFlags;
    /// use machine::tlb::Tlb;
    /// use machine::work::Work;
    ///
    /// let layout = Layout::new(8);
    /// let memory = PhysMemory::new(layout.total_frames())?;
    /// let mut tables = PageTables::new(memory.clone(), layout);
    /// let mut cpu = Cpu::new(&tables, Tlb::default())?;
    ///
    /// let (space, frame) = (tables.create()?, layout.first_user_frame());
    /// let entry = VirtAddr(0x0804_8000);
    /// let _ = tables.map(&space, entry.page(), frame, PteFlags::USER_READ)?;
    /// memory.write(frame.start(), &[0x40, 0xcd, 0x30]); // inc eax; int 0x30
    /// cpu.resume(&cpu.new_context(entry, KERNEL_BASE), space.user_root());
    /// assert_eq!(cpu.run(Work::MAX), Exit::Syscall);
    /// assert_eq!(cpu.eax(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(tables: &PageTables, tlb: Tlb) -> Result<Cpu, CpuError> {
        let frame = tables.entry_page();
        let alias = boot::alias(tables, frame);
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

    /// Starts calling `listener` with the frame of each access of the programs: fetches, loads and
    /// stores, in order. Programs then run many times slower, with the same results.
    ///
    /// # Errors
    /// [`CpuError::Engine`] if the host has no memory for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::RefCell, rc::Rc};
    ///
    /// use bare::{CODE, Machine, STACK};
    ///
    /// let mut machine = Machine::new();
    /// let program = machine.program(&[0x50, 0xcd, 0x30]); // push eax; int 0x30
    /// let touched = Rc::new(RefCell::new(Vec::new()));
    /// let list = Rc::clone(&touched);
    /// machine.cpu.listen_to_touches(Box::new(move |frame| list.borrow_mut().push(frame)))?;
    /// machine.run_program(&program);
    ///
    /// let frame = |addr| machine.pte(&program.directory, addr).frame();
    /// assert_eq!(*touched.borrow(), [frame(CODE), frame(STACK)]);
    /// # Ok::<(), cpu::CpuError>(())
    /// ```
    pub fn listen_to_touches(&mut self, listener: Listener) -> Result<(), CpuError> {
        self.touched = Some(Touched::install(&mut self.engine, &self.shared, listener)?);
        Ok(())
    }

    /// Starts calling `listener` with each entry that the TLB gets for a page of a program. It may
    /// read RAM, but not write it.
    ///
    /// # Panics
    /// If there is a listener already.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::RefCell, rc::Rc};
    ///
    /// use bare::{CODE, Machine, STACK};
    ///
    /// let mut machine = Machine::new();
    /// let program = machine.program(&[0x50, 0xcd, 0x30]); // push eax; int 0x30
    /// let filled = Rc::new(RefCell::new(Vec::new()));
    /// let list = Rc::clone(&filled);
    /// let listener = move |_: &_, fill: cpu::Fill| list.borrow_mut().push((fill.page, fill.can_store));
    /// machine.cpu.listen_to_fills(Box::new(listener));
    /// machine.run_program(&program);
    /// assert_eq!(*filled.borrow(), [(CODE.page(), false), (STACK.page(), true)]);
    /// ```
    pub fn listen_to_fills(&mut self, listener: FillListener) {
        let first = self.shared.fills.set(listener);
        assert!(first.is_ok(), "the TLB has a listener already");
    }

    /// Enters the kernel after an exit, as the load of CR3 on the way in does if the kernel's half
    /// is isolated. The next [`Cpu::run`] returns to ring 3.
    pub fn enter_kernel(&mut self) {
        self.isolation.go_to(Ring::Kernel, &self.tlb);
    }

    /// Returns to ring 3: the load of CR3 on the way out.
    pub(crate) fn return_to_ring_3(&mut self) {
        self.isolation.go_to(Ring::User, &self.tlb);
    }

    /// Returns the number of TLB flushes because the kernel's half is isolated: two for each entry
    /// into the kernel, on the way in and on the way back. 0 if that half is shared.
    ///
    /// # Examples
    ///
    /// ```
    /// use bare::Machine;
    /// use cpu::exit::Exit;
    /// use machine::paging::KernelHalf;
    ///
    /// let mut machine = Machine::with_kernel_half(KernelHalf::Isolated);
    /// let program = machine.program(&[0xcd, 0x30, 0xcd, 0x30]); // int 0x30, twice
    /// assert_eq!(machine.run_program(&program), Exit::Syscall);
    /// let before = machine.cpu.kpti_flushes();
    /// machine.cpu.enter_kernel();
    /// assert_eq!(machine.run(), Exit::Syscall);
    /// assert_eq!(machine.cpu.kpti_flushes() - before, 2);
    /// ```
    #[must_use]
    pub fn kpti_flushes(&self) -> u64 {
        self.isolation.flushes()
    }

    /// Returns the context of a program that begins at `entry` with its stack pointer at `stack`:
    /// all other general registers are 0, x87 and SSE as after a reset.
    #[must_use]
    pub fn new_context(&self, entry: VirtAddr, stack: VirtAddr) -> Context {
        // From the one saved at boot, which is in ring 3: no register write could get it there.
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
        // A context restores its CR3 with it; a new one, and a copy for a child, has another root.
        if context.root() != Some(root) {
            self.set(RegisterX86::CR3, root.start().0);
        }
        self.shared.root.set(root);
        // The TLB is not a part of the context: entries of the last program would still be there.
        self.tlb.switch_to(root);
        self.gate = context.gate;
        self.set_tls(context.tls);
        if context.reloads {
            self.reload_segments();
        }
    }

    /// Loads `%fs` and `%gs` from the GDT as it is now.
    fn reload_segments(&mut self) {
        for register in [RegisterX86::FS, RegisterX86::GS] {
            let selector = read(&self.engine, register);
            if self.engine.reg_write(register, selector.into()).is_err() {
                self.set(register, 0);
            }
        }
    }

    /// Saves the registers of the program on the CPU.
    ///
    /// # Examples
    ///
    /// ```
    /// use bare::Machine;
    /// use cpu::exit::Exit;
    /// use machine::work::Work;
    ///
    /// let mut machine = Machine::new();
    /// // add eax, STEP; int 0x30; and from the start again
    /// let code = |step| [0x83, 0xc0, step, 0xcd, 0x30, 0xeb, 0xf9];
    /// let mut counters = [1, 10].map(|step| machine.program(&code(step)));
    /// for _ in 0..3 {
    ///     for program in &mut counters {
    ///         machine.resume(program);
    ///         assert_eq!(machine.run(), Exit::Syscall);
    ///         machine.cpu.save(&mut program.context);
    ///     }
    /// }
    /// assert_eq!(counters.map(|program| program.context.registers().eax), [3, 30]);
    /// ```
    pub fn save(&self, context: &mut Context) {
        // SAFETY: the engine is live, and all contexts stem from it.
        unsafe { context.save_from(self.engine.get_handle()) };
        context.set_root(self.shared.root.get());
        context.tls = self.tls();
        context.reloads = false;
        context.gate = self.gate;
    }

    /// What the entries of the GDT hold that are the program's own.
    #[must_use]
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
    #[must_use]
    pub fn gate(&self) -> SyscallGate {
        self.gate
    }

    /// Returns the work done since the machine started.
    #[must_use]
    pub fn work(&self) -> Work {
        self.shared.counter.done()
    }

    /// Adds work that the kernel does on behalf of the guest.
    pub fn charge(&mut self, work: Work) {
        self.shared.counter.charge(work);
    }

    /// Returns the registers of the program on the CPU.
    #[must_use]
    pub fn registers(&self) -> Registers {
        Registers::read_all(|register| read(&self.engine, register))
    }

    /// Returns the x87 and SSE registers of the program on the CPU.
    #[must_use]
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

    /// Sets the address at which the program continues.
    pub fn set_eip(&mut self, addr: VirtAddr) {
        self.set(RegisterX86::EIP, addr.0);
    }

    /// Sets the stack pointer.
    pub fn set_esp(&mut self, addr: VirtAddr) {
        self.set(RegisterX86::ESP, addr.0);
    }

    /// Returns EAX, as the program left it at a system call.
    #[must_use]
    pub fn eax(&self) -> u32 {
        read(&self.engine, RegisterX86::EAX)
    }

    /// Returns EIP.
    #[must_use]
    pub fn eip(&self) -> VirtAddr {
        read_eip(&self.engine)
    }

    /// Returns the stack pointer: at a system call, the address of its number and arguments.
    #[must_use]
    pub fn esp(&self) -> VirtAddr {
        VirtAddr(read(&self.engine, RegisterX86::ESP))
    }

    fn set(&mut self, register: RegisterX86, value: u32) {
        write(&mut self.engine, register, value);
    }
}
