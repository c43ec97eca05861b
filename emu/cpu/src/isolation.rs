//! What it takes to enter the kernel where its half is isolated (KPTI).
//!
//! # Invariants
//! The kernel then runs on the directory with both halves, and ring 3 on its own. CR3 is loaded on the way
//! in and on the way back, and each time the TLB is empty afterwards: nothing in it is global, and there
//! are no process-context identifiers. A stop for a debugger is no way into the kernel.

use machine::mmu::Ring;
use machine::paging::KernelHalf;
use machine::tlb::Tlb;

/// On whose directory the machine runs, and how often that has changed.
pub(crate) struct Isolation {
    half: KernelHalf,
    ring: Ring,
    flushes: u64,
}

impl Isolation {
    /// Of a machine that has just booted: its kernel runs.
    pub fn new(half: KernelHalf) -> Isolation {
        Isolation {
            half,
            ring: Ring::Kernel,
            flushes: 0,
        }
    }

    /// Goes on by the directory of a ring.
    pub fn go_to(&mut self, ring: Ring, tlb: &Tlb) {
        if self.half == KernelHalf::Isolated && self.ring != ring {
            self.ring = ring;
            self.flushes += 1;
            tlb.flush_everything();
        }
    }

    /// How often the TLB was flushed for it.
    pub fn flushes(&self) -> u64 {
        self.flushes
    }
}
