//! What the TLB may hold that the page tables no longer say.
//!
//! What always holds: a [`Flush`] noted here that concerns the address space the CPU is in makes
//! the CPU flush before it resumes; one that concerns another space needs nothing, since the CPU
//! flushes whenever it changes spaces. The emulator can only flush as a whole, so one mark
//! stands for any number of changes.

use std::cell::Cell;
use std::rc::Rc;

use crate::addr::Frame;
use crate::paging::{Flush, Scope};

/// The mark "flush before resuming", shared by the CPU and whoever changes page tables.
#[derive(Clone, Default)]
pub struct Tlb(Rc<State>);

#[derive(Default)]
struct State {
    current: Cell<Option<Frame>>,
    pending: Cell<bool>,
}

impl Tlb {
    /// Takes note of a changed entry.
    #[inline]
    pub fn note(&self, flush: Flush) {
        let concerns_cpu = match flush.0 {
            None => false,
            Some(Scope::AllSpaces) => true,
            Some(Scope::Space(root)) => self.0.current.get() == Some(root),
        };
        if concerns_cpu {
            self.0.pending.set(true);
        }
    }

    /// The CPU's address space is now the one with this root directory.
    pub fn switch_to(&self, root: Frame) {
        if self.0.current.replace(Some(root)) != Some(root) {
            self.0.pending.set(true);
        }
    }

    /// Whether a flush is due; the caller does it.
    pub fn take_pending(&self) -> bool {
        self.0.pending.take()
    }
}
