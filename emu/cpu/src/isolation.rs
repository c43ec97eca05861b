//! The cost of entering the kernel where its half is isolated (KPTI).
//!
//! # Invariants
//! The kernel then runs on the directory with both halves, and ring 3 on its own. CR3 is loaded on the way
//! in and on the way back, and each load empties the TLB: no entry is global, and there are no
//! process-context identifiers. A stop for a debugger does not enter the kernel.

use machine::mmu::Ring;
use machine::paging::KernelHalf;
use machine::tlb::Tlb;

/// The directory on which the machine runs, and the number of changes.
#[derive(Debug)]
pub(crate) struct Isolation {
    half: KernelHalf,
    ring: Ring,
    flushes: u64,
}

impl Isolation {
    /// Creates the state of a machine that has just booted: its kernel runs.
    pub(crate) fn new(half: KernelHalf) -> Isolation {
        Isolation {
            half,
            ring: Ring::Kernel,
            flushes: 0,
        }
    }

    /// Switches to the directory of a ring.
    pub(crate) fn go_to(&mut self, ring: Ring, tlb: &Tlb) {
        if self.half == KernelHalf::Isolated && self.ring != ring {
            self.ring = ring;
            self.flushes += 1;
            // The CPU's CR3 stays: the emulator only runs ring 3, so the flush is all that differs.
            tlb.flush_everything();
        }
    }

    /// Returns the number of TLB flushes for it.
    pub(crate) fn flushes(&self) -> u64 {
        self.flushes
    }
}
