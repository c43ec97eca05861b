//! The swap table: which slot of the swap device holds which content.
//!
//! # Invariants
//!
//! A slot belongs to one content from its allocation, at eviction, until that content is back in a
//! frame or has lost its last user. A slot on which a write failed is never used again. A content
//! that is back in a frame may leave a copy in its slot, so that it need not be written again
//! unless it is stored to: the swap cache. A slot with a copy counts as free, and is reused when no
//! other slot is left, so copies never make swap full. The last free slot is reserved for an
//! exchange, so that a process can always swap in its pages, however full swap is. The slot
//! allocator ([`crate::slots`]) chooses among free slots and is not trusted: an assertion fails if
//! it returns a slot twice, or none although one is free.

use std::collections::{BTreeMap, BTreeSet};

use machine::addr::{Frame, PAGE_SIZE};
use machine::disk::{BlockDevice, DiskError, SECTOR_SIZE};
use machine::memory::{FrameBytes, PhysMemory};

use crate::ids::Slot;
use crate::slots::{SlotAllocator, SlotAllocatorKind};
use crate::space::spt::ContentId;

const SECTORS_A_SLOT: u64 = PAGE_SIZE as u64 / SECTOR_SIZE as u64;

/// What a slot is needed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotUse {
    /// To evict a page: the last free slot is not available for this.
    Eviction,
    /// To evict a page so that another can be swapped in, which frees a slot right after.
    Exchange,
}

/// Why a content could not be swapped out.
#[derive(Debug)]
pub enum SwapOutError {
    /// No slot is available for this use.
    Full,
    /// The device failed.
    Device(DiskError),
}

/// What a slot is for a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Held {
    /// Its place.
    Place(ContentId),
    /// A copy of it, which is valid until it is stored to; the content is in a frame.
    Copy(ContentId),
}

/// The slots of a swap device, and the device.
pub struct SwapTable {
    device: Box<dyn BlockDevice>,
    /// The slots up to the highest one that was ever used.
    held: Vec<Option<Held>>,
    /// The swap cache: slots with copies, by content.
    copies: BTreeMap<ContentId, Slot>,
    allocator: Box<dyn SlotAllocator>,
    slots: u32,
    bad: BTreeSet<Slot>,
    in_use: u32,
}

impl std::fmt::Debug for SwapTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SwapTable").finish_non_exhaustive()
    }
}

impl SwapTable {
    /// Creates a table with as many slots as fit on the device.
    #[must_use]
    pub fn new(device: Box<dyn BlockDevice>, kind: SlotAllocatorKind) -> SwapTable {
        let slots = u32::try_from(device.sectors() / SECTORS_A_SLOT).unwrap_or(u32::MAX);
        SwapTable {
            device,
            held: Vec::new(),
            copies: BTreeMap::new(),
            allocator: (kind.build)(slots),
            slots,
            bad: BTreeSet::new(),
            in_use: 0,
        }
    }

    /// Returns the number of slots.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// Returns the number of slots in use: those that are a content's place.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Returns the number of slots that evictions can fill: all good ones but the one for
    /// exchanges.
    #[must_use]
    pub fn most_evicted(&self) -> u32 {
        (self.slots - self.bad.len() as u32).saturating_sub(1)
    }

    /// Returns whether a slot is available for this use.
    ///
    /// # Contract
    /// - After: nothing has changed. Bad slots and those in use do not count; the last free one counts
    ///   for an exchange alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use machine::disk::MemoryDisk;
    /// use vm::SlotAllocatorKind;
    /// use vm::swap::{SlotUse, SwapTable};
    ///
    /// // A device with one slot: it can only be lent for an exchange.
    /// let device = Box::new(MemoryDisk::new(8));
    /// let table = SwapTable::new(device, SlotAllocatorKind::default());
    /// assert_eq!((table.slots(), table.most_evicted()), (1, 0));
    /// assert!(!table.has_room(SlotUse::Eviction));
    /// assert!(table.has_room(SlotUse::Exchange));
    /// ```
    #[must_use]
    pub fn has_room(&self, slots: SlotUse) -> bool {
        match slots {
            SlotUse::Eviction => self.free() > 1,
            SlotUse::Exchange => self.free() > 0,
        }
    }

    /// Returns the content whose place a slot is.
    #[must_use]
    pub fn owner(&self, slot: Slot) -> Option<ContentId> {
        match self.held(slot) {
            Some(Held::Place(content)) => Some(content),
            Some(Held::Copy(_)) | None => None,
        }
    }

