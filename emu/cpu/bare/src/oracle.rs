//! The emulator's own x86 page-table walker, as an oracle for ours.
//!
//! It has a copy of RAM, really runs in ring 3 (or ring 0), and shows what a program's next
//! instructions do: CR2, EIP, accessed and dirty bits. Restoring a context clears the exception
//! that the emulator otherwise considers in flight, so one engine serves many faults.

use std::cell::Cell;
use std::rc::Rc;

use cpu::registers::Registers;
use machine::addr::{Frame, PhysAddr, VirtAddr};
use machine::memory::PhysMemory;
use machine::mmu::Ring;
use unicorn_engine::{Arch, Context, Mode, Prot, RegisterX86, Unicorn, X86CpuModel, uc_error};

use super::PAGE;

/// The most blocks of a run.
pub const BLOCKS: u32 = 100;
/// TF in EFLAGS.
const TRAP_FLAG: u32 = 1 << 8;

/// An emulator that walks the page tables by itself, for comparison.
#[derive(Debug)]
pub struct Oracle {
    engine: Unicorn<'static, ()>,
    interrupt: Rc<Cell<Option<u32>>>,
    blocks: Rc<Cell<u32>>,
    ring_0: Context,
    ring_3: Context,
}

/// How the oracle's run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// A page fault.
    PageFault {
        /// The address that faulted.
        cr2: VirtAddr,
    },
    /// An interrupt or another exception, by its vector.
    Interrupt(u32),
    /// An invalid instruction.
    InvalidOpcode,
    /// It had not ended at the limit on blocks.
    Limit,
}

impl Oracle {
    /// Creates a walker on a copy of `memory`. It starts in the address space `root`, in which the
    /// page at `alias` maps `spare`, an otherwise unused frame, supervisor only, and ring 3 has
    /// `int 0x30` at `landing`.
    ///
    /// # Panics
    /// If the emulator refuses, for lack of memory.
    pub fn new(
        memory: &PhysMemory,
        root: Frame,
        (spare, alias): (Frame, VirtAddr),
        landing: VirtAddr,
    ) -> Oracle {
        let mut engine = Unicorn::new(Arch::X86, Mode::MODE_32).unwrap();
        engine
            .ctl_set_cpu_model(X86CpuModel::PENTIUM3 as i32)
            .unwrap();
        engine.ctl_exits_enable().unwrap();
        engine
            .mem_map(0, u64::from(memory.frames()) * PAGE as u64, Prot::ALL)
            .unwrap();
        let interrupt = Rc::new(Cell::new(None));
        let seen = Rc::clone(&interrupt);
        engine
            .add_intr_hook(move |engine, number| {
                // The corrected emulator marks those of `int n`.
                seen.set(Some(number & 0xff));
                engine.emu_stop().unwrap();
            })
            .unwrap();
        let blocks = Rc::new(Cell::new(BLOCKS));
        let left = Rc::clone(&blocks);
        engine
            .add_block_hook(1, 0, move |engine, _, _| match left.get() {
                0 => engine.emu_stop().unwrap(),
                more => left.set(more - 1),
            })
            .unwrap();
        let empty = engine.context_init().unwrap();
        let ring_0 = engine.context_init().unwrap();
        let mut oracle = Oracle {
            engine,
            interrupt,
            blocks,
            ring_0,
            ring_3: empty,
        };
        for frame in (0..memory.frames()).map(Frame::new) {
            oracle.sync(memory, frame);
        }
        oracle.boot(root, (spare, alias), landing);
        oracle
    }

    /// Copies a frame from `memory`.
    ///
    /// # Panics
    /// If `memory` or the copy does not have the frame.
    pub fn sync(&mut self, memory: &PhysMemory, frame: Frame) {
        let mut bytes = [0; PAGE];
        memory.read(frame.start(), &mut bytes);
        self.engine
            .mem_write(frame.start().0.into(), &bytes)
            .unwrap();
    }

    /// Returns the content of a frame.
    ///
    /// # Panics
    /// If the copy does not have the frame.
    #[must_use]
    pub fn frame(&self, frame: Frame) -> [u8; PAGE] {
        let mut bytes = [0; PAGE];
        self.engine
            .mem_read(frame.start().0.into(), &mut bytes)
            .unwrap();
        bytes
    }

    /// Runs like [`Oracle::run`], but one instruction at a time, by the trap flag. The emulator
    /// fetches whole blocks, and would not execute the instructions before a missing page
    /// otherwise.
    ///
    /// # Panics
    /// As [`Oracle::run`].
    pub fn step(&mut self, root: Frame, registers: &Registers, ring: Ring) -> End {
        let stepping = Registers {
            eflags: registers.eflags | TRAP_FLAG,
            ..*registers
        };
        let mut end = self.run(root, &stepping, ring);
        for _ in 0..BLOCKS {
            if end != End::Interrupt(1) {
                let flags = self.register(RegisterX86::EFLAGS) & !TRAP_FLAG;
                self.engine
                    .reg_write(RegisterX86::EFLAGS, flags.into())
                    .unwrap();
                return end;
            }
            end = self.go(self.eip());
        }
        End::Limit
    }

