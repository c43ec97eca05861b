//! Whether generated code looks after every memory access if it was asked to stop.
//!
//! The emulator has each load and store followed by a call that looks, beside the one at the start of
//! every block. Guests run more than twice as fast without the former, and they are only needed by
//! who wants to stop right behind an access. There is a switch for them in the emulator, made for
//! another architecture and not part of its interface: a byte of its state.
//!
//! What always holds: the byte is only touched if it has been proven, once for this process and on
//! an engine made for that, to be the switch and to do nothing but this; otherwise code stays as
//! slow as it is, and as right. The version of the emulator is pinned for it in `Cargo.toml`.

use std::sync::OnceLock;

use unicorn_engine::{Arch, HookType, Mode, Prot, RegisterX86, uc_engine, uc_error};

use crate::engine::{Engine, read};

/// Where the switch lies in `struct uc_struct` of Unicorn 2.1.5 on 64-bit hosts: `no_exit_request`,
/// between the flags `hook_insert`, `first_tb` and `init_done`.
const SWITCH: usize = 0x7f2;

/// When generated code looks whether it has to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitChecks {
    /// At the start of each block.
    PerBlock,
    /// After each memory access and each hook of an instruction as well.
    PerAccess,
}

impl ExitChecks {
    /// Has code that is translated from here on look so, if that can be had.
    pub fn apply_to(self, engine: &mut Engine<'_>) {
        static PROVEN: OnceLock<bool> = OnceLock::new();
        if *PROVEN.get_or_init(is_proven) {
            // SAFETY: the engine is live, and the byte was proven to be the switch.
            unsafe { self.set(engine.get_handle()) }
        }
    }

    /// # Safety
    /// `engine` must be live and of the version for which [`SWITCH`] holds.
    unsafe fn set(self, engine: *mut uc_engine) {
        // SAFETY: the caller vouches for the engine, whose state is larger than that.
        unsafe {
            engine
                .cast::<u8>()
                .add(SWITCH)
                .write((self == ExitChecks::PerBlock).into())
        }
    }
}

/// Whether the byte is the switch.
fn is_proven() -> bool {
    let proven = cfg!(all(unix, target_pointer_width = "64"))
        && matches!(stops_behind_access(ExitChecks::PerAccess), Ok(true))
        && matches!(stops_behind_access(ExitChecks::PerBlock), Ok(false));
    if !proven {
        log::debug!("the emulator's checks after memory accesses stay");
    }
    proven
}

/// Whether code that is asked to stop by a load stops right behind it, rather than at its block's
/// end.
fn stops_behind_access(checks: ExitChecks) -> Result<bool, uc_error> {
    // mov 0x1000, %eax; inc %ecx; jmp to itself
    const CODE: [u8; 8] = [0xa1, 0, 0x10, 0, 0, 0x41, 0xeb, 0xfe];
    const START: u64 = 0x1000;
    let mut engine: Engine<'_> = unicorn_engine::Unicorn::new(Arch::X86, Mode::MODE_32)?;
    engine.mem_map(START, 4096, Prot::ALL)?;
    engine.mem_write(START, &CODE)?;
    engine.add_mem_hook(HookType::MEM_READ, 1, 0, |engine, _, _, _, _| {
        engine.emu_stop().is_ok()
    })?;
    // SAFETY: the engine is live.
    let flags = unsafe {
        engine
            .get_handle()
            .cast::<[u8; 4]>()
            .byte_add(SWITCH - 2)
            .read()
    };
    // Not the flags that are expected there: this is another emulator.
    if !matches!(flags, [0, 0 | 1, 0, 1]) {
        return Err(uc_error::VERSION);
    }
    // SAFETY: as above; the flags around the switch are where they are in its version.
    unsafe { checks.set(engine.get_handle()) };
    engine.emu_start(START, START + CODE.len() as u64, 0, 0)?;
    Ok(read(&engine, RegisterX86::ECX) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_where_it_is_said_to_be() {
        assert!(is_proven());
    }
}
