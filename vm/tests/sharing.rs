//! Sharing of frames: fork, the page cache, shared and private mappings.

use kit::{Machine, MemFile, client};
use machine::addr::{PAGE_SIZE, Page, VirtAddr};
use vm::User;
use vm::{Access, AliasPolicy, FileRef, Sharing, SpaceId, UserPtr, VmOptions, pagemap};

const AT: u32 = 0x1000_0000;

fn page(number: u32) -> u32 {
    AT + number * PAGE_SIZE
}

fn pages(first: u32, count: u32) -> std::ops::Range<Page> {
    VirtAddr(page(first)).page()..VirtAddr(page(first + count)).page()
}

fn user(space: SpaceId, addr: u32) -> User {
    User {
        space,
        page: VirtAddr(addr).page(),
    }
}

#[test]
fn a_fork_of_a_thousand_resident_pages_copies_none_until_they_are_stored_to() {
    let mut machine = Machine::new(2000, 64, VmOptions::default());
    let parent = machine.space();
    machine.zeros(parent, AT, 1000);
    for n in 0..1000 {
        machine.store(parent, page(n), n as u8).unwrap();
    }
    let child = machine.fork(parent);
    assert_eq!(machine.vm.frames().in_use(), 1000);
    machine.store(child, page(3), 99).unwrap();
    machine.store(parent, page(3), 98).unwrap();
    assert_eq!(machine.vm.frames().in_use(), 1001);
    assert_eq!(
        machine.vm.stats().copies,
        1,
        "the last user of a page needs no copy"
    );
    assert_eq!(machine.load(child, page(3)), Ok(99));
    assert_eq!(machine.load(parent, page(3)), Ok(98));
    machine.vm.destroy_space(parent);
    assert_eq!(machine.load(child, page(4)), Ok(4));
    machine.vm.destroy_space(child);
    machine.assert_nothing_left();
}

#[test]
fn a_slot_that_a_fork_shares_is_one_slot_until_its_page_comes_back_for_both() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let parent = machine.space();
    machine.zeros(parent, AT, 4);
    for n in 0..4 {
        machine.store(parent, page(n), 40 + n as u8).unwrap();
    }
    machine.vm.page_out(parent, pages(0, 4)).unwrap();
    let child = machine.fork(parent);
    assert_eq!(machine.vm.swap().in_use(), 4);
    assert_eq!(machine.load(child, page(2)), Ok(42));
    assert_eq!(machine.vm.swap().in_use(), 3);
    assert_eq!(
        machine.frame(parent, page(2)),
        machine.frame(child, page(2))
    );
    machine.vm.destroy_space(parent);
    assert_eq!(machine.vm.swap().in_use(), 3);
    machine.vm.destroy_space(child);
    machine.assert_nothing_left();
}

#[test]
fn pages_of_a_file_are_one_frame_for_all_who_only_read_them() {
    let mut machine = Machine::new(64, 64, VmOptions::default());
    let file: FileRef = MemFile::new(1, vec![3; 8 * PAGE_SIZE as usize]);
    let spaces: Vec<_> = (0..20).map(|_| machine.space()).collect();
    for space in &spaces {
        machine.mmap(*space, AT, &file, Sharing::Private);
        for n in 0..8 {
            assert_eq!(machine.load(*space, page(n)), Ok(3));
        }
    }
    assert_eq!(machine.vm.frames().in_use(), 8);
    assert_eq!(machine.vm.stats().file_reads, 8);
    machine.store(spaces[5], page(1), 4).unwrap();
    assert_eq!(machine.vm.frames().in_use(), 9);
    assert_eq!(machine.load(spaces[6], page(1)), Ok(3));
    for space in spaces {
        machine.vm.destroy_space(space);
    }
    machine.assert_nothing_left();
}

#[test]
fn a_page_of_a_file_with_no_other_user_is_claimed_and_not_copied() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let file = MemFile::new(1, vec![3; PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let space = machine.space();
    machine.mmap(space, AT, &file_ref, Sharing::Private);
    assert_eq!(machine.load(space, AT), Ok(3));
    let frame = machine.frame(space, AT);
    machine.store(space, AT, 4).unwrap();
    assert_eq!(
        (machine.frame(space, AT), machine.vm.stats().copies),
        (frame, 0)
    );
    machine.vm.page_out(space, pages(0, 1)).unwrap();
    assert_eq!(machine.load(space, AT), Ok(4));
    assert_eq!(file.on_disk()[0], 3);
}

#[test]
fn a_clean_page_of_a_file_is_never_written_and_a_dirty_one_once() {
    for alias in [AliasPolicy::Sync, AliasPolicy::UserAddress] {
        let mut machine = Machine::new(
            8,
            64,
            VmOptions {
                alias,
                ..VmOptions::default()
            },
        );
        let file = MemFile::new(1, vec![3; 4 * PAGE_SIZE as usize - 100]);
        let file_ref: FileRef = file.clone();
        let space = machine.space();
        let id = machine.mmap(space, AT, &file_ref, Sharing::Shared);
        for n in 0..4 {
            machine.load(space, page(n)).unwrap();
        }
        machine.vm.page_out(space, pages(0, 4)).unwrap();
        assert_eq!(machine.vm.stats().write_backs, 0);
        // A store of the kernel, which sets D where the alias policy says, and one past the end.
        machine
            .vm
            .write_user(client(space), UserPtr(page(3)), &[9])
            .unwrap();
        machine.store(space, page(4) - 1, 8).unwrap();
        machine.vm.munmap(space, id).unwrap();
        assert_eq!(machine.vm.stats().write_backs, 1);
        let on_disk = file.on_disk();
        assert_eq!(on_disk.len(), 4 * PAGE_SIZE as usize - 100);
        assert_eq!(on_disk[3 * PAGE_SIZE as usize], 9);
    }
}

#[test]
fn shared_stores_are_seen_at_once_by_all_and_by_reads_of_the_file() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let file: FileRef = MemFile::new(1, vec![3; PAGE_SIZE as usize]);
    let (one, two) = (machine.space(), machine.space());
    machine.mmap(one, AT, &file, Sharing::Shared);
    machine.mmap(two, page(7), &file, Sharing::Shared);
    assert_eq!(machine.load(two, page(7)), Ok(3));
    machine.store(one, AT, 4).unwrap();
    assert_eq!(machine.load(two, page(7)), Ok(4));
    let mut byte = [0];
    machine.vm.file_read(&file, 0, &mut byte).unwrap();
    assert_eq!(byte, [4]);
    machine.vm.file_write(&file, 0, &[5]).unwrap();
    assert_eq!(machine.load(one, AT), Ok(5));
}

