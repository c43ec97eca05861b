//! The machine without its CPU: RAM, page tables, the page-table walk, TLB invalidation and disks.
//!
//! This crate is the hardware: it knows neither processes nor the contents of pages. It does not
//! contain the emulator: the CPU, crate `cpu`, walks the page tables with [`mmu::translate`] and
//! invalidates what [`tlb::Tlb`] lists. The virtual memory of a kernel needs no more than this, so
//! it is built and tested without the emulator.

pub mod addr;
pub mod disk;
pub mod layout;
pub mod memory;
pub mod mmu;
pub mod paging;
pub mod pte;
pub mod random;
pub mod tlb;
pub mod work;
