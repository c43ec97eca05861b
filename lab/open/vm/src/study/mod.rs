//! Studies of runs: reference strings, simulated policies, OPT and LRU.

pub mod optimum;
pub mod reference_string;
mod shortened;
pub mod simulator;
pub mod touches;
