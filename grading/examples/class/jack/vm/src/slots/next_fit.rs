//! Next fit: the first free slot behind the one that was taken last, and from the front again behind the
//! end. A slot that was freed rests while the search goes round the device, so what is evicted one after
//! the other mostly lies one behind the other.
//!
//! # Invariants
//! A slot is in use, among the freed, or was never used; those that never were are all behind those
//! that were.

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
    /// Where the search goes on: the slot behind the one taken last.
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
