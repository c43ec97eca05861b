//! The few operations on the emulator, each under a name of this project.
//!
//! # Invariants
//!
//! After setup, none of these fails except by a bug of this crate, so none returns a result.

use machine::addr::VirtAddr;
use machine::memory::PhysMemory;
use unicorn_engine::{
    Arch, ControlType, Mode, Prot, RegisterX86, TlbType, Unicorn, X86CpuModel, uc_error,
};

/// The emulator, without user data.
pub(crate) type Engine<'a> = Unicorn<'a, ()>;

/// The size of the buffer for translated code. With the emulator's default, a program that keeps
/// changing its code would take a GiB of the host.
const TRANSLATIONS: u32 = 64 << 20;

/// Creates an engine with `memory` as its RAM. The corrections turn its model Pentium III into a
/// Pentium 4.
///
/// # Safety
/// `memory`, or a clone of it, must outlive the engine.
pub(crate) unsafe fn new_engine(memory: &PhysMemory) -> Result<Engine<'static>, uc_error> {
    let mut engine = Unicorn::new(Arch::X86, Mode::MODE_32)?;
    engine.ctl_set_cpu_model(X86CpuModel::PENTIUM3 as i32)?;
    let set_size = ControlType(ControlType::TCG_BUFFER_SIZE.0 | ControlType::IO_WRITE.0);
    // SAFETY: the engine is live; this control takes one 32-bit number.
    let result = unsafe { unicorn_engine::uc_ctl(engine.get_handle(), set_size, TRANSLATIONS) };
    Result::from(result)?;
    // Misses come to our hook. The emulator's own walk would deliver #PF through an IDT.
    engine.ctl_set_tlb_type(TlbType::VIRTUAL)?;
    // Without this the end address of a run is fetched from, which can be a spurious miss.
    engine.ctl_exits_enable()?;
    let (base, bytes) = memory.host();
    // SAFETY: the memory is `bytes` long and outlives the engine, as the caller vouches for. No
    // Rust reference to it is ever made.
    unsafe { engine.mem_map_ptr(0, bytes as u64, Prot::ALL, base.as_ptr().cast()) }?;
    Ok(engine)
}

/// Returns the value of a register that is not wider than 32 bits.
pub(crate) fn read(engine: &Engine, register: RegisterX86) -> u32 {
    engine.reg_read(register).expect("the register exists") as u32
}

/// Sets a register that is not wider than 32 bits.
pub(crate) fn write(engine: &mut Engine, register: RegisterX86, value: u32) {
    let result = engine.reg_write(register, value.into());
    result.expect("the register exists");
}

/// Returns EIP.
pub(crate) fn read_eip(engine: &Engine) -> VirtAddr {
    VirtAddr(read(engine, RegisterX86::EIP))
}

/// Flushes the TLB. Can be called from within a hook.
pub(crate) fn flush_tlb(engine: &mut Engine) {
    let result = engine.ctl_flush_tlb();
    result.expect("the TLB can be flushed at any time");
}

/// Drops all translated code.
pub(crate) fn drop_all_code(engine: &mut Engine) {
    let result = engine.ctl_flush_tb();
    result.expect("code can be dropped at any time");
}

/// Called from within a hook, stops the emulator when the hook returns.
pub(crate) fn stop(engine: &mut Engine) {
    let result = engine.emu_stop();
    result.expect("a running engine can be stopped");
}
