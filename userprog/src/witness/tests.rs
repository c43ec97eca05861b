//! What a kernel that lies is found out by, and what one that does not may do.

use vm::Sharing;

use super::*;
use crate::check::testing::region;

const FRAME: Frame = Frame::new(3);
const OTHER_FRAME: Frame = Frame::new(4);
const PAGE: Page = Page::new(0x300);
const MINE: Spot = Spot {
    process: 1,
    page: PAGE,
};

/// A machine whose CPU runs process 1.
struct Machine {
    state: State,
    memory: PhysMemory,
}

impl Machine {
    fn new() -> Machine {
        let mut state = State::new(Tlb::default());
        state.running = Some(1);
        let memory = PhysMemory::new(8).unwrap();
        Machine { state, memory }
    }

    /// The kernel fills a frame with one byte.
    fn write(&mut self, frame: Frame, byte: u8) {
        let before = self.memory.with_frame(frame, |bytes| *bytes);
        self.state.is_written(frame, &before);
        self.store(frame, byte);
    }

    /// The program does, through its TLB.
    fn store(&self, frame: Frame, byte: u8) {
        self.memory.with_frame_mut(frame, |bytes| bytes.fill(byte));
    }

    fn fill(&mut self, page: Page, frame: Frame, can_store: bool) {
        let fill = Fill {
            page,
            frame,
            can_store,
        };
        self.state.filled(&self.memory, fill);
    }

    fn breach(&self) -> Option<String> {
        self.state.breach.as_ref().map(|breach| breach.what.clone())
    }

    /// The program stores to its page in a frame, which was zeros.
    fn with_stored(byte: u8) -> Machine {
        let mut machine = Machine::new();
        machine.fill(PAGE, FRAME, true);
        machine.store(FRAME, byte);
        machine
    }
}

#[test]
fn what_was_stored_comes_back_in_another_frame() {
    let mut machine = Machine::with_stored(7);
    machine.write(FRAME, 0);
    machine.write(OTHER_FRAME, 7);
    machine.fill(PAGE, OTHER_FRAME, true);
    assert_eq!(machine.breach(), None);
}

#[test]
fn other_bytes_in_another_frame_are_found_out() {
    for frame in [FRAME, OTHER_FRAME] {
        let mut machine = Machine::with_stored(7);
        machine.write(FRAME, 0);
        machine.write(OTHER_FRAME, 8);
        machine.fill(PAGE, frame, false);
        let what = machine.breach().unwrap();
        assert!(what.contains("byte 0x0 should be 0x07"), "{what}");
    }
}

#[test]
fn a_page_that_is_changed_behind_its_entry_in_the_tlb_is_found_out() {
    for (byte, is_found) in [(7, false), (8, true)] {
        let mut machine = Machine::with_stored(7);
        machine.write(FRAME, byte);
        machine.state.goes_on(&machine.memory, 1);
        assert_eq!(machine.breach().is_some(), is_found);
    }
}

#[test]
fn a_frame_whose_entry_was_invalidated_may_be_anothers() {
    let root = Frame::new(7);
    let mut machine = Machine::with_stored(7);
    machine.state.tlb.switch_to(root);
    machine.write(FRAME, 8);
    machine.state.goes_on(&machine.memory, 1);
    assert_eq!(machine.breach(), None);
}

#[test]
fn a_page_begins_with_zeros_or_with_what_is_in_its_program() {
    let begins = |page, byte| {
        let mut machine = Machine::new();
        machine.state.areas.map(1, &region(Sharing::Private, true));
        machine.write(FRAME, byte);
        machine.fill(Page::new(page), FRAME, false);
        machine.breach().is_none()
    };
    assert!(begins(0x300, 0) && !begins(0x300, 1));
    // Page 2 of the file.
    assert!(begins(0x102, 3) && !begins(0x102, 0) && !begins(0x102, 4));
}

#[test]
fn a_mapped_file_may_have_anything_until_the_program_stores_there() {
    let mut machine = Machine::new();
    let pages = PAGE..Page::new(0x304);
    let areas = &mut machine.state.areas;
    areas.mmap(1, vm::MapId(1), pages, Sharing::Private);
    for byte in [1, 2] {
        machine.write(FRAME, byte);
        machine.fill(PAGE, FRAME, false);
    }
    machine.fill(PAGE, FRAME, true);
    assert_eq!(machine.breach(), None);
    machine.write(FRAME, 3);
    machine.fill(PAGE, FRAME, false);
    assert!(machine.breach().is_some());
}

#[test]
fn a_shared_mapping_is_the_files() {
    let mut machine = Machine::new();
    let pages = PAGE..Page::new(0x304);
    let areas = &mut machine.state.areas;
    areas.mmap(1, vm::MapId(1), pages, Sharing::Shared);
    for byte in [1, 2] {
        machine.write(FRAME, byte);
        machine.fill(PAGE, FRAME, true);
    }
    assert_eq!(machine.breach(), None);
}

#[test]
fn a_child_has_what_its_parent_had_then() {
    for (byte, is_found) in [(7, false), (8, true)] {
        let mut machine = Machine::with_stored(7);
        machine.state.pages.fork(1, 2, &machine.memory);
        // The parent stores again, through the entry that it still has.
        machine.store(FRAME, 8);
        machine.write(OTHER_FRAME, byte);
        machine.state.running = Some(2);
        machine.fill(PAGE, OTHER_FRAME, true);
        assert_eq!(machine.breach().is_some(), is_found);
    }
}

#[test]
fn a_system_call_stores_what_it_was_to_store() {
    for (byte, is_found) in [(9, false), (7, true)] {
        let mut machine = Machine::with_stored(7);
        let held = machine
            .state
            .with_stored(&machine.memory, MINE, 0, &[9; 4096]);
        machine.state.pages.set(MINE, held.unwrap());
        machine.write(FRAME, byte);
        machine.fill(PAGE, FRAME, false);
        assert_eq!(machine.breach().is_some(), is_found);
    }
}

#[test]
fn a_system_call_reads_what_is_there() {
    let mut machine = Machine::with_stored(7);
    machine
        .state
        .has_read(&machine.memory, MINE, 100, &[7, 7, 7]);
    assert_eq!(machine.breach(), None);
    machine.state.has_read(&machine.memory, MINE, 100, b"PASS");
    let what = machine.breach().unwrap();
    assert!(
        what.contains("from byte 0x64 of page 0x00300000 of process 1 on"),
        "{what}"
    );
}

#[test]
fn a_failed_system_call_may_have_stored_a_part() {
    let mut machine = Machine::with_stored(7);
    machine.state.pages.set(MINE, Held::Unknown);
    machine.write(FRAME, 9);
    machine.fill(PAGE, FRAME, false);
    assert_eq!(machine.breach(), None);
    assert_eq!(machine.state.pages.get(MINE), Some(&Held::InFrame(FRAME)));
}
