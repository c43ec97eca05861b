//! Properties of every policy on every string. The simulator checks at each choice that the victim
//! is evictable, and that there is a victim if any page is evictable.

use machine::mmu::Access;
use proptest::prelude::*;
use vm::optimum::{lru, opt};
use vm::reference_string::ReferenceString;
use vm::replacement::{clock, fifo};
use vm::simulator::{PageNumber, Simulator, Touch};
use vm::{POLICIES, PolicyKind};

use crate::reference;

const PAGES: PageNumber = 12;

#[derive(Clone, Debug)]
enum Step {
    Touch(PageNumber, Access),
    Release(PageNumber),
    SetPinned(PageNumber, bool),
    /// A victim is chosen but stays.
    Ask,
}

fn step() -> impl Strategy<Value = Step> {
    let page = 0..PAGES;
    let access = prop_oneof![Just(Access::Read), Just(Access::Write)];
    prop_oneof![
        8 => (page.clone(), access).prop_map(|(page, access)| Step::Touch(page, access)),
        1 => page.clone().prop_map(Step::Release),
        2 => (page, any::<bool>()).prop_map(|(page, pinned)| Step::SetPinned(page, pinned)),
        1 => Just(Step::Ask),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..300)
}

fn string() -> impl Strategy<Value = Vec<PageNumber>> {
    prop::collection::vec(0..PAGES, 0..120)
}

fn loads(string: &[PageNumber]) -> ReferenceString {
    ReferenceString::of_loads(string.iter().map(|page| u64::from(*page)))
}

fn policy() -> impl Strategy<Value = PolicyKind> {
    prop::sample::select(POLICIES.all())
}

#[derive(PartialEq, Eq, Debug)]
enum Seen {
    Touch(Touch),
    Asked(Option<PageNumber>),
}

/// Takes all steps. Returns what the policy chose.
fn run(simulator: &mut Simulator, steps: &[Step]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for step in steps {
        match *step {
            Step::Touch(page, access) => seen.push(Seen::Touch(simulator.touch(page, access))),
            Step::Release(page) => simulator.release(page),
            Step::SetPinned(page, pinned) => simulator.set_pinned(page, pinned),
            Step::Ask => seen.push(Seen::Asked(simulator.ask())),
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_same_calls_give_the_same_choices(
        kind in policy(), frames in 1..10u32, seed: u64, steps in steps()
    ) {
        let again = || run(&mut Simulator::with_seed(kind, frames, seed), &steps);
        prop_assert_eq!(again(), again());
    }

    #[test]
    fn when_all_pins_are_gone_every_page_can_be_had(
        kind in policy(), frames in 1..10u32, steps in steps()
    ) {
        let mut simulator = Simulator::new(kind, frames);
        run(&mut simulator, &steps);
        for page in 0..PAGES {
            simulator.set_pinned(page, false);
        }
        for page in 0..PAGES {
            prop_assert_ne!(simulator.touch(page, Access::Read), Touch::NoFrame);
        }
    }

    #[test]
    fn no_policy_has_fewer_faults_than_opt(
        kind in policy(), frames in 1..8u32, string in string()
    ) {
        let string = loads(&string);
        let best = opt(frames as usize, &string);
        prop_assert!(best <= lru(frames as usize, &string));
        prop_assert!(best <= Simulator::count_faults(kind, frames, 0, &string));
    }

    #[test]
    fn opt_and_lru_are_what_their_definitions_say(frames in 1..10usize, string in string()) {
        prop_assert_eq!(opt(frames, &loads(&string)), reference::opt(frames, &string));
        prop_assert_eq!(lru(frames, &loads(&string)), reference::lru(frames, &string));
    }

    #[test]
    fn opt_and_lru_never_rise_with_more_frames(frames in 1..8usize, string in string()) {
        let string = loads(&string);
        prop_assert!(opt(frames + 1, &string) <= opt(frames, &string));
        prop_assert!(lru(frames + 1, &string) <= lru(frames, &string));
    }

    #[test]
    fn fifo_is_exact_also_over_pins(frames in 1..8u32, steps in steps()) {
        let mut simulator = Simulator::new(fifo::POLICY, frames);
        let mut queue: Vec<(PageNumber, bool)> = Vec::new();
        for step in steps {
            match step {
                Step::Touch(page, access) => {
                    let oldest = queue.iter().position(|(_, pinned)| !pinned);
                    match simulator.touch(page, access) {
                        Touch::Hit => continue,
                        Touch::NoFrame => prop_assert_eq!(oldest, None),
                        Touch::Filled => queue.push((page, false)),
                        Touch::Replaced(victim) => {
                            let oldest = queue.remove(oldest.expect("a page without pin"));
                            prop_assert_eq!(victim, oldest.0);
                            queue.push((page, false));
                        }
                    }
                }
                Step::Release(page) => {
                    simulator.release(page);
                    queue.retain(|(p, _)| *p != page);
                }
                Step::SetPinned(page, pinned) => {
                    simulator.set_pinned(page, pinned);
                    queue.iter_mut().filter(|(p, _)| *p == page).for_each(|(_, is)| *is = pinned);
                }
                Step::Ask => {
                    let oldest = queue.iter().find(|(_, pinned)| !pinned).map(|(page, _)| *page);
                    prop_assert_eq!(simulator.ask(), oldest);
                }
            }
        }
    }
}

#[test]
fn the_default_is_the_clock_and_who_asks_for_another_is_told_all() {
    assert_eq!(PolicyKind::default(), clock::POLICY);
    let unknown = POLICIES.find("best").unwrap_err().to_string();
    for kind in POLICIES.all() {
        assert_eq!(POLICIES.find(kind.name), Ok(kind));
        assert!(unknown.contains(kind.name), "{unknown}");
    }
}
