//! The shadow: a model of where each page is according to the events, for the rules.
//!
//! # Invariants
//! - It is built from events, RAM and the arguments of system calls, and uses no table of the
//!   virtual memory.
//! - A page is in at most one place. It stays there until an event reports that it left, came to
//!   another place, or has no user any more. Clearing an entry alone does not move a page.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use machine::addr::{Frame, Page};
use machine::memory::{FrameBytes, PhysMemory};
use machine::pte::Pte;
use vm::event::{Event, Eviction, Fate};
use vm::{Owner, Region, Slot};

use super::regions::Regions;
use super::spot::Spot;

/// Where a page is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Place {
    Frame(Frame),
    Slot(Slot),
}

/// The bytes written to a slot, and the time.
pub(super) struct Kept {
    pub bytes: Box<FrameBytes>,
    /// The first of the pages that were evicted to it.
    pub of: Spot,
    pub at: u64,
}

/// A store to a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stored {
    /// The page whose entry had D set; `None` for the kernel's alias.
    pub by: Option<Spot>,
    /// The work at which D was seen.
    pub at: u64,
}

/// The model.
pub(super) struct Shadow {
    pub memory: PhysMemory,
    pub regions: Regions,
    places: BTreeMap<Spot, Place>,
    holders: BTreeMap<Place, BTreeSet<Spot>>,
    /// The entries that point to each frame.
    entries: BTreeMap<Frame, BTreeMap<Spot, Pte>>,
    slots: BTreeMap<Slot, Kept>,
    stores: BTreeMap<Frame, Stored>,
    /// The page that was last in a place.
    last: BTreeMap<Place, Spot>,
}

impl std::fmt::Debug for Shadow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shadow").finish_non_exhaustive()
    }
}

impl Shadow {
    pub(super) fn new(memory: PhysMemory) -> Shadow {
        Shadow {
            memory,
            regions: Regions::default(),
            places: BTreeMap::new(),
            holders: BTreeMap::new(),
            entries: BTreeMap::new(),
            slots: BTreeMap::new(),
            stores: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }

    /// Updates the model by an event that happened at `work`.
    pub(super) fn take_in(&mut self, work: u64, event: &Event) {
        match event {
            Event::Entry {
                owner,
                page,
                old,
                new,
            } => self.entry(Spot::of(*owner, *page), *old, *new),
            Event::Evicted(eviction) => self.evicted(work, eviction),
            Event::FrameFreed { frame } => self.vacated(*frame),
            Event::SlotFreed { slot } => {
                self.empty(Place::Slot(*slot));
                self.slots.remove(slot);
            }
            Event::WrittenBack { frame, .. } => {
                self.stores.remove(frame);
            }
            Event::Mapped { owner, region } => self.regions.add(*owner, region.clone()),
            Event::Unmapped { owner, start, end } => {
                self.regions.cut(*owner, *start..*end);
                self.forget(*owner, *start..*end);
            }
            Event::Fault(_)
            | Event::Refused { .. }
            | Event::PageOutFailed { .. }
            | Event::WriteBackFailed { .. } => {}
        }
    }

    /// Makes pages of a process untouched, except those that have an entry.
    pub(super) fn forget(&mut self, owner: Owner, pages: Range<Page>) {
        let range = Spot::of(owner, pages.start)..Spot::of(owner, pages.end);
        let gone: Vec<Spot> = self.places.range(range).map(|(spot, _)| *spot).collect();
        for spot in gone {
            if self.entry_of(spot).is_none() {
                self.leave(spot);
            }
        }
    }

    /// Puts the pages of a child where its parent's are, except those that it has already.
    pub(super) fn forked(&mut self, parent: Owner, child: Owner) {
        let all = Spot::all_of(parent.0);
        let there: Vec<_> = self.places.range(all).map(|(s, p)| (s.page, *p)).collect();
        for (page, place) in there {
            let spot = Spot::of(child, page);
            if !self.places.contains_key(&spot) {
                self.settle(spot, place);
            }
        }
    }

    /// Removes a process.
    pub(super) fn ended(&mut self, owner: Owner) {
        let all: Vec<Spot> = self
            .places
            .range(Spot::all_of(owner.0))
            .map(|(spot, _)| *spot)
            .collect();
        all.into_iter().for_each(|spot| self.leave(spot));
        self.regions.end(owner);
    }

    /// Removes all processes.
    pub(super) fn all_ended(&mut self) {
        self.places.clear();
        self.holders.clear();
        // Their files are nobody's any more either.
        self.regions = Default::default();
    }

    /// Records a store to a frame by this time, seen as D in the entry of a page or of the alias.
    pub(super) fn stored(&mut self, frame: Frame, by: Option<Spot>, at: u64) {
        self.stores.entry(frame).or_insert(Stored { by, at });
    }

    /// Returns the place of a page.
    pub(super) fn place(&self, spot: Spot) -> Option<Place> {
        self.places.get(&spot).copied()
    }

    /// Returns the pages that are in a place.
    pub(super) fn holders(&self, place: Place) -> impl Iterator<Item = Spot> + '_ {
        self.holders.get(&place).into_iter().flatten().copied()
    }

