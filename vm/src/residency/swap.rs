//! The swap table: which slot of the swap device holds which content.
//!
//! What always holds: a slot belongs to one content from the moment it is allocated, at eviction,
//! until that content is back in a frame or has lost its last user; a slot on which a write failed
//! is never used again. The last free slot is only lent for an exchange, so that a process can
//! always get back what it has in swap, however full that is. Which free slot a page gets is up to the
//! slot allocator ([`crate::slots`]), which is not trusted: a slot that it gives twice, or does not give
//! though it is free, is an assertion that fails.

use std::collections::BTreeSet;

use machine::addr::{Frame, PAGE_SIZE};
use machine::disk::{BlockDevice, DiskError, SECTOR_SIZE};
use machine::memory::{FrameBytes, PhysMemory};

use crate::ids::{ContentId, Slot};
use crate::slots::{SlotAllocator, SlotAllocatorKind};

const SECTORS_A_SLOT: u64 = PAGE_SIZE as u64 / SECTOR_SIZE as u64;

/// What a slot is wanted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotUse {
    /// To evict a page: the last free slot is not for this.
    Eviction,
    /// To evict a page so that another can be swapped in, which frees a slot right after.
    Exchange,
}

/// Why a content did not get to the swap device.
#[derive(Debug)]
pub enum SwapOutError {
    /// There is no slot for this use.
    Full,
    /// The device did not take it.
    Device(DiskError),
}

/// The slots of a swap device, and the device.
pub struct SwapTable {
    device: Box<dyn BlockDevice>,
    /// The slots up to the last one that was ever used.
    owners: Vec<Option<ContentId>>,
    allocator: Box<dyn SlotAllocator>,
    slots: u32,
    bad: BTreeSet<Slot>,
    in_use: u32,
}

impl SwapTable {
    /// A table with every whole slot that the device has room for.
    pub fn new(device: Box<dyn BlockDevice>, kind: SlotAllocatorKind) -> SwapTable {
        let slots = u32::try_from(device.sectors() / SECTORS_A_SLOT).unwrap_or(u32::MAX);
        SwapTable {
            device,
            owners: Vec::new(),
            allocator: (kind.build)(slots),
            slots,
            bad: BTreeSet::new(),
            in_use: 0,
        }
    }

    /// Slots in all.
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// Slots that hold a content.
    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Slots that evictions can fill: all that work, but the one for exchanges.
    pub fn most_evicted(&self) -> u32 {
        (self.slots - self.bad.len() as u32).saturating_sub(1)
    }

    /// Whether a slot can be had for this use.
    pub fn has_room(&self, slots: SlotUse) -> bool {
        let free = self.slots - self.bad.len() as u32 - self.in_use;
        match slots {
            SlotUse::Eviction => free > 1,
            SlotUse::Exchange => free > 0,
        }
    }

    /// The content in a slot.
    pub fn owner(&self, slot: Slot) -> Option<ContentId> {
        self.owners.get(slot.0 as usize).copied().flatten()
    }

    /// Slots that hold a content, in order, with the content.
    pub fn used(&self) -> impl Iterator<Item = (Slot, ContentId)> + '_ {
        let numbered = (0..).map(Slot).zip(&self.owners);
        numbered.filter_map(|(slot, owner)| Some((slot, (*owner)?)))
    }

    /// Writes a frame to a slot for `content`. On an error nothing has changed but that the slot
    /// it was tried on is given up for good.
    pub(super) fn write(
        &mut self,
        memory: &PhysMemory,
        frame: Frame,
        content: ContentId,
        slots: SlotUse,
    ) -> Result<Slot, SwapOutError> {
        let slot = self.take_slot(slots).ok_or(SwapOutError::Full)?;
        let device = &mut self.device;
        let written = memory.with_frame(frame, |bytes| device.write(first_sector(slot), bytes));
        if let Err(error) = written {
            self.bad.insert(slot);
            return Err(SwapOutError::Device(error));
        }
        self.owners[slot.0 as usize] = Some(content);
        self.in_use += 1;
        Ok(slot)
    }

    /// Reads a slot into a frame. The slot stays in use.
    pub(super) fn read(
        &mut self,
        slot: Slot,
        memory: &PhysMemory,
        frame: Frame,
    ) -> Result<(), DiskError> {
        memory.with_frame_mut(frame, |bytes| self.device.read(first_sector(slot), bytes))
    }

    /// What a slot in use holds. The slot stays as it is.
    pub(super) fn peek(&mut self, slot: Slot, to: &mut FrameBytes) -> Result<(), DiskError> {
        self.device.read(first_sector(slot), to)
    }

    /// Frees a slot in use.
    pub(super) fn release(&mut self, slot: Slot) {
        let owner = self.owners[slot.0 as usize].take();
        assert!(owner.is_some(), "slot {slot} is freed twice");
        self.allocator.free(slot);
        self.in_use -= 1;
    }

    /// Checks that every slot is in use, free or bad.
    pub(super) fn check(&self) {
        let owned = self.owners.iter().flatten().count() as u32;
        assert_eq!(owned, self.in_use, "slots in use");
        assert!(
            self.owners.len() <= self.slots as usize,
            "slots behind the end"
        );
        for slot in &self.bad {
            assert_eq!(self.owner(*slot), None, "slot {slot} is bad and in use");
        }
    }

    fn take_slot(&mut self, slots: SlotUse) -> Option<Slot> {
        if !self.has_room(slots) {
            return None;
        }
        let slot = self.allocator.take().expect("there is a free slot");
        let is_free =
            slot.0 < self.slots && self.owner(slot).is_none() && !self.bad.contains(&slot);
        assert!(is_free, "slot {slot} is not free");
        let used = self.owners.len().max(slot.0 as usize + 1);
        self.owners.resize(used, None);
        Some(slot)
    }
}

