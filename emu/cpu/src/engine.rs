//! The few things that are done to the emulator, each under a name of this project.
//!
//! # Invariants
//!
//! None of these can fail but by a bug of ours, so none gives a result.

use machine::addr::VirtAddr;
use machine::memory::PhysMemory;
use unicorn_engine::{
    Arch, ControlType, Mode, Prot, RegisterX86, TlbType, Unicorn, X86CpuModel, uc_error,
};

/// The emulator, with no data of its own.
pub type Engine<'a> = Unicorn<'a, ()>;

/// Bytes for translated code. The emulator's default would let a program that keeps changing its
/// code take a GiB of the host.
const TRANSLATIONS: u32 = 64 << 20;

/// A Pentium 4, into which the corrections have turned the emulator's Pentium III, with `memory` as its
/// RAM.
///
/// # Safety
/// `memory`, or a clone of it, must outlive the engine.
pub unsafe fn new_engine(memory: &PhysMemory) -> Result<Engine<'static>, uc_error> {
    let mut engine = Unicorn::new(Arch::X86, Mode::MODE_32)?;
    engine.ctl_set_cpu_model(X86CpuModel::PENTIUM3 as i32)?;
    let set_size = ControlType(ControlType::TCG_BUFFER_SIZE.0 | ControlType::IO_WRITE.0);
    // SAFETY: the engine is live; this control takes one 32-bit number.
    let result = unsafe { unicorn_engine::uc_ctl(engine.get_handle(), set_size, TRANSLATIONS) };
    Result::from(result)?;
    engine.ctl_set_tlb_type(TlbType::VIRTUAL)?;
    engine.ctl_exits_enable()?;
    let (base, bytes) = memory.host();
    // SAFETY: the memory is `bytes` long and outlives the engine, as the caller vouches for. No
    // Rust reference to it is ever made.
    unsafe { engine.mem_map_ptr(0, bytes as u64, Prot::ALL, base.as_ptr().cast()) }?;
    Ok(engine)
}

/// The value of a register that is not wider than 32 bits.
pub fn read(engine: &Engine, register: RegisterX86) -> u32 {
    engine.reg_read(register).expect("the register exists") as u32
}

/// Sets a register that is not wider than 32 bits.
pub fn write(engine: &mut Engine, register: RegisterX86, value: u32) {
    let result = engine.reg_write(register, value.into());
    result.expect("the register exists");
}

/// Where the program is.
pub fn read_eip(engine: &Engine) -> VirtAddr {
    VirtAddr(read(engine, RegisterX86::EIP))
}

/// Drops all entries of the TLB; also from within a hook.
pub fn flush_tlb(engine: &mut Engine) {
    let result = engine.ctl_flush_tlb();
    result.expect("the TLB can be flushed at any time");
}

/// Drops all translated code.
pub fn drop_all_code(engine: &mut Engine) {
    let result = engine.ctl_flush_tb();
    result.expect("code can be dropped at any time");
}

/// From within a hook: stops the emulator when the hook is left.
pub fn stop(engine: &mut Engine) {
    let result = engine.emu_stop();
    result.expect("a running engine can be stopped");
}
