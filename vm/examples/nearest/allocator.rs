//! Takes the free slot nearest to the arm of the disk, the lower one of two. The arm is where the
//! disk last read or wrote: at the slot allocated last, or at one freed since, as a slot is mostly
//! freed when its page has been read.
//!
//! # Invariants
//! A slot is in use, in `freed`, or was never used. The unused ones come after all others.

use std::collections::BTreeSet;
use std::ops::Range;

use vm::slots::{Slot, SlotAllocator, SlotAllocatorKind};

/// The kind of this slot allocator.
pub(crate) const SLOT_ALLOCATOR: SlotAllocatorKind = SlotAllocatorKind {
    name: "nearest",
    about: "The free slot nearest to where the disk was last used",
    build: |slots| Box::new(Nearest::new(slots)),
};

struct Nearest {
    /// Free slots that were used before.
    freed: BTreeSet<Slot>,
    /// Slots that were never used, in order.
    fresh: Range<u32>,
    arm: Slot,
}

impl Nearest {
    fn new(slots: u32) -> Nearest {
        Nearest {
            freed: BTreeSet::new(),
            fresh: 0..slots,
            arm: Slot::new(0),
        }
    }
}

impl SlotAllocator for Nearest {
    fn take(&mut self) -> Option<Slot> {
        let below = self.freed.range(..=self.arm).next_back().copied();
        let above = self.freed.range(self.arm..).next().copied();
        let fresh = self.fresh.clone().next().map(Slot::new);
        let distance = |slot: &Slot| slot.number().abs_diff(self.arm.number());
        // Among equals `min_by_key` takes the first.
        let candidates = [below, above, fresh].into_iter().flatten();
        let slot = candidates.min_by_key(distance)?;
        if !self.freed.remove(&slot) {
            self.fresh.start += 1;
        }
        self.arm = slot;
        Some(slot)
    }

    fn free(&mut self, slot: Slot) {
        self.freed.insert(slot);
        self.arm = slot;
    }
}
