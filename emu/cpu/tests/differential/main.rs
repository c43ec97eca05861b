//! Every form of instruction, with its operands on pages in every state.
//!
//! - `page_states`: it does the same whatever state its pages are in, and when they are never
//!   there nothing of it is visible.
//! - `host`: it does what the host's own CPU does.
//! - `validity`: what is no instruction of this CPU model is none.
//! - `random_programs`: whatever a program is, it harms nobody, and does the same run one instruction
//!   after the other; `kept_programs` has those that did not.
//!
//! `VMLAB_SEED` and `VMLAB_DIFFERENTIAL_ROUNDS` make other cases and more of them.

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

/// How many x87 and SSE states there are to start with.
const FLOATS: usize = 64;

/// A number from the environment.
fn setting(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => usual,
    }
}

/// The x87 and SSE states that cases start with.
fn floats(random: &mut Random) -> Vec<[u8; FXSAVE]> {
    (0..FLOATS).map(|_| values::fxsave(random)).collect()
}