    /// Returns the slots in use, in order, with their contents.
    pub fn used(&self) -> impl Iterator<Item = (Slot, ContentId)> + '_ {
        let numbered = (0..).map(Slot).zip(&self.held);
        numbered.filter_map(|(slot, held)| match held {
            Some(Held::Place(content)) => Some((slot, *content)),
            Some(Held::Copy(_)) | None => None,
        })
    }

    /// Returns the swap cache: contents that are in frames, with the slots that have their copies.
    pub fn copies(&self) -> impl Iterator<Item = (ContentId, Slot)> + '_ {
        self.copies.iter().map(|(content, slot)| (*content, *slot))
    }

    /// Returns the slot that has a copy of a content, as it was at its swap-in.
    #[must_use]
    pub fn copy_of(&self, content: ContentId) -> Option<Slot> {
        self.copies.get(&content).copied()
    }

    /// Writes a frame to a slot for `content`. On an error nothing has changed, except that the
    /// slot that failed is never used again.
    ///
    /// # Contract
    /// - Before: `content` is in `frame`, and no slot has a copy of it.
    /// - After: the slot holds the bytes of the frame, belongs to `content` and counts as in use. If the
    ///   device failed, the slot is bad: it was taken from the allocator and is never given back.
    pub(super) fn write(
        &mut self,
        memory: &PhysMemory,
        frame: Frame,
        content: ContentId,
        slots: SlotUse,
    ) -> Result<Slot, SwapOutError> {
        // lab 4.5: write a frame to a slot
        let slot = self.take_slot(slots).ok_or(SwapOutError::Full)?;
        let device = &mut self.device;
        let written = memory.with_frame(frame, |bytes| device.write(first_sector(slot), bytes));
        if let Err(error) = written {
            // Not given back: the allocator would offer it to the next victim.
            self.bad.insert(slot);
            return Err(SwapOutError::Device(error));
        }
        self.held[slot.0 as usize] = Some(Held::Place(content));
        self.in_use += 1;
        Ok(slot)
        // lab end
    }

    /// Turns a slot that was a content's place into a copy, because the content is in a frame now.
    pub(super) fn keep_copy(&mut self, slot: Slot) {
        let content = self.owner(slot).expect("a content is in the slot");
        self.held[slot.0 as usize] = Some(Held::Copy(content));
        self.in_use -= 1;
        self.copies.insert(content, slot);
    }

    /// Makes the slot that has a valid copy of a content its place again.
    ///
    /// # Errors
    /// [`SwapOutError::Full`]; nothing has changed.
    ///
    /// # Panics
    /// If there is no copy.
    pub(super) fn return_to_copy(
        &mut self,
        content: ContentId,
        slots: SlotUse,
    ) -> Result<Slot, SwapOutError> {
        // A copy counts as free, so returning to it takes a slot as any eviction does.
        if !self.has_room(slots) {
            return Err(SwapOutError::Full);
        }
        let slot = self.copies.remove(&content).expect("there is a copy");
        self.held[slot.0 as usize] = Some(Held::Place(content));
        self.in_use += 1;
        Ok(slot)
    }

    /// Frees the slot that has a copy of a content, if there is one.
    pub(super) fn drop_copy(&mut self, content: ContentId) {
        if let Some(slot) = self.copies.remove(&content) {
            self.held[slot.0 as usize] = None;
            self.allocator.free(slot);
        }
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

    /// Reads a slot in use for an inspector. The slot stays as it is.
    pub(super) fn peek(&mut self, slot: Slot, to: &mut FrameBytes) -> Result<(), DiskError> {
        self.device.read(first_sector(slot), to)
    }

    /// Frees a slot in use.
    ///
    /// # Contract
    /// - Before: the slot holds a content that is in a frame by now or that has no user any more.
    /// - After: the slot has no owner, the allocator may return it again, one slot less is in use.
    ///
    /// # Panics
    /// If the slot is not in use.
    pub(super) fn release(&mut self, slot: Slot) {
        assert!(self.owner(slot).is_some(), "slot {slot} is freed twice");
        self.held[slot.0 as usize] = None;
        self.allocator.free(slot);
        self.in_use -= 1;
    }

    /// Checks that every slot is in use, has a copy, is free or is bad.
    pub(super) fn check(&self) {
        assert_eq!(self.used().count() as u32, self.in_use, "slots in use");
        assert!(
            self.held.len() <= self.slots as usize,
            "slots behind the end"
        );
        for slot in &self.bad {
            assert_eq!(self.held(*slot), None, "slot {slot} is bad and in use");
        }
        for (content, slot) in self.copies() {
            assert_eq!(self.held(slot), Some(Held::Copy(content)), "slot {slot}");
        }
        let held = self.held.iter().flatten().count();
        assert_eq!(held, self.in_use as usize + self.copies.len(), "copies");
    }

    /// Allocates a slot, at the cost of a copy if every free slot has one.
    fn take_slot(&mut self, slots: SlotUse) -> Option<Slot> {
        if !self.has_room(slots) {
            return None;
        }
        if self.free() as usize == self.copies.len() {
            // Any of them: a copy that is lost costs one write at most. The first one is the same
            // in every run.
            let (content, _) = self.copies().next().expect("every free slot has a copy");
            self.drop_copy(content);
        }
        let slot = self.allocator.take().expect("there is a free slot");
        let is_free = slot.0 < self.slots && self.held(slot).is_none() && !self.bad.contains(&slot);
        assert!(is_free, "slot {slot} is not free");
        // The table grows with use, so a large device costs no memory before it is needed.
        let used = self.held.len().max(slot.0 as usize + 1);
        self.held.resize(used, None);
        Some(slot)
    }

    /// Returns the number of good slots that are no content's place.
    fn free(&self) -> u32 {
        self.slots - self.bad.len() as u32 - self.in_use
    }

    fn held(&self, slot: Slot) -> Option<Held> {
        self.held.get(slot.0 as usize).copied().flatten()
    }
}

fn first_sector(slot: Slot) -> u64 {
    u64::from(slot.0) * SECTORS_A_SLOT
}

// lab 4 tests
#[cfg(test)]
mod tests;
