//! First free: the free slot with the lowest number, like `bitmap_scan` in Pintos. The slots in use
//! stay together at the front of the device.
//!
//! # Invariants
//! A slot is in use, in `freed`, or was never used. The unused ones come after all others, so the
//! lowest one in `freed` is the lowest free slot.

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
