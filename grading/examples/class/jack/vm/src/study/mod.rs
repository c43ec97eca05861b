//! What a run can teach: reference strings, policies without a machine, OPT and LRU.

pub mod optimum;
pub mod recording;
pub mod reference_string;
mod shortened;
pub mod simulator;
pub mod touches;
