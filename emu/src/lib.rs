//! The emulated i386: RAM, page tables, the MMU walk, the TLB, the CPU and disks.
//!
//! This crate knows no processes and no pages' contents; it is the hardware. What a kernel does
//! with it is one loop: [`cpu::Cpu::run`] a program, deal with the [`exit::Exit`], go on.

mod accesses;
pub mod addr;
mod boot;
mod code;
pub mod context;
mod corrected;
mod counter;
pub mod cpu;
pub mod debug;
mod decoded;
pub mod disk;
mod engine;
pub mod exception;
pub mod exit;
mod fill;
pub mod float;
mod hooks;
mod interrupt;
pub mod layout;
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
