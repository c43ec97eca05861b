//! The allocator fulfils the contract of every allocator and its own description, and the lab's
//! document shows what this example prints.

use std::sync::Once;

use proptest::prelude::*;
use vm::slots::Slot;

use super::*;

/// Registers the allocator as `main` does, once for all tests, which share the registry.
fn registered() -> SlotAllocatorKind {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| SLOT_ALLOCATORS.register(allocator::SLOT_ALLOCATOR));
    SLOT_ALLOCATORS.find("nearest").expect("it is registered")
}

#[test]
fn the_lab_shows_what_it_prints() {
    registered();
    let lab = include_str!("../../../docs/lab.md");
    let table = table(&SLOT_ALLOCATORS.all());
    assert!(lab.contains(&table), "docs/lab.md should show\n{table}");
}

proptest! {
    /// Steps take a slot, or free one of those in use; against a model that looks at all slots.
    #[test]
    fn it_takes_the_nearest_free_slot(
        slots in 0..40u32,
        steps in prop::collection::vec(prop::option::weighted(0.4, any::<prop::sample::Index>()), 0..200)
    ) {
        let mut allocator = (registered().build)(slots);
        let (mut used, mut arm) = (Vec::new(), 0u32);
        for step in steps {
            match step {
                None => {
                    let free = (0..slots).filter(|slot| !used.contains(slot));
                    let nearest = free.min_by_key(|slot| slot.abs_diff(arm));
                    prop_assert_eq!(allocator.take().map(Slot::number), nearest);
                    used.extend(nearest);
                    arm = nearest.unwrap_or(arm);
                }
                Some(index) if !used.is_empty() => {
                    let slot = used.swap_remove(index.index(used.len()));
                    allocator.free(Slot::new(slot));
                    arm = slot;
                }
                Some(_) => {}
            }
        }
    }
}
