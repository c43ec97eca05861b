//! Studies of runs: reference strings, simulated policies, OPT and LRU.

#[path = "../../../../../vm/src/study/optimum.rs"]
pub mod optimum;
#[path = "../../../../../vm/src/study/reference_string.rs"]
pub mod reference_string;
#[path = "../../../../../vm/src/study/shortened.rs"]
mod shortened;
#[path = "../../../../../vm/src/study/simulator.rs"]
pub mod simulator;
#[path = "../../../../../vm/src/study/touches.rs"]
pub mod touches;