    /// Runs in the address space `root` with these general registers, EIP, and user flags.
    ///
    /// # Panics
    /// If the emulator stops for a reason that is not the program's.
    pub fn run(&mut self, root: Frame, registers: &Registers, ring: Ring) -> End {
        let context = match ring {
            Ring::Kernel => &self.ring_0,
            Ring::User => &self.ring_3,
        };
        self.engine.context_restore(context).unwrap();
        self.engine
            .reg_write(RegisterX86::CR3, root.start().0.into())
            .unwrap();
        for (register, value) in [
            (RegisterX86::EAX, registers.eax),
            (RegisterX86::EBX, registers.ebx),
            (RegisterX86::ECX, registers.ecx),
            (RegisterX86::EDX, registers.edx),
            (RegisterX86::ESI, registers.esi),
            (RegisterX86::EDI, registers.edi),
            (RegisterX86::EBP, registers.ebp),
            (RegisterX86::ESP, registers.esp),
            (RegisterX86::EFLAGS, registers.eflags),
        ] {
            self.engine.reg_write(register, value.into()).unwrap();
        }
        self.engine.ctl_flush_tb().unwrap();
        self.engine.ctl_flush_tlb().unwrap();
        self.go(registers.eip)
    }

    fn go(&mut self, eip: u32) -> End {
        self.interrupt.set(None);
        self.blocks.set(BLOCKS);
        let end = self.engine.emu_start(eip.into(), 0, 0, 0);
        match (end, self.interrupt.get()) {
            (Ok(()), Some(14)) => End::PageFault {
                cr2: VirtAddr(self.register(RegisterX86::CR2)),
            },
            (Ok(()), Some(number)) => End::Interrupt(number),
            (Ok(()), None) if self.blocks.get() == 0 => End::Limit,
            (Err(uc_error::INSN_INVALID), _) => End::InvalidOpcode,
            (end, _) => panic!("the oracle ended with {end:?} at {:#x}", self.eip()),
        }
    }

    /// Returns a register.
    ///
    /// # Panics
    /// If the emulator has no such register.
    #[must_use]
    pub fn register(&self, register: RegisterX86) -> u32 {
        self.engine.reg_read(register).unwrap() as u32
    }

    /// Returns the instruction pointer.
    #[must_use]
    pub fn eip(&self) -> u32 {
        self.register(RegisterX86::EIP)
    }

    fn boot(&mut self, root: Frame, (spare, alias): (Frame, VirtAddr), landing: VirtAddr) {
        let gdt: [u64; 5] = [
            0,
            0x00cf_9b00_0000_ffff,
            0x00cf_9300_0000_ffff,
            0x00cf_fb00_0000_ffff,
            0x00cf_f300_0000_ffff,
        ];
        let gdt_bytes = gdt.map(u64::to_le_bytes).concat();
        let pointer = [&39u16.to_le_bytes()[..], &alias.0.to_le_bytes()].concat();
        let stub = super::code(&[
            &[0x0f, 0x01, 0x15], // lgdt [pointer]
            &(alias.0 + 0x40).to_le_bytes(),
            &[0xea], // ljmp 0x08:next
            &(alias.0 + 0x8e).to_le_bytes(),
            &[8, 0],
            &[0x66, 0xb8, 0x10, 0, 0x8e, 0xd0], // next: mov ax, 0x10; mov ss, ax
            &[0x66, 0xb8, 0x23, 0, 0x8e, 0xd8, 0x8e, 0xc0], // mov ax, 0x23; mov ds, ax; mov es, ax
            &[0x8e, 0xe0, 0x8e, 0xe8, 0xdb, 0xe3], // mov fs, ax; mov gs, ax; fninit
            &[0xcd, 0x30],                      // int 0x30
            &[0xcf],                            // iret
        ]);
        let iret = [landing.0, 0x1b, 0x202, 0, 0x23]
            .map(u32::to_le_bytes)
            .concat();
        let base = u64::from(spare.start().0);
        for (offset, bytes) in [
            (0, &gdt_bytes),
            (0x40, &pointer),
            (0x80, &stub),
            (0x200, &iret),
        ] {
            self.engine.mem_write(base + offset, bytes).unwrap();
        }
        let cr0 = 1 << 31 | 1 << 16 | 1 << 5 | 1 << 4 | 1 << 1 | 1;
        let cr4 = 1 << 10 | 1 << 9 | 1 << 8 | 1 << 7 | 1 << 2;
        for (register, value) in [
            (RegisterX86::CR3, root.start().0),
            (RegisterX86::CR4, cr4),
            (RegisterX86::CR0, cr0),
            (RegisterX86::MXCSR, 0x1f80),
            (RegisterX86::ESP, alias.0 + 0x200),
        ] {
            self.engine.reg_write(register, value.into()).unwrap();
        }
        let end = self.engine.emu_start((alias.0 + 0x80).into(), 0, 0, 0);
        assert_eq!((end, self.interrupt.get()), (Ok(()), Some(0x30)));
        self.ring_0 = self.engine.context_init().unwrap();
        let end = self.engine.emu_start(self.eip().into(), 0, 0, 0);
        assert_eq!((end, self.interrupt.get()), (Ok(()), Some(0x30)));
        assert_eq!(
            (self.register(RegisterX86::CS), self.eip()),
            (0x1b, landing.0 + 2)
        );
        self.ring_3 = self.engine.context_init().unwrap();
    }
}

/// Returns the physical address of a word of a page table.
#[must_use]
pub fn slot(frame: Frame, index: u32) -> PhysAddr {
    PhysAddr(frame.start().0 + 4 * index)
}
