//! The swap table against a naive model, and slot allocators with mistakes.

use std::collections::BTreeMap;

use machine::disk::MemoryDisk;
use proptest::prelude::*;

use super::*;
use crate::ids::{Owner, User};
use crate::residency::content::{Contents, Kind, Place};
use crate::slots::SLOT_ALLOCATORS;
use crate::space::address_space::{AddressSpace, Spaces};

const SLOTS: u32 = 6;

/// Creates contents for a test of slots alone. Returns their ids.
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

/// A step of the test below, for one of the slots to which it applies.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write(SlotUse),
    Release,
    KeepCopy,
    ReturnToCopy(SlotUse),
    DropCopy,
}

fn any_use() -> impl Strategy<Value = SlotUse> {
    prop_oneof![Just(SlotUse::Eviction), Just(SlotUse::Exchange)]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any_use().prop_map(Step::Write),
        1 => Just(Step::Release),
        2 => Just(Step::KeepCopy),
        1 => any_use().prop_map(Step::ReturnToCopy),
        1 => Just(Step::DropCopy),
    ]
}

/// What slots should be: places with their content and its bytes, and copies.
#[derive(Default)]
struct Model {
    places: BTreeMap<Slot, (ContentId, u32)>,
    copies: BTreeMap<Slot, (ContentId, u32)>,
}

impl Model {
    fn has_room(&self, slots: SlotUse) -> bool {
        let kept = u32::from(slots == SlotUse::Eviction);
        self.places.len() as u32 + kept < SLOTS
    }

    /// Returns one of the places or copies, if there is any.
    fn one(
        of: &BTreeMap<Slot, (ContentId, u32)>,
        index: prop::sample::Index,
    ) -> Option<(Slot, ContentId)> {
        let number = (!of.is_empty()).then(|| index.index(of.len()))?;
        of.iter().nth(number).map(|(slot, (id, _))| (*slot, *id))
    }

    /// Records that a slot became the place of a new content. A slot with a copy may do so only if
    /// no other was free.
    fn written(&mut self, slot: Slot, id: ContentId, mark: u32) {
        assert!(!self.places.contains_key(&slot), "used twice");
        let had_copy = self.copies.remove(&slot).is_some();
        let others = self.places.len() + self.copies.len();
        assert!(
            !had_copy || others + 1 == SLOTS as usize,
            "a copy for nothing"
        );
        self.places.insert(slot, (id, mark));
    }
}

proptest! {
    /// Steps on a table, against a model of what each slot should hold.
    #[test]
    fn slots_hold_what_was_written_and_copies_cost_nobody_a_slot(
        kind in prop::sample::select(SLOT_ALLOCATORS.all()),
        steps in prop::collection::vec((any_step(), any::<prop::sample::Index>()), 1..80)
    ) {
        let memory = PhysMemory::new(2).unwrap();
        let (from, to) = (Frame::new(0), Frame::new(1));
        let mut table = SwapTable::new(Box::new(MemoryDisk::new(u64::from(SLOTS) * 8)), kind);
        let mut model = Model::default();
        let ids = ids(steps.len());
        for (number, (step, index)) in steps.into_iter().enumerate() {
            match step {
                Step::Write(slots) => {
                    let (id, mark) = (ids[number], number as u32);
                    memory.write_u32(from.start(), mark);
                    let written = table.write(&memory, from, id, slots);
                    prop_assert_eq!(written.is_ok(), model.has_room(slots));
                    if let Ok(slot) = written {
                        model.written(slot, id, mark);
                    }
                }
                Step::Release => if let Some((slot, _)) = Model::one(&model.places, index) {
                    table.release(slot);
                    model.places.remove(&slot);
                },
                Step::KeepCopy => if let Some((slot, _)) = Model::one(&model.places, index) {
                    table.keep_copy(slot);
                    model.copies.extend(model.places.remove_entry(&slot));
                },
                Step::ReturnToCopy(slots) => if let Some((slot, id)) = Model::one(&model.copies, index) {
                    let back = table.return_to_copy(id, slots);
                    prop_assert_eq!(back.ok(), model.has_room(slots).then_some(slot));
                    if model.has_room(slots) {
                        model.places.extend(model.copies.remove_entry(&slot));
                    }
                },
                Step::DropCopy => if let Some((slot, id)) = Model::one(&model.copies, index) {
                    table.drop_copy(id);
                    model.copies.remove(&slot);
                },
            }
            table.check();
            for (slot, (_, mark)) in model.places.iter().chain(&model.copies) {
                table.read(*slot, &memory, to).unwrap();
                prop_assert_eq!(memory.read_u32(to.start()), *mark);
            }
            let held: Vec<_> = table.used().collect();
            let expected: Vec<_> = model.places.iter().map(|(slot, (id, _))| (*slot, *id)).collect();
            prop_assert_eq!(held, expected);
            let copies: BTreeMap<_, _> = table.copies().map(|(id, slot)| (slot, id)).collect();
            let expected: BTreeMap<_, _> = model.copies.iter().map(|(slot, (id, _))| (*slot, *id)).collect();
            prop_assert_eq!(copies, expected);
            prop_assert_eq!(table.in_use() as usize, model.places.len());
        }
    }
}

/// A faulty slot allocator, which always returns the same.
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
