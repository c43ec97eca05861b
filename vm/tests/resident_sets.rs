//! Load control: a scheduled process keeps the pages that one instruction may need, and a process
//! that is not scheduled keeps nothing.

use kit::Machine;
use machine::addr::PAGE_SIZE;
use vm::{MINIMUM_RESIDENT, POLICIES, PolicyKind, SpaceId, VmOptions};

const AT: u32 = 0x1000_0000;
const FRAMES: u32 = 16;

fn page(number: u32) -> u32 {
    AT + number * PAGE_SIZE
}

/// Creates a process with anonymous pages, all of which it has stored to.
fn process(machine: &mut Machine, pages: u32) -> SpaceId {
    let space = machine.space();
    machine.zeros(space, AT, 100);
    for number in 0..pages {
        machine.store(space, page(number), number as u8).unwrap();
    }
    space
}

/// Stores to more pages than there are frames, many times.
fn take_all_that_is_to_be_had(machine: &mut Machine, space: SpaceId) {
    for number in 0..3 * FRAMES {
        machine.store(space, page(number), 1).unwrap();
    }
}

fn machine(frames: u32, policy: PolicyKind) -> Machine {
    let options = VmOptions {
        policy,
        ..VmOptions::default()
    };
    Machine::new(frames, 256, options)
}

#[test]
fn a_process_that_has_turns_keeps_the_pages_that_an_instruction_may_need() {
    for policy in POLICIES.all() {
        let mut machine = machine(FRAMES, policy);
        let modest = process(&mut machine, MINIMUM_RESIDENT);
        let greedy = process(&mut machine, 0);
        take_all_that_is_to_be_had(&mut machine, greedy);
        assert_eq!(machine.vm.space(modest).resident(), MINIMUM_RESIDENT);
        let resident = machine.vm.space(greedy).resident();
        assert_eq!(resident, FRAMES - MINIMUM_RESIDENT, "{policy:?}");
    }
}

#[test]
fn a_process_that_is_suspended_keeps_no_frame_that_others_need() {
    for policy in POLICIES.all() {
        let mut machine = machine(FRAMES, policy);
        let suspended = process(&mut machine, MINIMUM_RESIDENT);
        let greedy = process(&mut machine, 0);
        machine.vm.set_resident(suspended, false);
        for _ in 0..20 {
            take_all_that_is_to_be_had(&mut machine, greedy);
        }
        assert_eq!(machine.vm.space(suspended).resident(), 0, "{policy:?}");
        for number in 0..MINIMUM_RESIDENT {
            let byte = machine.load(suspended, page(number));
            assert_eq!(byte, Ok(number as u8));
        }
    }
}

#[test]
fn who_needs_a_frame_where_all_have_few_is_given_one_and_not_ended() {
    for policy in POLICIES.all() {
        let mut machine = machine(8, policy);
        let [first, second] = [4; 2].map(|pages| process(&mut machine, pages));
        let third = process(&mut machine, 1);
        let left = [first, second].map(|space| machine.vm.space(space).resident());
        assert_eq!(left.into_iter().sum::<u32>(), 7, "{policy:?}");
        assert_eq!(machine.load(third, page(0)), Ok(0));
    }
}
