//! Failing disks, pinned frames, full memory: the asking process gets an error, and nothing is
//! lost.

use std::cell::RefCell;
use std::rc::Rc;

use kit::{Machine, MemFile, client, region};
use machine::addr::{PAGE_SIZE, Page, VirtAddr};
use machine::disk::{Fault, FaultyDisk, MemoryDisk, Operation};
use vm::event::Detail;
use vm::{
    Access, Event, FileRef, Kill, MapError, PinError, Protection, Sharing, UnmapError, VmOptions,
};

const AT: u32 = 0x1000_0000;

fn page(number: u32) -> u32 {
    AT + number * PAGE_SIZE
}

fn pages(first: u32, count: u32) -> std::ops::Range<Page> {
    VirtAddr(page(first)).page()..VirtAddr(page(first + count)).page()
}

/// Creates a machine whose swap disk fails as planned. Also returns the events of its virtual
/// memory.
fn with_faults(frames: u32, plan: Vec<Fault>) -> (Machine, Rc<RefCell<Vec<Event>>>) {
    let disk = FaultyDisk::new(MemoryDisk::new(64 * 8), plan);
    let mut machine = Machine::with_swap(frames, Box::new(disk), VmOptions::default());
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&events);
    machine.vm.record(
        Detail::Faults,
        Box::new(move |_, event| log.borrow_mut().push(event.clone())),
    );
    (machine, events)
}

fn fails(operation: Operation, nth: u64, torn_after: usize) -> Fault {
    Fault {
        operation,
        nth,
        torn_after,
    }
}

#[test]
fn a_page_that_cannot_be_read_back_kills_who_needs_it_and_stays_in_its_slot() {
    for torn_after in [0, 3] {
        let (mut machine, _) = with_faults(8, vec![fails(Operation::Read, 0, torn_after)]);
        let space = machine.space();
        machine.zeros(space, AT, 20);
        for n in 0..20 {
            machine.store(space, page(n), n as u8 + 1).unwrap();
        }
        let in_swap = machine.vm.swap().in_use();
        let first = (0..20)
            .find(|n| machine.frame(space, page(*n)).is_none())
            .unwrap();
        assert!(matches!(
            machine.load(space, page(first)),
            Err(Kill::SwapRead(_))
        ));
        machine.vm.check_invariants();
        // A page was evicted for it; the slot is as it was.
        assert!(machine.vm.swap().in_use() >= in_swap);
        for n in 0..20 {
            assert_eq!(
                machine.load(space, page(n)),
                Ok(n as u8 + 1),
                "a second try reads page {n}"
            );
        }
        machine.vm.destroy_space(space);
        machine.assert_nothing_left();
    }
}

#[test]
fn a_page_that_cannot_be_written_out_stays_and_another_goes() {
    for torn_after in [0, 5] {
        let plan = (0..3)
            .map(|n| fails(Operation::Write, n, torn_after))
            .collect();
        let (mut machine, events) = with_faults(8, plan);
        let space = machine.space();
        machine.zeros(space, AT, 12);
        for n in 0..12 {
            machine.store(space, page(n), n as u8 + 1).unwrap();
        }
        let failed = |event: &Event| matches!(event, Event::PageOutFailed { .. });
        assert_eq!(
            events.borrow().iter().filter(|event| failed(event)).count(),
            3
        );
        for n in 0..12 {
            assert_eq!(machine.load(space, page(n)), Ok(n as u8 + 1));
        }
        machine.vm.check_invariants();
        machine.vm.destroy_space(space);
        machine.assert_nothing_left();
    }
}

#[test]
fn a_disk_that_takes_no_page_ends_who_asks_and_others_keep_what_they_have() {
    let plan = (0..10_000).map(|n| fails(Operation::Write, n, 0)).collect();
    let (mut machine, _) = with_faults(8, plan);
    let (rich, poor) = (machine.space(), machine.space());
    machine.zeros(rich, AT, 8);
    machine.zeros(poor, AT, 8);
    for n in 0..8 {
        machine.store(rich, page(n), n as u8 + 1).unwrap();
    }
    assert_eq!(machine.store(poor, AT, 1), Err(Kill::PageOut));
    machine.vm.destroy_space(poor);
    for n in 0..8 {
        assert_eq!(machine.load(rich, page(n)), Ok(n as u8 + 1));
    }
    machine.vm.destroy_space(rich);
    machine.assert_nothing_left();
}

