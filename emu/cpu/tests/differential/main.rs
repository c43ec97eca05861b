//! Every form of instruction, with its operands on pages in every state.
//!
//! - `page_states`: it does the same whatever state its pages are in, and if they are never present
//!   nothing of it is visible.
//! - `host`: it does what the host's own CPU does.
//! - `validity`: what is not an instruction of this CPU model is invalid.
//! - `random_programs`: no program breaks the machine, and each does the same in single steps;
//!   `kept_programs` has those that once did not.
//!
//! `VMLAB_SEED` and `VMLAB_DIFFERENTIAL_ROUNDS` select other cases and more of them.

mod case;
mod compare;
mod emulated;
mod forms;
mod host;
mod kept_programs;
mod native;
mod one_space;
mod outcome;
mod page_states;
mod pages;
mod program_machine;
mod programs;
mod random_programs;
mod runner;
mod validity;
mod values;

use bare::Random;
use values::FXSAVE;

/// The number of initial x87 and SSE states.
const FLOATS: usize = 64;

/// Returns a number from the environment.
fn setting(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => usual,
    }
}

/// Returns the initial x87 and SSE states of cases.
fn floats(random: &mut Random) -> Vec<[u8; FXSAVE]> {
    (0..FLOATS).map(|_| values::fxsave(random)).collect()
}
