//! Last freed: the slot that was freed last, or the first unused one if none was freed. A stack,
//! which needs no search.
//!
//! # Invariants
//! A slot is in use, on the stack once, or was never used. The unused ones come after all others.

use super::{Slot, SlotAllocator, SlotAllocatorKind};

/// The kind of this slot allocator.
pub const SLOT_ALLOCATOR: SlotAllocatorKind = SlotAllocatorKind {
    name: "last-freed",
    about: "The slot that was freed last; before any was, the next one",
    build: |slots| Box::new(LastFreed::new(slots)),
};

struct LastFreed {
    /// Free slots that were used before, the last freed on top.
    freed: Vec<Slot>,
    /// Slots that were never used, in order.
    fresh: std::ops::Range<u32>,
}

impl LastFreed {
    fn new(slots: u32) -> LastFreed {
        LastFreed {
            freed: Vec::new(),
            fresh: 0..slots,
        }
    }
}

impl SlotAllocator for LastFreed {
    fn take(&mut self) -> Option<Slot> {
        let freed = self.freed.pop();
        freed.or_else(|| self.fresh.next().map(Slot::new))
    }

    fn free(&mut self, slot: Slot) {
        self.freed.push(slot);
    }
}
