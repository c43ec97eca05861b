//! The names in a reference string: contents, as long as they can be brought back.

use std::rc::Rc;

use kit::{Machine, MemFile, NO_STACK, client};
use machine::addr::{PAGE_SIZE, Page, VirtAddr};
use vm::touches::{RecordingOptions, TouchLog};
use vm::{Access, FileRef, Sharing, SpaceId, UserPtr, VmOptions};

const AT: u32 = 0x1000_0000;
const OTHER: u32 = 0x2000_0000;

/// A machine whose touches are recorded, with one extra page.
struct Recorded {
    machine: Machine,
    log: Rc<TouchLog>,
    beside: SpaceId,
}

impl Recorded {
    fn new() -> Recorded {
        let mut machine = Machine::new(8, 64, VmOptions::default());
        let options = RecordingOptions {
            fewest_frames: 1,
            limit: 1000,
        };
        let log = machine.vm.record_touches(options);
        let beside = machine.space();
        machine.zeros(beside, OTHER, 1);
        Recorded {
            machine,
            log,
            beside,
        }
    }

    /// Makes an access, and one to the extra page, so that repeated accesses are recorded.
    fn touch(&mut self, space: SpaceId, addr: u32, access: Access) {
        for (space, addr, access) in [(space, addr, access), (self.beside, OTHER, Access::Read)] {
            let at = self.machine.access(space, VirtAddr(addr), access, NO_STACK);
            self.log.touched(at.unwrap().frame());
        }
    }

    /// Returns the touched pages, numbered by their first use, without the extra page.
    fn numbers(&self) -> Vec<u32> {
        let string = self.log.take().unwrap();
        let beside = u64::from(VirtAddr(OTHER).page().number());
        let of_test = string.references().iter().map(|one| one.page());
        let of_test: Vec<u32> = of_test
            .filter(|page| string.name(*page) != beside)
            .collect();
        let mut known = Vec::new();
        let number = |page: &u32| {
            known.iter().position(|one| one == page).unwrap_or_else(|| {
                known.push(*page);
                known.len() - 1
            }) as u32
        };
        of_test.iter().map(number).collect()
    }
}

fn pages(count: u32) -> std::ops::Range<Page> {
    VirtAddr(AT).page()..VirtAddr(AT + count * PAGE_SIZE).page()
}

fn file() -> FileRef {
    MemFile::new(1, vec![7; PAGE_SIZE as usize])
}

#[test]
fn a_page_keeps_its_name_through_swap_and_when_its_zeros_are_dropped() {
    let mut recorded = Recorded::new();
    let space = recorded.machine.space();
    recorded.machine.zeros(space, AT, 2);
    for _ in 0..2 {
        recorded.touch(space, AT, Access::Write);
        recorded.touch(space, AT + PAGE_SIZE, Access::Read);
        recorded.machine.vm.page_out(space, pages(2)).unwrap();
    }
    assert_eq!(recorded.machine.vm.stats().swap_writes, 2);
    assert_eq!(recorded.numbers(), [0, 1, 0, 1]);
}

#[test]
fn a_page_that_was_given_up_is_another_one_when_it_is_used_again() {
    let mut recorded = Recorded::new();
    let space = recorded.machine.space();
    recorded.machine.zeros(space, AT, 1);
    recorded.touch(space, AT, Access::Write);
    recorded.machine.vm.dont_need(space, pages(1)).unwrap();
    recorded.touch(space, AT, Access::Write);
    assert_eq!(recorded.numbers(), [0, 1]);
}

#[test]
fn parent_and_child_use_one_page_until_one_of_them_stores_to_it() {
    let mut recorded = Recorded::new();
    let parent = recorded.machine.space();
    recorded.machine.zeros(parent, AT, 1);
    recorded.touch(parent, AT, Access::Write);
    let child = recorded.machine.fork(parent);
    recorded.touch(child, AT, Access::Read);
    recorded.touch(child, AT, Access::Write);
    recorded.touch(parent, AT, Access::Write);
    assert_eq!(recorded.numbers(), [0, 0, 1, 0]);
}

#[test]
fn a_files_page_that_its_only_user_stores_to_keeps_its_name_also_if_it_was_dropped_before() {
    for dropped in [false, true] {
        let mut recorded = Recorded::new();
        let (one, other) = (recorded.machine.space(), recorded.machine.space());
        for space in [one, other] {
            recorded.machine.mmap(space, AT, &file(), Sharing::Private);
        }
        recorded.touch(one, AT, Access::Read);
        if dropped {
            recorded.machine.vm.page_out(one, pages(1)).unwrap();
        }
        recorded.touch(one, AT, Access::Write);
        recorded.touch(other, AT, Access::Read);
        recorded.touch(one, AT, Access::Read);
        assert_eq!(recorded.numbers(), [0, 0, 1, 0], "dropped: {dropped}");
        assert_eq!(recorded.machine.vm.stats().copies, 0);
    }
}

#[test]
fn all_who_map_a_files_page_use_one_page() {
    let mut recorded = Recorded::new();
    let (one, other) = (recorded.machine.space(), recorded.machine.space());
    for (space, at) in [(one, AT), (other, AT + PAGE_SIZE)] {
        recorded.machine.mmap(space, at, &file(), Sharing::Shared);
        recorded.touch(space, at, Access::Write);
    }
    assert_eq!(recorded.numbers(), [0, 0]);
}

#[test]
fn what_the_kernel_copies_for_a_program_is_touched() {
    let mut recorded = Recorded::new();
    let space = recorded.machine.space();
    recorded.machine.zeros(space, AT, 3);
    let vm = &mut recorded.machine.vm;
    let over_the_border = VirtAddr(AT + PAGE_SIZE - 1);
    vm.write_user(client(space), UserPtr(over_the_border.0), &[1, 2])
        .unwrap();
    vm.read_user(client(space), UserPtr(AT), &mut [0]).unwrap();
    vm.will_need(space, pages(3)).unwrap();
    assert_eq!(recorded.numbers(), [0, 1, 0]);
}

#[test]
fn names_are_page_numbers_with_a_count_before_those_that_come_again() {
    let mut recorded = Recorded::new();
    let space = recorded.machine.space();
    recorded.machine.zeros(space, AT, 1);
    for _ in 0..2 {
        recorded.touch(space, AT, Access::Write);
        recorded.machine.vm.dont_need(space, pages(1)).unwrap();
    }
    let string = recorded.log.take().unwrap();
    let names: Vec<u64> = (0..3).map(|page| string.name(page)).collect();
    assert_eq!(names, [0x10000, 0x20000, 0x11_0000]);
}
