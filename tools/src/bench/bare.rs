//! The load/store loop in a bare Unicorn with the simplest possible setup: flat memory, no paging,
//! no hooks, everything readable, writable and executable.

use std::time::Duration;

use unicorn_engine::unicorn_const::{Arch, Mode, Prot, uc_error};
use unicorn_engine::{RegisterX86, Unicorn};

use super::clock::Moment;
use super::code::{LOOP_PAGES, load_store_loop};
use super::elf::{DATA, ENTRY};

const PAGE: u64 = 4096;

/// Runs the loop and returns the time it took, not counting the setup of the engine.
///
/// # Errors
/// Those of Unicorn.
pub(super) fn load_store(iterations: u32) -> Result<Duration, uc_error> {
    let code = load_store_loop(DATA, iterations);
    let mut engine = Unicorn::new(Arch::X86, Mode::MODE_32)?;
    let code_page = u64::from(ENTRY) & !(PAGE - 1);
    engine.mem_map(code_page, PAGE, Prot::ALL)?;
    engine.mem_map(u64::from(DATA), u64::from(LOOP_PAGES) * PAGE, Prot::ALL)?;
    engine.mem_write(u64::from(ENTRY), &code)?;
    let start = Moment::now();
    engine.emu_start(u64::from(ENTRY), u64::from(ENTRY) + code.len() as u64, 0, 0)?;
    let elapsed = start.elapsed();
    debug_assert_eq!(engine.reg_read(RegisterX86::ECX), Ok(0));
    Ok(elapsed)
}
