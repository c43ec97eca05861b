//! A debugger reads memory wherever it is, without side effects, and writes only what the program
//! could write at that moment.

use kit::{Machine, MemFile};
use machine::addr::{PAGE_SIZE, VirtAddr};
use machine::pte::PteFlags;
use vm::{FileRef, Sharing, SpaceId, VmOptions};

const AT: u32 = 0x1000_0000;

fn page(number: u32) -> VirtAddr {
    VirtAddr(AT + number * PAGE_SIZE)
}

/// Returns the first byte of a page, if it can be read.
fn peek(machine: &mut Machine, space: SpaceId, number: u32) -> Option<u8> {
    let mut byte = [0xee];
    let bytes = machine.vm.peek(space, page(number), &mut byte);
    (bytes == 1).then_some(byte[0])
}

#[test]
fn a_page_is_read_wherever_it_is_and_stays_there() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 3);
    machine.store(space, page(0).0, 10).unwrap();
    machine.store(space, page(1).0, 11).unwrap();
    let swapped = page(0).page()..page(1).page();
    machine.vm.page_out(space, swapped).unwrap();
    let file: FileRef = MemFile::new(1, vec![7; 2 * PAGE_SIZE as usize]);
    machine.mmap(space, AT + 3 * PAGE_SIZE, &file, Sharing::Private);
    let before = (*machine.vm.stats(), machine.vm.frames().in_use());

    let seen: Vec<_> = (0..6).map(|n| peek(&mut machine, space, n)).collect();
    let expected = [Some(10), Some(11), Some(0), Some(7), Some(7), None];
    assert_eq!(seen, expected);

    let after = (*machine.vm.stats(), machine.vm.frames().in_use());
    assert_eq!(after, before);
    assert_eq!(machine.vm.swap().in_use(), 1);
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn reading_goes_on_over_pages_up_to_the_first_that_is_none() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 2);
    machine.store(space, AT + PAGE_SIZE - 1, 5).unwrap();
    machine.store(space, AT + PAGE_SIZE, 6).unwrap();
    let mut bytes = vec![0; 2 * PAGE_SIZE as usize];
    let from = VirtAddr(AT + PAGE_SIZE - 1);
    let read = machine.vm.peek(space, from, &mut bytes);
    assert_eq!((read, bytes[0], bytes[1]), (PAGE_SIZE as usize + 1, 5, 6));
    let kernel = VirtAddr(0xc000_0000);
    assert_eq!(machine.vm.peek(space, kernel, &mut bytes), 0);
    machine.vm.destroy_space(space);
}

#[test]
fn reading_sets_no_accessed_bit_and_writing_sets_dirty() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let space = machine.space();
    machine.zeros(space, AT, 2);
    machine.load(space, page(0).0).unwrap();
    let frame = machine.frame(space, page(0).0).unwrap();
    let entry = |machine: &Machine| {
        let directory = machine.vm.space(space).directory();
        machine.vm.tables().entry(directory, page(0).page())
    };
    let before = entry(&machine);
    assert_eq!(peek(&mut machine, space, 0), Some(0));
    assert_eq!(entry(&machine), before);

    let storable = before.has(PteFlags::USER_WRITE);
    let written = machine.vm.poke(space, page(0), &[9]);
    assert_eq!(written, usize::from(storable));
    assert_eq!(entry(&machine).has(PteFlags::DIRTY), storable);
    assert_eq!(machine.vm.poke(space, page(1), &[9]), 0, "not loaded");
    assert_eq!(machine.vm.poke(space, page(2), &[9]), 0, "nothing there");
    assert_eq!(machine.frame(space, page(0).0), Some(frame));
    machine.vm.destroy_space(space);
    machine.assert_nothing_left();
}

#[test]
fn a_page_that_is_shared_is_not_written() {
    let mut machine = Machine::new(8, 64, VmOptions::default());
    let parent = machine.space();
    machine.zeros(parent, AT, 1);
    machine.store(parent, AT, 1).unwrap();
    let child = machine.fork(parent);
    machine.load(child, AT).unwrap();
    assert_eq!(machine.vm.poke(child, page(0), &[9]), 0);
    assert_eq!(machine.vm.poke(parent, page(0), &[9]), 0);
    machine.store(child, AT, 2).unwrap();
    assert_eq!(machine.vm.poke(child, page(0), &[9]), 1);
    assert_eq!(machine.load(child, AT), Ok(9));
    assert_eq!(machine.load(parent, AT), Ok(1));
    machine.vm.destroy_space(child);
    machine.vm.destroy_space(parent);
    machine.assert_nothing_left();
}
