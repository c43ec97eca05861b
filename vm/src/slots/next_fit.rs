//! Next fit: the first free slot after the one that was allocated last, starting again at the front
//! after the end. A freed slot is not reused until the search has gone round the device, so pages
//! that are evicted in sequence mostly get consecutive slots.
//!
//! # Invariants
//! A slot is in use, in `freed`, or was never used. The unused ones come after all others.

use std::collections::BTreeSet;

use super::{Slot, SlotAllocator, SlotAllocatorKind};

/// The kind of this slot allocator.
pub const SLOT_ALLOCATOR: SlotAllocatorKind = SlotAllocatorKind {
    name: "next-fit",
    about: "The next free slot behind the one taken last, round and round",
    build: |slots| Box::new(NextFit::new(slots)),
};

struct NextFit {
    /// Free slots that were used before.
    freed: BTreeSet<Slot>,
    /// Slots that were never used, in order.
    fresh: std::ops::Range<u32>,
    /// Where the search continues: the slot after the one allocated last.
    next: Slot,
}

impl NextFit {
    fn new(slots: u32) -> NextFit {
        NextFit {
            freed: BTreeSet::new(),
            fresh: 0..slots,
            next: Slot::new(0),
        }
    }
}

impl SlotAllocator for NextFit {
    fn take(&mut self) -> Option<Slot> {
        let behind = self.freed.range(self.next..).next().copied();
        let slot = behind
            .or_else(|| self.fresh.next().map(Slot::new))
            .or_else(|| self.freed.first().copied())?;
        self.freed.remove(&slot);
        self.next = Slot::new(slot.number() + 1);
        Some(slot)
    }

    fn free(&mut self, slot: Slot) {
        self.freed.insert(slot);
    }
}
