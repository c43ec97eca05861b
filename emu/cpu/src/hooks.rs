//! The hooks that the emulator calls while it runs.
//!
//! # Invariants
//! No kernel code runs in here. A hook walks page tables, or records the reason and stops the
//! emulator.

use std::rc::Rc;

use machine::addr::VirtAddr;
use machine::mmu::{Access, Ring};
use unicorn_engine::{MemType, UcHookId, uc_error};

use crate::engine::{Engine, stop};
use crate::shared::Shared;

/// The emulator's code for accesses with the rights of ring 3.
const USER_ACCESS: u64 = 1;

/// Installs the hooks that every engine has. It must not have translated any code yet.
pub(crate) fn install(engine: &mut Engine<'static>, shared: &Rc<Shared>) -> Result<(), uc_error> {
    let own = Rc::clone(shared);
    engine.add_tlb_hook(1, 0, move |engine, addr, kind| {
        let access = match kind {
            MemType::FETCH => Access::Fetch,
            MemType::WRITE => Access::Write,
            _ => Access::Read,
        };
        // The corrected emulator has the privilege of the access above the address. A descriptor is
        // read with that of the kernel, whatever ring the CPU is in (SDM vol. 3, 4.6).
        let ring = match addr >> 32 {
            USER_ACCESS => Ring::User,
            _ => Ring::Kernel,
        };
        own.fill(engine, VirtAddr(addr as u32), access, ring)
    })?;
    let own = Rc::clone(shared);
    engine.add_intr_hook(move |engine, number| {
        // The kernel is no guest code, so the exception ends the run instead of entering a handler.
        own.interrupt.set(Some(number));
        stop(engine);
    })?;
    Ok(())
}

/// Installs a hook that reports to the counter each block that the emulator reaches, for debuggers.
/// Code that is already translated does not call it.
pub(crate) fn record_blocks(
    engine: &mut Engine<'static>,
    shared: &Rc<Shared>,
) -> Result<UcHookId, uc_error> {
    let own = Rc::clone(shared);
    engine.add_block_hook(1, 0, move |_, start, bytes| {
        own.counter.record(VirtAddr(start as u32), bytes);
    })
}
