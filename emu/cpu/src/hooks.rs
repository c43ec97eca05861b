//! What the emulator calls while it runs.
//!
//! # Invariants
//! Nothing of the kernel runs in here: a hook walks page tables, or takes a note and stops the emulator;
//! the note says why it stopped.

use std::rc::Rc;

use machine::addr::VirtAddr;
use machine::mmu::{Access, Ring};
use unicorn_engine::{MemType, UcHookId, uc_error};

use crate::engine::{Engine, stop};
use crate::shared::Shared;

/// The emulator's name for accesses with the rights of ring 3.
const USER_ACCESS: u64 = 1;

/// Installs the hooks that are always there in an engine that has translated no code yet.
pub fn install(engine: &mut Engine<'static>, shared: &Rc<Shared>) -> Result<(), uc_error> {
    let own = Rc::clone(shared);
    engine.add_tlb_hook(1, 0, move |engine, addr, kind| {
        let access = match kind {
            MemType::FETCH => Access::Fetch,
            MemType::WRITE => Access::Write,
            _ => Access::Read,
        };
        // Above the address the emulator tells whose access it is: its own, if it reads a descriptor.
        let ring = match addr >> 32 {
            USER_ACCESS => Ring::User,
            _ => Ring::Kernel,
        };
        own.fill(engine, VirtAddr(addr as u32), access, ring)
    })?;
    let own = Rc::clone(shared);
    engine.add_intr_hook(move |engine, number| {
        own.interrupt.set(Some(number));
        stop(engine);
    })?;
    Ok(())
}

/// Has the counter told of each block that the emulator comes to, for debuggers. Code that is translated
/// already does not.
pub fn record_blocks(
    engine: &mut Engine<'static>,
    shared: &Rc<Shared>,
) -> Result<UcHookId, uc_error> {
    let own = Rc::clone(shared);
    engine.add_block_hook(1, 0, move |_, start, bytes| {
        own.counter.record(VirtAddr(start as u32), bytes);
    })
}
