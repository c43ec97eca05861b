//! The emulated i386: RAM, page tables, the MMU walk, the TLB, the CPU and disks.
//!
//! This crate knows no processes and no pages' contents; it is the hardware. What a kernel does
//! with it is one loop: [`cpu::Cpu::run`] a program, deal with the [`exit::Exit`], go on.

pub mod addr;
mod boot;
mod code;
pub mod context;
mod counter;
pub mod cpu;
mod cuts;
pub mod debug;
mod decoded;
pub mod disk;
mod engine;
pub mod exception;
pub mod exit;
mod exit_checks;
mod fault_addr;
mod fill;
mod flags;
pub mod float;
mod hazard;
mod hooks;
mod interrupt;
pub mod layout;
mod long_block;
pub mod memory;
mod miss;
pub mod mmu;
pub mod paging;
pub mod pte;
pub mod registers;
mod run;
mod shared;
mod step;
pub mod tlb;
pub mod touched;
pub mod work;
