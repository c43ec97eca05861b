//! First free: the free slot of the lowest number, as the bitmap in Pintos finds it. What is in use
//! stays together at the front of the device.
//!
//! # Invariants
//! A slot is in use, among the freed, or was never used; those that never were are all behind those
//! that were, so the lowest freed one is the lowest of all.

use std::collections::BTreeSet;

use super::{Slot, SlotAllocator, SlotAllocatorKind};

/// The kind of this slot allocator.
pub const SLOT_ALLOCATOR: SlotAllocatorKind = SlotAllocatorKind {
    name: "first-free",
    about: "The free slot of the lowest number",
    build: |slots| Box::new(FirstFree::new(slots)),
};

struct FirstFree {
    /// Free slots that were used before.
    freed: BTreeSet<Slot>,
    /// Slots that were never used, in order.
    fresh: std::ops::Range<u32>,
}

impl FirstFree {
    fn new(slots: u32) -> FirstFree {
        FirstFree {
            freed: BTreeSet::new(),
            fresh: 0..slots,
        }
    }
}

impl SlotAllocator for FirstFree {
    fn take(&mut self) -> Option<Slot> {
        let freed = self.freed.pop_first();
        freed.or_else(|| self.fresh.next().map(Slot::new))
    }

    fn free(&mut self, slot: Slot) {
        self.freed.insert(slot);
    }
}
