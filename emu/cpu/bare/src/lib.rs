//! A minimal machine for tests: RAM, page tables, one CPU, and code at chosen addresses.

pub mod oracle;

use cpu::Cpu;
use cpu::context::Context;
use cpu::exit::Exit;
use machine::addr::{Frame, PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::layout::Layout;
use machine::memory::PhysMemory;
use machine::paging::{KernelHalf, PageDirectory, PageTables};
use machine::pte::{Pte, PteFlags};
use machine::tlb::Tlb;
use machine::work::Work;

/// The address of code.
pub const CODE: VirtAddr = VirtAddr(0x0804_8000);
/// The single page of the stack.
pub const STACK: VirtAddr = VirtAddr(0xbfff_f000);
/// The initial stack pointer, in the middle of that page.
pub const STACK_TOP: VirtAddr = VirtAddr(0xbfff_f800);
/// A page for data.
pub const DATA: VirtAddr = VirtAddr(0x0a00_0000);

/// A machine without a kernel.
#[derive(Debug)]
pub struct Machine {
    /// The page tables.
    pub tables: PageTables,
    /// The pending TLB invalidations.
    pub tlb: Tlb,
    /// The CPU.
    pub cpu: Cpu,
    /// RAM.
    pub memory: PhysMemory,
    next_frame: u32,
    free: Vec<Frame>,
}

/// An address space and a context to run in it.
#[derive(Debug)]
pub struct Program {
    /// Its page directory.
    pub directory: PageDirectory,
    /// Its registers.
    pub context: Context,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine::new()
    }
}

impl Machine {
    /// Creates a machine whose programs have the kernel's half in their page directories.
    #[must_use]
    pub fn new() -> Machine {
        Machine::with_kernel_half(KernelHalf::Shared)
    }

    /// Creates a machine with the kernel's half shared or isolated.
    ///
    /// # Panics
    /// If the host lacks memory.
    #[must_use]
    pub fn with_kernel_half(half: KernelHalf) -> Machine {
        let layout = Layout::new(4096);
        let memory = PhysMemory::new(layout.total_frames()).unwrap();
        let tables = PageTables::with_kernel_half(memory.clone(), layout, half);
        let tlb = Tlb::default();
        let cpu = Cpu::new(&tables, tlb.clone()).unwrap();
        let next_frame = layout.first_user_frame().number();
        Machine {
            tables,
            tlb,
            cpu,
            memory,
            next_frame,
            free: Vec::new(),
        }
    }

    /// Allocates an unused user frame.
    pub fn frame(&mut self) -> Frame {
        self.free.pop().unwrap_or_else(|| {
            self.next_frame += 1;
            Frame::new(self.next_frame - 1)
        })
    }

    /// Creates an empty address space.
    ///
    /// # Panics
    /// If there is no memory for its page tables.
    pub fn space(&mut self) -> PageDirectory {
        self.tables.create().unwrap()
    }

    /// Creates a program with `code` at [`CODE`] and a stack page.
    pub fn program(&mut self, code: &[u8]) -> Program {
        let directory = self.space();
        self.place(&directory, CODE, code);
        self.map_new(&directory, STACK.page(), PteFlags::USER_WRITE);
        let context = self.cpu.new_context(CODE, STACK_TOP);
        Program { directory, context }
    }

    /// Maps a new frame of zeros.
    pub fn map_new(&mut self, directory: &PageDirectory, page: Page, flags: PteFlags) -> Frame {
        let frame = self.frame();
        self.map(directory, page, frame, flags);
        frame
    }

    /// Maps a page to a frame.
    ///
    /// # Panics
    /// If there is no memory for a page table.
    pub fn map(&mut self, directory: &PageDirectory, page: Page, frame: Frame, flags: PteFlags) {
        let flush = self.tables.map(directory, page, frame, flags).unwrap();
        self.tlb.note(flush);
    }

    /// Unmaps a page. Returns its entry.
    pub fn unmap(&mut self, directory: &PageDirectory, page: Page) -> Pte {
        let (old, flush) = self.tables.unmap(directory, page);
        self.tlb.note(flush);
        old
    }

    /// Clears flags of a page.
    pub fn clear(&mut self, directory: &PageDirectory, page: Page, flags: PteFlags) {
        let (_, flush) = self
            .tables
            .update(directory, page, |pte| pte.without(flags));
        self.tlb.note(flush);
    }

    /// Returns the entry of an address.
    #[must_use]
    pub fn pte(&self, directory: &PageDirectory, addr: VirtAddr) -> Pte {
        self.tables.entry(directory, addr.page())
    }

    /// Writes bytes at a virtual address, mapping new read-only pages where there are none.
    ///
    /// # Panics
    /// If the bytes reach beyond the last address, or there is no memory for a page table.
    pub fn place(&mut self, directory: &PageDirectory, addr: VirtAddr, bytes: &[u8]) {
        for (index, byte) in bytes.iter().enumerate() {
            let at = addr.checked_add(index as u32).unwrap();
            let mut pte = self.pte(directory, at);
            if !pte.is_present() {
                self.map_new(directory, at.page(), PteFlags::USER_READ);
                pte = self.pte(directory, at);
            }
            let phys = PhysAddr(pte.frame().start().0 + at.offset());
            self.memory.write(phys, &[*byte]);
        }
    }

    /// Reads a word at a virtual address that is mapped.
    ///
    /// # Panics
    /// If the word reaches beyond the last address.
    #[must_use]
    pub fn word(&self, directory: &PageDirectory, addr: VirtAddr) -> u32 {
        let mut bytes = [0; 4];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let at = addr.checked_add(index as u32).unwrap();
            let frame = self.pte(directory, at).frame();
            let mut one = [0];
            self.memory
                .read(PhysAddr(frame.start().0 + at.offset()), &mut one);
            *byte = one[0];
        }
        u32::from_le_bytes(bytes)
    }

    /// Frees the frames of a program, for the next one.
    pub fn recycle(&mut self, program: Program) {
        for (page, pte) in self.tables.user_entries(&program.directory) {
            self.unmap(&program.directory, page);
            self.memory.zero(pte.frame());
            self.memory.renew(pte.frame());
            self.free.push(pte.frame());
        }
        let flush = self.tables.destroy(program.directory);
        self.tlb.note(flush);
    }

    /// Puts a program on the CPU.
    pub fn resume(&mut self, program: &Program) {
        self.cpu
            .resume(&program.context, program.directory.user_root());
    }

    /// Runs the program on the CPU until it stops by itself.
    pub fn run(&mut self) -> Exit {
        self.cpu.run(Work::MAX)
    }

    /// Runs one program from its start until it stops.
    pub fn run_program(&mut self, program: &Program) -> Exit {
        self.resume(program);
        self.run()
    }

    /// Runs, mapping a zeroed page wherever the program faults, until something else happens.
    pub fn run_demand_zero(&mut self, directory: &PageDirectory) -> Exit {
        loop {
            match self.run() {
                Exit::PageFault(fault) => {
                    self.map_new(directory, fault.addr.page(), PteFlags::USER_WRITE);
                }
                other => return other,
            }
        }
    }
}

/// Concatenates bytes and numbers: a minimal assembler.
#[must_use]
pub fn code(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Returns a number as an instruction's immediate operand.
#[must_use]
pub fn imm(value: u32) -> [u8; 4] {
    value.to_le_bytes()
}

/// The size of a page as a length.
pub const PAGE: usize = PAGE_SIZE as usize;

/// A reproducible stream of random numbers (xorshift64*).
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Creates the stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns the next number.
    pub fn draw(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// Returns the next number, below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.draw() % end
    }
}