    /// Returns the entries that point to a frame.
    pub(super) fn entries(&self, frame: Frame) -> impl Iterator<Item = (Spot, Pte)> + '_ {
        let entries = self.entries.get(&frame).into_iter().flatten();
        entries.map(|(spot, entry)| (*spot, *entry))
    }

    /// Returns all frames to which entries point, with the pages of the entries.
    pub(super) fn all_entries(&self) -> impl Iterator<Item = (Frame, Spot)> + '_ {
        let frames = self.entries.iter();
        frames.flat_map(|(frame, entries)| entries.keys().map(|spot| (*frame, *spot)))
    }

    /// Returns the last write to a slot.
    pub(super) fn kept(&self, slot: Slot) -> Option<&Kept> {
        self.slots.get(&slot)
    }

    /// Returns the last write to each slot.
    pub(super) fn all_kept(&self) -> impl Iterator<Item = (Slot, &Kept)> {
        self.slots.iter().map(|(slot, kept)| (*slot, kept))
    }

    /// Returns the store to the content of a frame, if there was one.
    pub(super) fn store_to(&self, frame: Frame) -> Option<Stored> {
        self.stores.get(&frame).copied()
    }

    /// Returns the page that was last in a place.
    pub(super) fn last_in(&self, place: Place) -> Option<Spot> {
        self.last.get(&place).copied()
    }

    /// Returns the region that a page is in.
    pub(super) fn region(&self, spot: Spot) -> Option<&Region> {
        self.regions.of(spot)
    }

    /// Returns the bytes of a frame.
    pub(super) fn bytes(&self, frame: Frame) -> Box<FrameBytes> {
        self.memory.with_frame(frame, |bytes| Box::new(*bytes))
    }

    fn entry(&mut self, spot: Spot, old: Pte, new: Pte) {
        if old.is_present() && old.frame() != new.frame() || !new.is_present() {
            self.drop_entry(spot, old.frame());
        }
        if !new.is_present() {
            return;
        }
        let frame = new.frame();
        self.entries.entry(frame).or_default().insert(spot, new);
        match self.place(spot) {
            Some(Place::Frame(there)) if there == frame => {}
            // A swap-in brings a page back for all its users.
            Some(Place::Slot(slot)) => {
                let all: Vec<Spot> = self.holders(Place::Slot(slot)).collect();
                for spot in all {
                    self.settle(spot, Place::Frame(frame));
                }
            }
            _ => self.settle(spot, Place::Frame(frame)),
        }
    }

    fn drop_entry(&mut self, spot: Spot, frame: Frame) {
        if let Some(entries) = self.entries.get_mut(&frame) {
            entries.remove(&spot);
            if entries.is_empty() {
                self.entries.remove(&frame);
            }
        }
    }

    fn entry_of(&self, spot: Spot) -> Option<Pte> {
        match self.place(spot)? {
            Place::Frame(frame) => self.entries.get(&frame)?.get(&spot).copied(),
            Place::Slot(_) => None,
        }
    }

    fn evicted(&mut self, work: u64, eviction: &Eviction) {
        let Eviction {
            frame,
            owner,
            page,
            fate,
        } = *eviction;
        if let Fate::SwappedOut(slot) | Fate::StillInSwap(slot) = fate {
            let all: Vec<Spot> = self.holders(Place::Frame(frame)).collect();
            for spot in all {
                self.settle(spot, Place::Slot(slot));
            }
            let kept = Kept {
                bytes: self.bytes(frame),
                of: Spot::of(owner, page),
                at: work,
            };
            self.slots.insert(slot, kept);
        }
        self.vacated(frame);
    }

    fn vacated(&mut self, frame: Frame) {
        self.empty(Place::Frame(frame));
        self.stores.remove(&frame);
    }

    fn empty(&mut self, place: Place) {
        let all: Vec<Spot> = self.holders(place).collect();
        all.into_iter().for_each(|spot| self.leave(spot));
    }

    fn settle(&mut self, spot: Spot, place: Place) {
        self.leave(spot);
        self.places.insert(spot, place);
        self.holders.entry(place).or_default().insert(spot);
        self.last.insert(place, spot);
    }

    fn leave(&mut self, spot: Spot) {
        let Some(place) = self.places.remove(&spot) else {
            return;
        };
        if let Some(holders) = self.holders.get_mut(&place) {
            holders.remove(&spot);
            if holders.is_empty() {
                self.holders.remove(&place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn holders(shadow: &Shadow, place: Place) -> Vec<Spot> {
        shadow.holders(place).collect()
    }

    #[test]
    fn a_page_goes_to_its_slot_and_back_with_all_who_have_it() {
        let there = [
            maps_read_only(mine(), FRAME),
            maps_read_only(other(), FRAME),
            unmaps(mine(), FRAME),
            unmaps(other(), FRAME),
            evicts(mine(), FRAME, Fate::SwappedOut(SLOT)),
        ];
        let away = after(zeros(), &there);
        assert_eq!(holders(&away, Place::Slot(SLOT)), [mine(), other()]);
        let back = after(away, &[maps_read_only(other(), OTHER_FRAME)]);
        assert_eq!(holders(&back, Place::Slot(SLOT)), []);
        assert_eq!(holders(&back, Place::Frame(OTHER_FRAME)), [mine(), other()]);
    }

    #[test]
    fn a_child_has_what_its_parent_has() {
        let mut shadow = after(zeros(), &[maps_read_only(mine(), FRAME)]);
        shadow.forked(Owner(1), Owner(2));
        assert_eq!(holders(&shadow, Place::Frame(FRAME)), [mine(), other()]);
        shadow.ended(Owner(1));
        assert_eq!(holders(&shadow, Place::Frame(FRAME)), [other()]);
    }

    #[test]
    fn an_entry_that_is_emptied_moves_no_page_and_a_freed_frame_has_none() {
        let shadow = after(zeros(), &[maps(mine(), FRAME), unmaps(mine(), FRAME)]);
        assert_eq!(shadow.place(mine()), Some(Place::Frame(FRAME)));
        let freed = after(shadow, &[Event::FrameFreed { frame: FRAME }]);
        assert_eq!(freed.place(mine()), None);
        assert_eq!(freed.last_in(Place::Frame(FRAME)), Some(mine()));
    }
}
