//! Each slot allocator against a model that looks at all slots.

use proptest::prelude::*;

use super::*;

/// What has happened to a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Used,
    /// Freed at this step.
    Freed(usize),
}

/// All slots, and the one taken last.
struct Model {
    slots: Vec<State>,
    last: Option<usize>,
}

impl Model {
    fn is_free(&self, slot: usize) -> bool {
        self.slots
            .get(slot)
            .is_some_and(|state| *state != State::Used)
    }

    fn lowest_free(&self) -> Option<usize> {
        (0..self.slots.len()).find(|slot| self.is_free(*slot))
    }
}

fn last_freed(model: &Model) -> Option<usize> {
    let freed_at = |slot: &usize| match model.slots[*slot] {
        State::Freed(step) => Some(step),
        State::Fresh | State::Used => None,
    };
    let freed = (0..model.slots.len()).filter(|slot| freed_at(slot).is_some());
    freed.max_by_key(freed_at).or_else(|| model.lowest_free())
}

fn first_free(model: &Model) -> Option<usize> {
    model.lowest_free()
}

fn next_fit(model: &Model) -> Option<usize> {
    let count = model.slots.len();
    let start = model.last.map_or(0, |last| last + 1);
    let round = (start..start + count).map(|slot| slot % count);
    round.into_iter().find(|slot| model.is_free(*slot))
}

fn clustered(model: &Model) -> Option<usize> {
    let next = model.last.map(|last| last + 1);
    let neighbour = next.filter(|next| next % 8 != 0 && model.is_free(*next));
    let fronts = (0..model.slots.len()).step_by(8);
    let is_whole = |front: &usize| {
        let end = (front + 8).min(model.slots.len());
        (*front..end).all(|slot| model.is_free(slot))
    };
    neighbour
        .or_else(|| fronts.into_iter().find(is_whole))
        .or_else(|| model.lowest_free())
}

/// A step: allocates a slot, or frees one of those in use, if any is.
#[derive(Clone, Debug)]
enum Step {
    Take,
    Free(prop::sample::Index),
}

/// Generates steps in runs of the same kind, so that devices fill up and empty.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let free = any::<prop::sample::Index>().prop_map(Step::Free);
    let run = prop_oneof![
        prop::collection::vec(Just(Step::Take), 1..20),
        prop::collection::vec(free, 1..12),
    ];
    prop::collection::vec(run, 0..30).prop_map(|runs| runs.concat())
}

fn check(
    kind: SlotAllocatorKind,
    rule: fn(&Model) -> Option<usize>,
    slots: usize,
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let mut allocator = (kind.build)(slots as u32);
    let mut model = Model {
        slots: vec![State::Fresh; slots],
        last: None,
    };
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Take => {
                let expected = rule(&model);
                let taken = allocator.take().map(|slot| slot.number() as usize);
                prop_assert_eq!(taken, expected, "step {}", number);
                if let Some(slot) = taken {
                    model.slots[slot] = State::Used;
                    model.last = Some(slot);
                }
            }
            Step::Free(index) => {
                let used: Vec<usize> = (0..slots)
                    .filter(|slot| model.slots[*slot] == State::Used)
                    .collect();
                if !used.is_empty() {
                    let slot = used[index.index(used.len())];
                    allocator.free(Slot::new(slot as u32));
                    model.slots[slot] = State::Freed(number);
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn last_freed_is_a_stack(slots in 0..40usize, steps in steps()) {
        check(last_freed::SLOT_ALLOCATOR, last_freed, slots, steps)?;
    }

    #[test]
    fn first_free_takes_the_lowest(slots in 0..40usize, steps in steps()) {
        check(first_free::SLOT_ALLOCATOR, first_free, slots, steps)?;
    }

    #[test]
    fn next_fit_goes_round(slots in 0..40usize, steps in steps()) {
        check(next_fit::SLOT_ALLOCATOR, next_fit, slots, steps)?;
    }

    #[test]
    fn clustered_fills_whole_clusters_while_there_are_any(slots in 0..40usize, steps in steps()) {
        check(clustered::SLOT_ALLOCATOR, clustered, slots, steps)?;
    }

    /// Checks the contract of every allocator, also of one that has no model here.
    #[test]
    fn every_free_slot_is_taken_once(slots in 0..40usize, steps in steps()) {
        for kind in SLOT_ALLOCATORS.all() {
            let mut allocator = (kind.build)(slots as u32);
            let mut used: Vec<Slot> = Vec::new();
            for step in &steps {
                match step {
                    Step::Take => {
                        let taken = allocator.take();
                        prop_assert_eq!(taken.is_some(), used.len() < slots, "{}", kind);
                        prop_assert!(taken.is_none_or(|slot| !used.contains(&slot)), "{}", kind);
                        used.extend(taken);
                    }
                    Step::Free(index) if !used.is_empty() => {
                        allocator.free(used.swap_remove(index.index(used.len())));
                    }
                    Step::Free(_) => {}
                }
            }
        }
    }
}

#[test]
fn every_file_with_a_slot_allocator_is_listed_under_its_name() {
    let constant = "SLOT_ALLOCATOR: SlotAllocatorKind";
    crate::registry::tests::files_are_listed("src/slots", constant, OWN);
}
