//! Disks with latency: which process waits for what, and until when.

use std::cell::RefCell;
use std::rc::Rc;

use kit::{Machine, client};
use machine::addr::{PAGE_SIZE, VirtAddr};
use machine::mmu::Access;
use machine::work::Work;
use vm::event::{Detail, Event};
use vm::{Moment, Resolved, SpaceId, UserPtr, VmOptions};

const AT: u32 = 0x1000_0000;
const LATENCY: u64 = 1000;

fn machine(frames: u32) -> Machine {
    Machine::new(
        frames,
        64,
        VmOptions {
            disk_latency: LATENCY,
            ..VmOptions::default()
        },
    )
}

fn addr(page: u32) -> VirtAddr {
    VirtAddr(AT + page * PAGE_SIZE)
}

/// Faults at a given time. Returns the time until which the process sleeps.
fn fault(
    machine: &mut Machine,
    space: SpaceId,
    page: u32,
    access: Access,
    now: u64,
) -> Option<u64> {
    machine.set_time(now);
    let resolved = machine.vm.resolve(client(space), addr(page), access);
    match resolved.unwrap() {
        Resolved::GoOn => None,
        Resolved::Sleep { until } => Some(until.0),
    }
}

/// Creates a space with pages 0 to 3 in swap.
fn swapped_out(machine: &mut Machine) -> SpaceId {
    let space = machine.space();
    machine.zeros(space, AT, 64);
    for page in 0..4 {
        machine.store(space, addr(page).0, page as u8 + 1).unwrap();
    }
    let range = addr(0).page()..addr(4).page();
    machine.vm.page_out(space, range).unwrap();
    machine.pass_time();
    space
}

#[test]
fn a_page_from_swap_takes_the_latency_and_one_of_zeros_nothing() {
    let mut machine = machine(16);
    let space = swapped_out(&mut machine);
    assert_eq!(
        fault(&mut machine, space, 0, Access::Read, 100_000),
        Some(101_000)
    );
    assert_eq!(fault(&mut machine, space, 10, Access::Write, 100_001), None);
}

#[test]
fn transfers_stand_in_line_and_a_page_on_its_way_out_is_read_after_the_write() {
    let mut machine = machine(16);
    let space = swapped_out(&mut machine);
    assert_eq!(
        fault(&mut machine, space, 0, Access::Read, 100_000),
        Some(101_000)
    );
    assert_eq!(
        fault(&mut machine, space, 1, Access::Read, 100_000),
        Some(102_000)
    );

    machine.set_time(200_000);
    machine.store(space, addr(0).0, 9).unwrap();
    machine.take_wait();
    machine.set_time(300_000);
    let range = addr(0).page()..addr(1).page();
    machine.vm.page_out(space, range).unwrap();
    assert_eq!(machine.take_wait(), Some(301_000));
    assert_eq!(
        fault(&mut machine, space, 0, Access::Read, 300_500),
        Some(302_000)
    );
    assert_eq!(machine.load(space, addr(0).0), Ok(9));
}

#[test]
fn who_wants_a_page_that_is_on_its_way_in_waits_for_the_same_transfer() {
    let mut machine = machine(16);
    let parent = swapped_out(&mut machine);
    let child = machine.fork(parent);
    assert_eq!(
        fault(&mut machine, parent, 0, Access::Read, 100_000),
        Some(101_000)
    );
    assert_eq!(
        fault(&mut machine, child, 0, Access::Read, 100_400),
        Some(101_000)
    );
    assert_eq!(machine.vm.stats().swap_reads, 1);
    machine.vm.check_invariants();
}

#[test]
fn while_all_frames_are_being_filled_the_next_one_sleeps_and_tries_again() {
    let mut machine = machine(8);
    let spaces: Vec<_> = (0..3).map(|_| swapped_out(&mut machine)).collect();
    let mut last = None;
    for number in 0..8 {
        let (space, page) = (spaces[number / 4], number as u32 % 4);
        last = fault(&mut machine, space, page, Access::Read, 1_000_000);
    }
    assert_eq!(last, Some(1_008_000));
    let first_done = fault(&mut machine, spaces[2], 0, Access::Read, 1_000_001);
    assert_eq!(
        first_done,
        Some(1_001_000),
        "nobody is killed, nothing is taken"
    );
    assert!(machine.frame(spaces[2], addr(0).0).is_none());
    machine.set_time(1_001_000);
    assert_eq!(machine.load(spaces[2], addr(0).0), Ok(1));
}

#[test]
fn the_kernel_waits_in_the_process_place_and_its_copy_is_right() {
    let mut machine = machine(8);
    let space = swapped_out(&mut machine);
    machine.set_time(500_000);
    let mut bytes = [0; 1];
    machine
        .vm
        .read_user(client(space), UserPtr(addr(3).0), &mut bytes)
        .unwrap();
    assert_eq!((bytes, machine.take_wait()), ([4], Some(501_000)));
}

#[test]
fn no_process_waits_for_what_was_done_for_another() {
    let mut machine = machine(16);
    let space = swapped_out(&mut machine);
    let moment = Moment {
        work: Work(100_000),
        eip: VirtAddr(0x0804_8000),
    };
    let other = Moment {
        work: Work(100_001),
        ..moment
    };
    let vm = &mut *machine.vm;
    let served = vm.serve(moment, |vm| {
        vm.resolve(client(space), addr(0), Access::Read)
    });
    let until = Work(101_000);
    assert_eq!(served.resolved, Resolved::Sleep { until });
    let other = vm.serve(other, |vm| {
        vm.resolve(client(space), addr(10), Access::Write)
    });
    assert_eq!((other.result, other.resolved), (Ok(()), Resolved::GoOn));
}

#[test]
fn who_is_refused_is_told_how_long_its_disk_was_at_work_for_it() {
    let mut machine = machine(16);
    let space = swapped_out(&mut machine);
    let moment = Moment {
        work: Work(100_000),
        eip: VirtAddr(0x0804_8000),
    };
    let served = machine.vm.serve(moment, |vm| {
        let mut bytes = [0; 1];
        vm.read_user(client(space), UserPtr(addr(0).0), &mut bytes)?;
        vm.read_user(client(space), UserPtr(0), &mut bytes)
    });
    assert!(served.result.is_err());
    let until = Work(101_000);
    assert_eq!(served.resolved, Resolved::Sleep { until });
}

#[test]
fn events_have_the_work_and_the_instruction_of_their_moment() {
    let mut machine = machine(16);
    let space = swapped_out(&mut machine);
    let faults: Rc<RefCell<Vec<Moment>>> = Rc::default();
    let told = Rc::clone(&faults);
    let recorder = move |work, event: &Event| {
        if let Event::Fault(fault) = event {
            let (work, eip) = (Work(work), fault.eip);
            told.borrow_mut().push(Moment { work, eip });
        }
    };
    machine.vm.record(Detail::Faults, Box::new(recorder));
    let moments = [(7_000, 0x0804_8000), (6_000, 0x0804_9000)].map(|(work, eip)| Moment {
        work: Work(work),
        eip: VirtAddr(eip),
    });
    for (page, moment) in (20..).zip(moments) {
        let served = machine.vm.serve(moment, |vm| {
            vm.resolve(client(space), addr(page), Access::Write)
        });
        assert_eq!(served.for_nobody(), Ok(()));
    }
    assert_eq!(*faults.borrow(), moments);
}
