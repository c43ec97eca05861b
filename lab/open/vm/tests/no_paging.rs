//! Properties of this kernel as it is handed out: a region is in frames from the start, or not
//! there.
//!
//! Some of them do not hold any more once it has paging, and are not meant to.

use std::rc::Rc;

use kit::{Machine, MemFile, client, region};
use machine::addr::{PAGE_SIZE, VirtAddr};
use vm::view::Place;
use vm::{
    Access, AdviceError, BadAccess, FileMapping, FileRef, ForkError, Kill, MapError, Protection,
    Region, Sharing, UserPtr, VmOptions,
};

const START: u32 = 0x1000_0000;
/// The last page of the user's half, which is the stack.
const TOP: u32 = 0xbfff_f000;

fn machine(frames: u32) -> Machine {
    Machine::new(frames, 64, VmOptions::default())
}

/// Returns a region of the first pages of a file.
fn of_file(file: &FileRef, pages: u32, protection: Protection) -> Region {
    Region {
        backing: vm::Backing::File {
            file: Rc::clone(file),
            first: 0,
        },
        ..region(START, pages, protection)
    }
}

#[test]
fn a_region_is_in_frames_as_soon_as_it_is_added() {
    let mut machine = machine(8);
    let space = machine.space();
    machine.zeros(space, START, 5);
    assert_eq!(machine.vm.usage().frames_in_use, 5);
    for page in 0..5 {
        assert_eq!(machine.load(space, START + page * PAGE_SIZE), Ok(0));
        machine
            .store(space, START + page * PAGE_SIZE, page as u8)
            .unwrap();
    }
    assert_eq!(machine.load(space, START + 3 * PAGE_SIZE), Ok(3));
    assert_eq!(machine.vm.stats().faults, 0);
    machine.vm.check_invariants();
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn who_wants_more_frames_than_there_are_is_told_and_nothing_has_changed() {
    let mut machine = machine(8);
    let space = machine.space();
    machine.zeros(space, START, 5);
    let more = region(START + 5 * PAGE_SIZE, 4, Protection::READ);
    let error = machine.vm.map(space, more).unwrap_err();
    assert_eq!(error, MapError::Kill(Kill::OutOfFrames));
    assert_eq!(machine.vm.usage().frames_in_use, 5);
    machine.zeros(space, START + 5 * PAGE_SIZE, 3);
    machine.vm.check_invariants();
}

#[test]
fn a_frame_that_was_used_before_shows_nothing_of_that() {
    let mut machine = machine(1);
    let first = machine.space();
    machine.zeros(first, START, 1);
    machine.store(first, START, 7).unwrap();
    machine.vm.destroy_space(first);
    let second = machine.space();
    machine.zeros(second, START, 1);
    assert_eq!(machine.load(second, START), Ok(0));
}

#[test]
fn pages_of_a_file_are_read_at_once_and_each_process_has_its_own() {
    let mut machine = machine(8);
    let file: FileRef = MemFile::new(1, vec![9; PAGE_SIZE as usize + 1]);
    let spaces = [machine.space(), machine.space()];
    for space in spaces {
        let data = of_file(&file, 2, Protection::READ | Protection::WRITE);
        machine.vm.map(space, data).unwrap();
    }
    machine.store(spaces[0], START, 1).unwrap();
    assert_eq!(machine.load(spaces[1], START), Ok(9));
    assert_eq!(machine.load(spaces[1], START + PAGE_SIZE), Ok(9));
    assert_eq!(machine.load(spaces[1], START + PAGE_SIZE + 1), Ok(0));
    assert_eq!(machine.vm.stats().file_reads, 4);
}

#[test]
fn a_file_that_cannot_be_read_leaves_no_part_of_its_region() {
    let mut machine = machine(8);
    let file = MemFile::new(1, vec![9; 3 * PAGE_SIZE as usize]);
    file.fail_reads(true);
    let file: FileRef = file;
    let space = machine.space();
    let error = machine
        .vm
        .map(space, of_file(&file, 3, Protection::READ))
        .unwrap_err();
    assert_eq!(error, MapError::Kill(Kill::FileRead(0)));
    assert_eq!(machine.vm.regions(space).len(), 0);
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn an_access_without_a_right_to_it_is_refused_with_the_reason() {
    let mut machine = machine(8);
    let space = machine.space();
    machine
        .vm
        .map(space, region(START, 1, Protection::READ))
        .unwrap();
    machine.vm.add_stack(space).unwrap();
    let bad = |kill: BadAccess| Err(Kill::BadAccess(kill));
    assert_eq!(machine.store(space, START, 1), bad(BadAccess::ReadOnly));
    assert_eq!(machine.store(space, 0, 1), bad(BadAccess::Unmapped));
    assert_eq!(machine.store(space, TOP, 1), Ok(()));
    assert_eq!(
        machine.store(space, TOP - PAGE_SIZE, 1),
        bad(BadAccess::Unmapped)
    );
    assert_eq!(
        machine.load(space, 0xc000_0000).map(drop),
        bad(BadAccess::KernelAddress)
    );
    let mut check = |at: u32, bytes, access| {
        let checked = machine
            .vm
            .check_user(client(space), UserPtr(at), bytes, access);
        checked.map(drop)
    };
    assert_eq!(check(START, PAGE_SIZE, Access::Read), Ok(()));
    assert_eq!(
        check(START, PAGE_SIZE + 1, Access::Read),
        bad(BadAccess::Unmapped)
    );
    assert_eq!(check(START, 1, Access::Write), bad(BadAccess::ReadOnly));
    assert_eq!(
        check(TOP, PAGE_SIZE + 1, Access::Write),
        bad(BadAccess::KernelAddress)
    );
    assert_eq!(check(0, 0, Access::Write), Ok(()));
}

#[test]
fn the_kernel_reads_what_the_program_wrote_over_borders_of_pages() {
    let mut machine = machine(8);
    let space = machine.space();
    machine.zeros(space, START, 2);
    let at = UserPtr(START + PAGE_SIZE - 3);
    machine
        .vm
        .write_user(client(space), at, b"frames\0")
        .unwrap();
    assert_eq!(machine.load(space, START + PAGE_SIZE), Ok(b'm'));
    let mut bytes = [0; 6];
    machine.vm.read_user(client(space), at, &mut bytes).unwrap();
    assert_eq!(&bytes, b"frames");
    let text = |limit| machine.vm.read_user_string(client(space), at, limit);
    let mut text = text;
    assert_eq!(text(6), Ok(Some(b"frames".to_vec())));
    assert_eq!(text(5), Ok(None));
    let mut seen = [0; 9];
    let from = VirtAddr(START + 2 * PAGE_SIZE - 4);
    assert_eq!(machine.vm.peek(space, from, &mut seen), 4);
    assert_eq!(machine.vm.poke(space, from, b"swapped"), 4);
    assert_eq!(machine.load(space, START + 2 * PAGE_SIZE - 1), Ok(b'p'));
}

#[test]
fn a_fork_copies_every_page_or_is_refused() {
    let mut machine = machine(8);
    let parent = machine.space();
    machine.zeros(parent, START, 3);
    machine.store(parent, START, 7).unwrap();
    let child = machine.fork(parent);
    machine.store(parent, START, 8).unwrap();
    assert_eq!(machine.load(child, START), Ok(7));
    let error = machine.try_fork(parent).unwrap_err();
    assert_eq!(error, ForkError::Copy(Kill::OutOfFrames));
    assert_eq!(machine.vm.usage().frames_in_use, 6);
    machine.vm.check_invariants();
}

#[test]
fn what_it_does_not_do_it_refuses() {
    let mut machine = machine(8);
    let space = machine.space();
    machine.zeros(space, START, 1);
    let page = VirtAddr(START).page();
    let pages = page..page.checked_add(1).unwrap();
    let mapping = FileMapping {
        start: VirtAddr(2 * START).page(),
        pages: 1,
        file: MemFile::new(1, vec![1]),
        first: 0,
        protection: Protection::READ,
        sharing: Sharing::Shared,
    };
    assert_eq!(machine.vm.mmap(space, mapping), Err(MapError::Unsupported));
    let advice = Err(AdviceError::Unsupported);
    assert_eq!(machine.vm.page_out(space, pages.clone()), advice);
    assert_eq!(machine.vm.dont_need(space, pages.clone()), advice);
    assert_eq!(machine.vm.will_need(space, pages.clone()), Ok(()));
    assert!(machine.vm.pin(client(space), pages, Access::Read).is_err());
}

#[test]
fn inspectors_see_frames_and_no_slots() {
    let mut machine = machine(8);
    let space = machine.space();
    machine.zeros(space, START, 2);
    machine.store(space, START, 1).unwrap();
    let places: Vec<Place> = machine.vm.pages(space).map(|page| page.place).collect();
    let frames: Vec<Place> = machine
        .vm
        .frames_in_use()
        .map(|view| Place::Frame(view.frame))
        .collect();
    assert_eq!(places, frames);
    let dirty: Vec<bool> = machine
        .vm
        .frames_in_use()
        .map(|view| machine.vm.is_dirty(view.frame))
        .collect();
    assert_eq!(dirty, [true, false]);
    assert_eq!(
        machine.vm.slots_in_use().count() + machine.vm.copies().count(),
        0
    );
    assert_eq!(machine.vm.usage().slots, 64);
}
