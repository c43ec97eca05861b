//! What the emulator calls while it runs.
//!
//! What always holds: nothing of the kernel runs in here: a hook walks page tables, counts, or takes a
//! note and stops the emulator; the note says why it stopped.

use std::ffi::c_void;
use std::rc::Rc;

use unicorn_engine::{HookType, MemType, RegisterX86, X86Insn, uc_engine, uc_error, uc_hook};

use crate::addr::VirtAddr;
use crate::context::Context;
use crate::engine::{Engine, stop};
use crate::exception::Exception;
use crate::mmu::Access;
use crate::registers::flags;
use crate::shared::{Shared, Trap};

/// Code above this address cannot be virtual-8086 code, whose addresses have 16 + 4 bits.
const VIRTUAL_8086_END: u64 = 0x11_0000;

/// Installs all hooks in an engine that has translated no code yet.
///
/// # Safety
/// `shared` must outlive the engine.
pub unsafe fn install(engine: &mut Engine<'static>, shared: &Rc<Shared>) -> Result<(), uc_error> {
    let own = Rc::clone(shared);
    engine.add_tlb_hook(1, 0, move |engine, addr, kind| {
        let access = match kind {
            MemType::FETCH => Access::Fetch,
            MemType::WRITE => Access::Write,
            _ => Access::Read,
        };
        own.fill(engine, VirtAddr(addr as u32).page(), access)
    })?;
    let own = Rc::clone(shared);
    engine.add_intr_hook(move |engine, number| {
        own.interrupt.set(Some(number));
        stop(engine);
    })?;
    let own = Rc::clone(shared);
    engine.add_insn_in_hook(move |engine, _port, _bytes| {
        own.refuse(engine, Exception::GeneralProtection);
        0
    })?;
    let own = Rc::clone(shared);
    engine.add_insn_out_hook(move |engine, _port, _bytes, _value| {
        own.refuse(engine, Exception::GeneralProtection);
    })?;
    // SYSENTER faults so while its MSRs are not set up, SYSCALL where EFER does not enable it.
    for (instruction, exception) in [
        (X86Insn::SYSENTER, Exception::GeneralProtection),
        (X86Insn::SYSCALL, Exception::InvalidOpcode),
    ] {
        let own = Rc::clone(shared);
        engine.add_insn_sys_hook(instruction, 1, 0, move |engine| {
            own.refuse(engine, exception)
        })?;
    }
    let mut id: uc_hook = 0;
    // SAFETY: the engine is live; the hook is of the type that BLOCK hooks have, and its data
    // outlives the engine, as the caller vouches for. Called for every block of the program, it
    // is the one hook for which the way through a boxed closure would show.
    unsafe {
        unicorn_engine::uc_hook_add(
            engine.get_handle(),
            &raw mut id,
            HookType::BLOCK.0 as i32,
            on_block as *mut c_void,
            Rc::as_ptr(shared).cast_mut().cast(),
            1,
            0,
        )
    }
    .into()
}

/// A basic block begins.
///
/// # Safety
/// `engine` must be live, and `data` the [`Shared`] of that engine.
unsafe extern "C" fn on_block(engine: *mut uc_engine, addr: u64, bytes: u32, data: *mut c_void) {
    // SAFETY: the caller vouches for it; `Shared` is only ever reached by shared references.
    let shared = unsafe { &*data.cast::<Shared>() };
    // Every block of the program comes this way: what is rare is kept apart, so that this needs no
    // stack.
    if addr < VIRTUAL_8086_END {
        // SAFETY: the caller vouches for the engine.
        return unsafe { on_low_block(engine, addr, bytes, shared) };
    }
    if !shared.counter.begin(VirtAddr(addr as u32), bytes) {
        // SAFETY: as above.
        unsafe { refuse_block(engine, shared, VirtAddr(addr as u32), bytes) }
    }
}

/// A basic block begins that may be virtual-8086 code.
///
/// # Safety
/// `engine` must be live.
#[inline(never)]
unsafe fn on_low_block(engine: *mut uc_engine, addr: u64, bytes: u32, shared: &Shared) {
    // SAFETY: the caller vouches for the engine.
    if unsafe { in_virtual_8086_mode(engine) } {
        // SAFETY: as above.
        let before = unsafe { Context::saved_from(engine) };
        shared.trap.replace(Some(Trap {
            exception: Exception::GeneralProtection,
            before,
        }));
        // SAFETY: as above.
        unsafe { unicorn_engine::uc_emu_stop(engine) };
    } else if !shared.counter.begin(VirtAddr(addr as u32), bytes) {
        // SAFETY: as above.
        unsafe { refuse_block(engine, shared, VirtAddr(addr as u32), bytes) }
    }
}

/// Stops the emulator before a block that may not begin, since the work of this run is done.
///
/// # Safety
/// `engine` must be live.
#[cold]
#[inline(never)]
unsafe fn refuse_block(engine: *mut uc_engine, shared: &Shared, start: VirtAddr, bytes: u32) {
    shared.counter.refuse(start, bytes);
    // SAFETY: the caller vouches for the engine.
    unsafe { unicorn_engine::uc_emu_stop(engine) };
}

/// Whether `iret` has led into virtual-8086 mode, which the emulator allows in ring 3. It would
/// hand out IOPL and IF.
///
/// # Safety
/// `engine` must be live.
#[cold]
unsafe fn in_virtual_8086_mode(engine: *mut uc_engine) -> bool {
    let mut eflags = 0u64;
    // SAFETY: the caller vouches for the engine; `eflags` has room for the register.
    unsafe {
        unicorn_engine::uc_reg_read(engine, RegisterX86::EFLAGS as i32, (&raw mut eflags).cast());
    }
    eflags as u32 & flags::VIRTUAL_8086 != 0
}
