//! What it takes to enter the kernel where its half is isolated (KPTI).
//!
//! # Invariants
//! The kernel then runs on the directory with both halves, and ring 3 on its own. CR3 is loaded on the way
//! in and on the way back, and each time the TLB is empty afterwards: nothing in it is global, and there
//! are no process-context identifiers. A stop for a debugger is no way into the kernel.

use machine::mmu::Ring;
use machine::paging::KernelHalf;
use machine::tlb::Tlb;

use crate::cpu::Cpu;

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

    fn go_to(&mut self, ring: Ring, tlb: &Tlb) {
        if self.half == KernelHalf::Isolated && self.ring != ring {
            self.ring = ring;
            self.flushes += 1;
            tlb.flush_everything();
        }
    }
}

impl Cpu {
    /// The kernel begins to deal with what stopped the program, on the directory that has its own half.
    /// The way back comes with the next [`Cpu::run`].
    pub fn enter_kernel(&mut self) {
        self.isolation.go_to(Ring::Kernel, &self.tlb);
    }

    pub(crate) fn return_to_ring_3(&mut self) {
        self.isolation.go_to(Ring::User, &self.tlb);
    }

    /// How often the TLB was flushed because the kernel's half is isolated: twice each time that the
    /// kernel was entered, on the way in and on the way back. 0 if that half is shared.
    pub fn kpti_flushes(&self) -> u64 {
        self.isolation.flushes
    }
}
