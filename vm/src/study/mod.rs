//! Studies of runs: reference strings, simulated policies, OPT and LRU.

pub mod optimum;
pub(crate) mod recording;
pub mod reference_string;
mod shortened;
pub mod simulator;
pub mod touches;
