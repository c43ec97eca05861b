//! The machine without its CPU: RAM, the page tables in it, the MMU's walk, the TLB and disks.
//!
//! This crate knows no processes and no pages' contents; it is the hardware. There is no emulator in
//! it: the CPU, crate `cpu`, walks the page tables with [`mmu::translate`] and flushes what [`tlb::Tlb`]
//! tells it to. A kernel's virtual memory needs no more than this, and so is built and tested without
//! the emulator.

pub mod addr;
pub mod disk;
pub mod layout;
pub mod memory;
pub mod mmu;
pub mod paging;
pub mod pte;
pub mod tlb;
pub mod work;
