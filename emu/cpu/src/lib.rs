//! The CPU of the emulated i386, which runs programs in ring 3 on the RAM and page tables of crate
//! `machine`.
//!
//! This crate knows no processes. A kernel uses it in one loop: [`Cpu::run`] a program, handle the
//! [`exit::Exit`], continue.

mod accesses;
mod boot;
mod code;
pub mod context;
mod corrected;
mod counter;
mod cpu;
pub mod debug;
mod decoded;
mod engine;
mod error;
pub mod exception;
pub mod exit;
mod fill;
pub mod float;
mod hooks;
mod interrupt;
mod isolation;
mod miss;
pub mod registers;
mod run;
mod shared;
mod step;
pub mod tls;
pub mod touched;
mod watch;
mod wishes;

pub use self::cpu::Cpu;
pub use self::error::CpuError;
pub use self::fill::{Fill, FillListener};
pub use self::interrupt::SyscallGate;