#[test]
fn a_write_back_that_fails_is_told_to_msync_and_munmap_and_said_at_exit() {
    let (mut machine, events) = with_faults(8, vec![]);
    let file = MemFile::new(1, vec![7; 3 * PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let space = machine.space();
    let id = machine.mmap(space, AT, &file_ref, Sharing::Shared);
    machine.store(space, page(1), 1).unwrap();

    file.fail_writes(true);
    let sync = machine.vm.sync(space, pages(0, 3));
    assert!(matches!(sync, Err(UnmapError::WriteBack { page: 1, .. })));
    file.fail_writes(false);
    machine.vm.sync(space, pages(0, 3)).unwrap();
    assert_eq!(
        file.on_disk()[PAGE_SIZE as usize],
        1,
        "the page was still dirty"
    );

    machine.store(space, page(2), 2).unwrap();
    file.fail_writes(true);
    let unmapped = machine.vm.munmap(space, id);
    assert!(matches!(
        unmapped,
        Err(UnmapError::WriteBack { page: 2, .. })
    ));
    assert!(matches!(
        machine.vm.munmap(space, id),
        Err(UnmapError::NoSuchMapping)
    ));

    machine.mmap(space, AT, &file_ref, Sharing::Shared);
    machine.store(space, page(0), 3).unwrap();
    events.borrow_mut().clear();
    machine.vm.destroy_space(space);
    assert!(matches!(
        events.borrow()[..],
        [Event::WriteBackFailed { page: 0, .. }]
    ));
    machine.assert_nothing_left();
}

#[test]
fn a_dirty_page_whose_file_fails_stays_in_its_frame_and_another_is_evicted() {
    let (mut machine, _) = with_faults(8, vec![]);
    let file = MemFile::new(1, vec![7; PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let space = machine.space();
    machine.mmap(space, AT, &file_ref, Sharing::Shared);
    machine.store(space, AT, 1).unwrap();
    file.fail_writes(true);
    machine.zeros(space, page(16), 20);
    for n in 16..36 {
        machine.store(space, page(n), 9).unwrap();
    }
    assert!(machine.frame(space, AT).is_some());
    file.fail_writes(false);
    machine.vm.destroy_space(space);
    assert_eq!(file.on_disk()[0], 1);
}

#[test]
fn a_file_that_cannot_be_read_kills_who_needs_it() {
    let (mut machine, _) = with_faults(8, vec![]);
    let file = MemFile::new(1, vec![7; PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let space = machine.space();
    machine.mmap(space, AT, &file_ref, Sharing::Private);
    file.fail_reads(true);
    assert_eq!(machine.load(space, AT), Err(Kill::FileRead(0)));
    assert_eq!(machine.store(space, AT, 1), Err(Kill::FileRead(0)));
    file.fail_reads(false);
    assert_eq!(machine.load(space, AT), Ok(7));
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn touching_a_page_past_the_end_of_a_shortened_file_kills() {
    let (mut machine, _) = with_faults(8, vec![]);
    let file = MemFile::new(1, vec![7; 3 * PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let space = machine.space();
    machine.mmap(space, AT, &file_ref, Sharing::Shared);
    machine.store(space, page(2), 1).unwrap();
    let old = file_ref.len();
    file.set_len(PAGE_SIZE as usize + 10);
    machine.vm.file_resized(&file_ref, old);
    assert_eq!(machine.load(space, page(2)), Err(Kill::PastEndOfFile));
    assert_eq!(machine.load(space, page(1) + 9), Ok(7));
    assert_eq!(machine.load(space, page(1) + 10), Ok(0));
    machine.vm.destroy_space(space);
    assert_eq!(file.on_disk().len(), PAGE_SIZE as usize + 10);
    machine.assert_nothing_left();
}

#[test]
fn a_full_swap_ends_who_asks_and_gives_everyone_his_own_back() {
    let mut machine = Machine::new(8, 16, VmOptions::default());
    let (first, second) = (machine.space(), machine.space());
    machine.zeros(first, AT, 16);
    machine.zeros(second, AT, 64);
    for n in 0..16 {
        machine.store(first, page(n), n as u8 + 1).unwrap();
    }
    let full = (0..64)
        .map(|n| machine.store(second, page(n), 1))
        .find(Result::is_err);
    assert_eq!(full, Some(Err(Kill::OutOfSwap)));
    machine.vm.check_invariants();
    // With all frames and slots in use pages can still be exchanged.
    for _ in 0..3 {
        for n in 0..16 {
            assert_eq!(machine.load(first, page(n)), Ok(n as u8 + 1));
        }
    }
    machine.vm.destroy_space(second);
    machine.vm.destroy_space(first);
    machine.assert_nothing_left();
}

#[test]
fn no_more_than_half_of_the_frames_can_be_pinned_and_a_pinned_page_stays() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 64);
    machine
        .vm
        .pin(client(space), pages(0, 4), Access::Write)
        .unwrap();
    let more = machine.vm.pin(client(space), pages(4, 1), Access::Read);
    assert_eq!(more, Err(PinError::TooMany));
    let frames: Vec<_> = (0..4).map(|n| machine.frame(space, page(n))).collect();
    for n in 4..64 {
        machine.store(space, page(n), 1).unwrap();
    }
    let after: Vec<_> = (0..4).map(|n| machine.frame(space, page(n))).collect();
    assert_eq!(frames, after);
    machine.vm.unpin(space, pages(0, 4)).unwrap();
    assert_eq!(
        machine.vm.unpin(space, pages(0, 1)),
        Err(PinError::NotPinned)
    );
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn a_thousand_mappings_come_and_go_and_the_address_space_has_an_end() {
    let mut machine = Machine::new(16, 64, VmOptions::default());
    let file: FileRef = MemFile::new(1, vec![5; PAGE_SIZE as usize]);
    let space = machine.space();
    let ids: Vec<_> = (0..1000)
        .map(|n| machine.mmap(space, page(2 * n), &file, Sharing::Shared))
        .collect();
    for n in 0..1000 {
        assert_eq!(machine.load(space, page(2 * n)), Ok(5));
    }
    for id in ids {
        machine.vm.munmap(space, id).unwrap();
    }
    machine.vm.add_stack(space).unwrap();
    let rest = region(
        0x1000,
        (0xc000_0000u32 - 0x80_0000 - 0x1000) / PAGE_SIZE,
        Protection::READ,
    );
    machine.vm.map(space, rest).unwrap();
    assert_eq!(
        machine.vm.map(space, region(0x5000, 1, Protection::READ)),
        Err(MapError::Overlap)
    );
    assert_eq!(
        machine
            .vm
            .map(space, region(0xbfff_f000, 2, Protection::READ)),
        Err(MapError::BadRange)
    );
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

// lab 10 tests
#[test]
fn private_pages_leave_frames_for_the_files_of_others() {
    let mut machine = Machine::new(8, 0, VmOptions::default());
    let file: FileRef = MemFile::new(1, vec![5; 9 * PAGE_SIZE as usize]);
    let (reader, writer) = (machine.space(), machine.space());
    machine.mmap(reader, AT, &file, Sharing::Shared);
    machine.zeros(writer, AT, 9);
    for n in 0..4 {
        machine.store(writer, page(n), 1).unwrap();
    }
    assert_eq!(machine.store(writer, page(4), 1), Err(Kill::OutOfSwap));
    assert_eq!(machine.load(writer, page(4)), Err(Kill::OutOfSwap));
    for n in 0..9 {
        assert_eq!(machine.load(reader, page(n)), Ok(5));
    }
}

// lab 10 tests
#[test]
fn a_page_that_was_only_loaded_from_makes_room_for_another() {
    let mut machine = Machine::new(8, 0, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 9);
    for n in 0..9 {
        assert_eq!(machine.load(space, page(n)), Ok(0));
    }
    for n in 0..4 {
        machine.store(space, page(n), 1).unwrap();
    }
    assert_eq!(machine.load(space, page(8)), Err(Kill::OutOfSwap));
}

// lab 8 tests
#[test]
fn a_store_for_itself_to_a_page_that_others_left_dirty_does_not_hang_on_the_file() {
    let (mut machine, _) = with_faults(8, vec![]);
    let file = MemFile::new(1, vec![7; PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let (writer, reader) = (machine.space(), machine.space());
    machine.mmap(writer, AT, &file_ref, Sharing::Shared);
    machine.mmap(reader, AT, &file_ref, Sharing::Private);
    machine.store(writer, AT, 1).unwrap();
    assert_eq!(machine.load(reader, AT), Ok(1));
    machine.vm.destroy_space(writer);
    // The page is private to the reader now, and differs from the file.
    file.fail_writes(true);
    machine.store(reader, AT + 1, 2).unwrap();
    assert_eq!(machine.load(reader, AT), Ok(1));
    machine.vm.destroy_space(reader);
    machine.assert_nothing_left();
}
