//! Clustered: pages that go out one after the other get neighbouring slots, as Linux does it for disks
//! that seek. The device is cut into clusters of `CLUSTER` slots; one is filled from its front to its
//! end, then the first one follows that is free as a whole. Only if none is, single free slots are taken,
//! the lowest first.
//!
//! # Invariants
//! `free` has the free slots of each cluster that was ever used. `whole` has the used clusters that
//! are completely free again, `broken` those that are partly free.

use std::collections::BTreeSet;

use super::{Slot, SlotAllocator, SlotAllocatorKind};

/// The number of slots in a cluster: one for each bit of [`Free`].
const CLUSTER: u32 = 8;

/// The free slots of a cluster as a bit mask, the first slot in the lowest bit.
type Free = u8;

/// The kind of this slot allocator.
pub const SLOT_ALLOCATOR: SlotAllocatorKind = SlotAllocatorKind {
    name: "clustered",
    about: "Neighbours for pages that go out one after the other, 8 by 8",
    build: |slots| Box::new(Clustered::new(slots)),
};

struct Clustered {
    slots: u32,
    free: Vec<Free>,
    whole: BTreeSet<u32>,
    broken: BTreeSet<u32>,
    /// The slot after the one allocated last.
    next: u32,
}

impl Clustered {
    fn new(slots: u32) -> Clustered {
        Clustered {
            slots,
            free: Vec::new(),
            whole: BTreeSet::new(),
            broken: BTreeSet::new(),
            next: 0,
        }
    }

    /// Returns the mask of all slots of a cluster; the last cluster of a device may be shorter.
    fn all_of(&self, cluster: u32) -> Free {
        let count = (self.slots - cluster * CLUSTER).min(CLUSTER);
        Free::MAX >> (CLUSTER - count)
    }

    /// Returns the next slot of the cluster that is being filled, if it is free.
    fn neighbour(&self) -> Option<u32> {
        let is_same_cluster = !self.next.is_multiple_of(CLUSTER);
        let free = self.free.get((self.next / CLUSTER) as usize)?;
        (is_same_cluster && free & bit(self.next) != 0).then_some(self.next)
    }

    /// Returns the first slot of the first cluster that is completely free.
    fn front_of_a_cluster(&mut self) -> Option<u32> {
        if let Some(cluster) = self.whole.first() {
            return Some(cluster * CLUSTER);
        }
        let cluster = self.free.len() as u32;
        let is_there = cluster < self.slots.div_ceil(CLUSTER);
        is_there.then(|| {
            self.free.push(0);
            self.set(cluster, self.all_of(cluster));
            cluster * CLUSTER
        })
    }

    /// Returns the lowest free slot of the clusters that are partly free.
    fn lowest(&self) -> Option<u32> {
        let cluster = self.broken.first()?;
        let place = self.free[*cluster as usize].trailing_zeros();
        Some(cluster * CLUSTER + place)
    }

    fn set(&mut self, cluster: u32, free: Free) {
        self.free[cluster as usize] = free;
        self.whole.remove(&cluster);
        self.broken.remove(&cluster);
        if free == self.all_of(cluster) {
            self.whole.insert(cluster);
        } else if free != 0 {
            self.broken.insert(cluster);
        }
    }
}

impl SlotAllocator for Clustered {
    fn take(&mut self) -> Option<Slot> {
        let slot = self
            .neighbour()
            .or_else(|| self.front_of_a_cluster())
            .or_else(|| self.lowest())?;
        let cluster = slot / CLUSTER;
        self.set(cluster, self.free[cluster as usize] & !bit(slot));
        self.next = slot + 1;
        Some(Slot::new(slot))
    }

    fn free(&mut self, slot: Slot) {
        let cluster = slot.number() / CLUSTER;
        let free = self.free[cluster as usize] | bit(slot.number());
        self.set(cluster, free);
    }
}

/// Returns the bit of a slot in the mask of its cluster.
fn bit(slot: u32) -> Free {
    1 << (slot % CLUSTER)
}