fn first_sector(slot: Slot) -> u64 {
    u64::from(slot.0) * SECTORS_A_SLOT
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use machine::disk::MemoryDisk;
    use proptest::prelude::*;

    use super::*;
    use crate::ids::{Owner, User};
    use crate::residency::content::{Contents, Kind, Place};
    use crate::slots::SLOT_ALLOCATORS;
    use crate::space::address_space::{AddressSpace, Spaces};

    const SLOTS: u32 = 6;

    /// Ids of contents, which a test of slots alone has to get somewhere.
    fn ids(count: usize) -> Vec<ContentId> {
        let layout = machine::layout::Layout::new(1);
        let memory = PhysMemory::new(layout.total_frames()).unwrap();
        let mut tables = machine::paging::PageTables::new(memory, layout);
        let directory = tables.create().unwrap();
        let space = Spaces::default().add(AddressSpace::new(Owner(1), directory));
        let mut contents = Contents::default();
        let page = machine::addr::Page::new(1);
        let mut id = || {
            let place = Place::Frame(Frame::new(0));
            contents.add(
                place,
                Kind::Private { pristine: false },
                User { space, page },
            )
        };
        (0..count).map(|_| id()).collect()
    }

    proptest! {
        /// Writes (true) of new contents and releases of old ones, against a map from slots to
        /// what they should hold.
        #[test]
        fn slots_hold_what_was_written_and_the_last_is_only_for_an_exchange(
            kind in prop::sample::select(SLOT_ALLOCATORS.all()),
            steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<prop::sample::Index>()), 1..80)
        ) {
            let memory = PhysMemory::new(2).unwrap();
            let (from, to) = (Frame::new(0), Frame::new(1));
            let mut table = SwapTable::new(Box::new(MemoryDisk::new(u64::from(SLOTS) * 8)), kind);
            let mut model: BTreeMap<Slot, (ContentId, u32)> = BTreeMap::new();
            let ids = ids(steps.len());
            for (number, (write, exchange, index)) in steps.into_iter().enumerate() {
                let (id, mark) = (ids[number], number as u32);
                if write {
                    memory.write_u32(from.start(), mark);
                    let slots = if exchange { SlotUse::Exchange } else { SlotUse::Eviction };
                    let room = SLOTS - u32::from(!exchange);
                    let written = table.write(&memory, from, id, slots);
                    prop_assert_eq!(written.is_ok(), (model.len() as u32) < room);
                    if let Ok(slot) = written {
                        prop_assert!(model.insert(slot, (id, mark)).is_none(), "used twice");
                    }
                } else if !model.is_empty() {
                    let slot = *model.keys().nth(index.index(model.len())).unwrap();
                    table.read(slot, &memory, to).unwrap();
                    prop_assert_eq!(memory.read_u32(to.start()), model[&slot].1);
                    table.release(slot);
                    model.remove(&slot);
                }
                table.check();
                let held: Vec<_> = table.used().collect();
                let expected: Vec<_> = model.iter().map(|(slot, (id, _))| (*slot, *id)).collect();
                prop_assert_eq!(held, expected);
                prop_assert_eq!(table.in_use(), model.len() as u32);
            }
        }
    }

    /// Gives what it is told to, as a slot allocator with a mistake does.
    struct Gives(Option<u32>);

    impl SlotAllocator for Gives {
        fn take(&mut self) -> Option<Slot> {
            self.0.map(Slot::new)
        }

        fn free(&mut self, _: Slot) {}
    }

    fn write_twice(build: crate::slots::BuildSlotAllocator) {
        let kind = SlotAllocatorKind {
            name: "wrong",
            about: "",
            build,
        };
        let memory = PhysMemory::new(1).unwrap();
        let mut table = SwapTable::new(Box::new(MemoryDisk::new(u64::from(SLOTS) * 8)), kind);
        for id in ids(2) {
            let written = table.write(&memory, Frame::new(0), id, SlotUse::Eviction);
            written.expect("there is room");
        }
    }

    #[test]
    #[should_panic(expected = "slot 3 is not free")]
    fn an_allocator_that_gives_a_slot_twice_is_found_out() {
        write_twice(|_| Box::new(Gives(Some(3))));
    }

    #[test]
    #[should_panic(expected = "slot 6 is not free")]
    fn an_allocator_that_gives_a_slot_behind_the_end_is_found_out() {
        write_twice(|slots| Box::new(Gives(Some(slots))));
    }

    #[test]
    #[should_panic(expected = "there is a free slot")]
    fn an_allocator_that_keeps_a_free_slot_to_itself_is_found_out() {
        write_twice(|_| Box::new(Gives(None)));
    }
}