#[test]
fn a_pinned_page_keeps_its_frame_through_a_fork_and_the_child_gets_a_copy() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let parent = machine.space();
    machine.zeros(parent, AT, 1);
    machine.store(parent, AT, 1).unwrap();
    machine
        .vm
        .pin(client(parent), pages(0, 1), Access::Write)
        .unwrap();
    let frame = machine.frame(parent, AT);
    let child = machine.fork(parent);
    machine.store(parent, AT, 2).unwrap();
    assert_eq!(machine.frame(parent, AT), frame);
    assert_eq!(machine.load(child, AT), Ok(1));
}

#[test]
fn pagemap_says_where_a_page_is() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 1);
    assert_eq!(machine.vm.pagemap(user(space, AT)), 0);
    machine.load(space, AT).unwrap();
    let frame = machine.frame(space, AT).unwrap();
    let clean = pagemap::PRESENT | u64::from(frame.number());
    assert_eq!(machine.vm.pagemap(user(space, AT)), clean);
    machine.store(space, AT, 1).unwrap();
    assert_eq!(machine.vm.pagemap(user(space, AT)), clean | pagemap::DIRTY);
    machine.vm.page_out(space, pages(0, 1)).unwrap();
    assert_eq!(machine.vm.pagemap(user(space, AT)), pagemap::SWAPPED);
    let child = machine.fork(space);
    assert_eq!(
        machine.vm.pagemap(user(child, AT)),
        pagemap::SWAPPED | pagemap::FILE_OR_SHARED
    );
}

#[test]
fn what_was_only_loaded_is_dropped_and_what_was_stored_goes_to_swap() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 2);
    machine.load(space, page(0)).unwrap();
    machine.store(space, page(1), 0).unwrap();
    machine.vm.page_out(space, pages(0, 2)).unwrap();
    assert_eq!(
        (machine.vm.stats().swap_writes, machine.vm.swap().in_use()),
        (1, 1)
    );
    assert_eq!(machine.load(space, page(0)), Ok(0));
}

#[test]
fn after_a_fork_the_parent_cannot_store_by_what_its_tlb_still_holds() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let parent = machine.space();
    machine.zeros(parent, AT, 1);
    machine.store(parent, AT, 1).unwrap();
    let child = machine.fork(parent);
    machine.store(parent, AT, 2).unwrap();
    assert_eq!(machine.load(child, AT), Ok(1));
    assert_eq!(machine.load(parent, AT), Ok(2));
}

#[test]
fn what_a_shared_mapping_stored_reaches_the_file_though_a_private_one_is_left_with_the_page() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let file = MemFile::new(1, vec![3; PAGE_SIZE as usize]);
    let file_ref: FileRef = file.clone();
    let (writer, reader) = (machine.space(), machine.space());
    let id = machine.mmap(writer, AT, &file_ref, Sharing::Shared);
    machine.mmap(reader, AT, &file_ref, Sharing::Private);
    assert_eq!(machine.load(reader, AT), Ok(3));
    machine.store(writer, AT, 4).unwrap();
    machine.vm.munmap(writer, id).unwrap();
    machine.store(reader, AT + 1, 5).unwrap();
    machine.vm.destroy_space(reader);
    machine.vm.destroy_space(writer);
    assert_eq!(file.on_disk()[..2], [4, 3]);
    machine.assert_nothing_left();
}

#[test]
fn what_the_kernel_did_to_a_frame_is_forgotten_with_the_page_that_was_in_it() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let file: FileRef = MemFile::new(1, vec![3; PAGE_SIZE as usize]);
    let space = machine.space();
    machine.zeros(space, AT, 1);
    machine
        .vm
        .write_user(client(space), UserPtr(AT), &[1])
        .unwrap();
    let frame = machine.frame(space, AT);
    machine.vm.unmap(space, pages(0, 1)).unwrap();
    machine.mmap(space, AT, &file, Sharing::Shared);
    machine.load(space, AT).unwrap();
    assert_eq!(machine.frame(space, AT), frame);
    machine.vm.page_out(space, pages(0, 1)).unwrap();
    assert_eq!(machine.vm.stats().write_backs, 0);
}
