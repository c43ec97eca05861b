//! `vmlab run --gdb`: a run under gdb's remote protocol.
//!
//! To gdb the machine is one program with threads: each process is a thread, named after its
//! program. The protocol itself is crate `gdbstub`'s; this module says what its requests mean.
//!
//! # Invariants
//!
//! - A run that is only looked at does what it would do without a debugger: no page is faulted in,
//!   no accessed or dirty bit set, no work counted ([`cpu::debug`], [`vm::Vm::peek`]).
//! - The socket is read while the machine stands still, and asked for Ctrl-C between two pauses of
//!   a machine that runs, never from inside it.
//! - Going back is running again from the start ([`reverse`]): what the guest was given on its
//!   keyboard it is given again, and what it printed is not printed twice ([`tape`]).
//!
//! # Where to read
//! [`listen`] has the address, [`session`] the loop; [`target`], [`memory`], [`stops`] and [`files`]
//! answer requests; [`machine`] is the machine that can start anew; [`monitor`] has the commands
//! of ours, [`watching`] what they say of the past.

mod breakpoints;
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
