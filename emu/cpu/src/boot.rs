//! How the CPU gets into ring 3: descriptor tables in guest RAM and one real `iret`.
//!
//! # Invariants
//!
//! The descriptors are those of Pintos, all of flat segments, and behind them those that are the program's
//! own ([`crate::tls`]). There is no gate, no LDT and no other TSS, so ring 3 has no way into ring 0. The CPU never comes back: exceptions leave the
//! emulator instead of being delivered.

use machine::addr::{Frame, PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::memory::PhysMemory;
use machine::paging::PageTables;
use machine::work::Work;
use unicorn_engine::RegisterX86;

use crate::engine::{Engine, flush_tlb, read};
use crate::error::CpuError;
use crate::shared::Shared;
use crate::tls::{TlsEntry, descriptor};

/// Selectors, as Pintos numbers them.
const KERNEL_CODE: u16 = 0x08;
const KERNEL_DATA: u16 = 0x10;
/// Code segment of user programs.
pub(crate) const USER_CODE: u16 = 0x1b;
/// Data and stack segment of user programs.
pub(crate) const USER_DATA: u16 = 0x23;
const TASK: u16 = 0x28;

/// Parts of the one frame that boot uses, as offsets; the GDT.
pub(crate) const GDT: u32 = 0;
const GDT_POINTER: u32 = 0x80;
const MXCSR: u32 = 0x88;
const TSS: u32 = 0x100;
const CODE: u32 = 0x200;
const STACK_TOP: u32 = PAGE_SIZE;
/// Bytes of a 32-bit TSS (SDM vol. 3, 8.2.1).
const TSS_BYTES: u32 = 104;

/// CR0 (SDM vol. 3, 2.5): protected mode, paging, write protection in ring 0 too, an FPU that
/// reports its errors by #MF.
const CR0: u64 = 1 << 31 | 1 << 16 | 1 << 5 | 1 << 4 | 1 << 1 | 1;
/// CR4: global pages, SSE with its exceptions. With PCE set the emulator raises #GP for `rdpmc`, as
/// hardware does with PCE clear.
const CR4: u64 = 1 << 10 | 1 << 9 | 1 << 8 | 1 << 7;
/// MXCSR after a reset (SDM vol. 1, 10.2.3): all SSE exceptions masked. The emulator starts with 0.
const MXCSR_AT_RESET: u32 = 0x1f80;
/// EFLAGS of a program: IF and the reserved bit.
const EFLAGS: u32 = 1 << 9 | 1 << 1;

/// Returns the page at which the kernel's half maps a frame of the kernel pool.
pub(crate) fn alias(tables: &PageTables, frame: Frame) -> Page {
    let alias = tables.layout().alias(frame);
    alias.expect("the kernel's frames have aliases")
}

/// Brings the CPU into ring 3 in the address space `root`, whose user half must be empty. The
/// frame, which the kernel's half maps at `alias`, must not be changed afterwards.
pub(crate) fn into_ring_3(
    engine: &mut Engine,
    shared: &Shared,
    root: Frame,
    frame: Frame,
    alias: VirtAddr,
) -> Result<(), CpuError> {
    write_tables(&shared.memory, frame.start(), alias);
    let stack = write_stack(&shared.memory, frame.start(), alias);
    write_code(&shared.memory, frame.start(), alias);
    // CR0 last: paging is on as soon as PG is set, and then CR3 must be valid.
    engine.reg_write(RegisterX86::CR3, root.start().0.into())?;
    engine.reg_write(RegisterX86::CR4, CR4)?;
    engine.reg_write(RegisterX86::CR0, CR0)?;
    engine.reg_write(RegisterX86::ESP, stack.0.into())?;
    shared.start(Work::MAX);
    // The privilege level follows from a transfer of control, so real code executes `iret`. The
    // first instruction in ring 3, at address 0, cannot be fetched, which ends the boot.
    let end = engine.emu_start((alias.0 + CODE).into(), 0, 0, 0);
    let selectors = [RegisterX86::CS, RegisterX86::SS].map(|register| read(engine, register));
    let landed = selectors == [USER_CODE.into(), USER_DATA.into()];
    if end.is_ok()
        || !landed
        || shared
            .miss
            .get()
            .is_none_or(|miss| miss.addr.page().number() != 0)
    {
        return Err(CpuError::Boot { end, selectors });
    }
    // What boot has done must not count or stay: a machine begins with no work and an empty TLB.
    shared.counter.finish();
    shared.counter.reset();
    flush_tlb(engine);
    Ok(())
}

/// Writes the descriptor tables.
fn write_tables(memory: &PhysMemory, frame: PhysAddr, alias: VirtAddr) {
    let flat = |access| descriptor(0, 0xf_ffff, access, 0xc);
    let gdt = [
        0,
        flat(0x9b), // kernel code: present, ring 0, readable
        flat(0x93), // kernel data: present, ring 0, writable
        flat(0xfb), // user code: the same for ring 3
        flat(0xf3), // user data
        descriptor(alias.0 + TSS, TSS_BYTES - 1, 0x89, 0), // 32-bit TSS, available
    ];
    for (index, entry) in gdt.iter().enumerate() {
        memory.write(at(frame, GDT + 8 * index as u32), &entry.to_le_bytes());
    }
    let limit = (8 * (TlsEntry::FIRST as usize + TlsEntry::COUNT) - 1) as u16;
    memory.write(at(frame, GDT_POINTER), &limit.to_le_bytes());
    memory.write(at(frame, GDT_POINTER + 2), &(alias.0 + GDT).to_le_bytes());
    memory.write_u32(at(frame, MXCSR), MXCSR_AT_RESET);
    // SS0:ESP0, and an I/O permission bitmap that begins past the limit, so no port is allowed.
    memory.write_u32(at(frame, TSS + 4), alias.0 + STACK_TOP);
    memory.write_u32(at(frame, TSS + 8), KERNEL_DATA.into());
    memory.write_u32(at(frame, TSS + 100), TSS_BYTES << 16);
}

/// Writes what `iret` pops. Returns its address, for the stack pointer.
fn write_stack(memory: &PhysMemory, frame: PhysAddr, alias: VirtAddr) -> VirtAddr {
    let eip = 0;
    let esp = 0;
    let popped = [eip, USER_CODE.into(), EFLAGS, esp, USER_DATA.into()];
    let offset = STACK_TOP - 4 * popped.len() as u32;
    for (index, word) in popped.into_iter().enumerate() {
        memory.write_u32(at(frame, offset + 4 * index as u32), word);
    }
    VirtAddr(alias.0 + offset)
}

/// Writes the code that loads the tables and executes `iret`.
fn write_code(memory: &PhysMemory, frame: PhysAddr, alias: VirtAddr) {
    let gdt_pointer = (alias.0 + GDT_POINTER).to_le_bytes();
    let code_entry = (alias.0 + CODE + 14).to_le_bytes();
    let mxcsr = (alias.0 + MXCSR).to_le_bytes();
    let code: &[&[u8]] = &[
        &[0x0f, 0x01, 0x15], // lgdt [gdt_pointer]
        &gdt_pointer,
        &[0xea], // ljmp KERNEL_CODE:next
        &code_entry,
        &KERNEL_CODE.to_le_bytes(),
        &[0x66, 0xb8], // next: mov ax, KERNEL_DATA
        &KERNEL_DATA.to_le_bytes(),
        &[0x8e, 0xd0], // mov ss, ax
        &[0x66, 0xb8], // mov ax, USER_DATA
        &USER_DATA.to_le_bytes(),
        &[0x8e, 0xd8], // mov ds, ax
        &[0x8e, 0xc0], // mov es, ax
        &[0x8e, 0xe0], // mov fs, ax
        &[0x8e, 0xe8], // mov gs, ax
        &[0x66, 0xb8], // mov ax, TASK
        &TASK.to_le_bytes(),
        &[0x0f, 0x00, 0xd8], // ltr ax
        &[0xdb, 0xe3],       // fninit
        &[0x0f, 0xae, 0x15], // ldmxcsr [mxcsr]
        &mxcsr,
        &[0xcf], // iret
    ];
    memory.write(at(frame, CODE), &code.concat());
}

fn at(frame: PhysAddr, offset: u32) -> PhysAddr {
    PhysAddr(frame.0 + offset)
}
