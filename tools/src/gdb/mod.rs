//! `vmlab run --gdb`: a run under gdb's remote protocol.
//!
//! To gdb the machine is one program with threads: each process is a thread, named after its
//! program. The protocol itself is crate `gdbstub`'s; this module says what its requests mean.
//!
//! # Invariants
//!
//! - Inspection does not change a run: no page is faulted in, no accessed or dirty bit is set, no
//!   work is counted ([`cpu::debug`], [`vm::Vm::peek`]).
//! - The socket is read while the machine is stopped. While it runs, it pauses from time to time and
//!   the socket is polled for Ctrl-C; this never happens inside the emulator.
//! - Reverse execution runs again from the start ([`reverse`]): the guest reads the same keyboard
//!   input again, and its output is not printed twice ([`tape`]).
//!
//! # Where to read
//! [`listen`] has the address, [`session`] the loop; [`target`], [`memory`], [`stops`] and [`files`]
//! answer requests, [`description`] has the registers; [`machine`] is the machine that can be restarted; [`monitor`] has our own
//! commands, [`watching`] the past events that they show.

mod breakpoints;
mod description;
mod files;
mod host_io;
pub mod listen;
mod machine;
mod memory;
mod monitor;
mod position;
mod reverse;
mod session;
mod stops;
mod tape;
mod target;
mod watching;

pub use machine::Origin;
pub use session::run;
