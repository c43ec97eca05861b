//! What services ask of the virtual memory reaches the witness.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use machine::addr::{PAGE_SIZE, VirtAddr};
use machine::disk::MemoryDisk;
use machine::layout::Layout;
use machine::paging::PageTables;
use machine::work::Work;
use vm::{
    Client, FileId, FileMapping, FileRef, FileSource, Moment, Owner, Pager, Protection, Sharing,
    SpaceId, UserPtr, Vm, VmOptions,
};

use super::pages::Held;
use super::*;
use crate::check::testing::{Numbers, region};

/// The first page of [`region`].
const PAGE: Page = Page::new(0x100);
const ADDR: u32 = 0x10_0000;
const TEXT: [u8; 3] = [7; 3];

/// A file that has other bytes whenever it is read.
struct Fickle(Cell<u8>);

impl FileSource for Fickle {
    fn id(&self) -> FileId {
        FileId(8)
    }

    fn len(&self) -> u64 {
        u64::from(PAGE_SIZE)
    }

    fn read_at(&self, _: u64, to: &mut [u8]) -> io::Result<usize> {
        to.fill(self.0.get());
        self.0.set(self.0.get() + 1);
        Ok(to.len())
    }

    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

fn fickle() -> FileRef {
    Rc::new(Fickle(Cell::new(0)))
}

fn mapping(start: Page, file: FileRef) -> FileMapping {
    FileMapping {
        start,
        pages: 2,
        file,
        first: 0,
        protection: Protection::READ | Protection::WRITE,
        sharing: Sharing::Private,
    }
}

fn moment() -> Moment {
    Moment {
        work: Work::ZERO,
        eip: VirtAddr(0),
    }
}

/// A service under watch, for a process whose [`region`] of zeros begins with [`TEXT`].
struct Watched {
    vm: Vm,
    witness: Witness,
    space: SpaceId,
}

impl Watched {
    fn new() -> Watched {
        let layout = Layout::new(32);
        let memory = PhysMemory::new(layout.total_frames()).unwrap();
        let tlb = Tlb::default();
        let tables = PageTables::new(memory.clone(), layout);
        let swap = Box::new(MemoryDisk::new(0));
        let witness = Witness {
            state: Rc::new(RefCell::new(State::new(tlb.clone()))),
            memory,
        };
        let mut vm = Vm::new(tables, tlb, swap, VmOptions::default());
        let made = vm.serve(moment(), |pager| {
            let mut vm = WatchedPager::new(pager, Some(&witness));
            vm.create_space(Owner(1), Work::ZERO).unwrap()
        });
        let mut watched = Watched {
            vm,
            witness,
            space: made.result,
        };
        let client = watched.client();
        watched.serve(|vm| {
            let region = region(Sharing::Private, false);
            vm.map(client.space, region).unwrap();
            vm.write_user(client, UserPtr(ADDR), &TEXT).unwrap();
        });
        watched
    }

    fn client(&self) -> Client {
        Client {
            space: self.space,
            stack: VirtAddr(0xbfff_f000),
        }
    }

    fn serve<R>(&mut self, task: impl FnOnce(&mut WatchedPager<'_>) -> R) -> R {
        let witness = &self.witness;
        let served = self.vm.serve(moment(), |pager: &mut Pager| {
            task(&mut WatchedPager::new(pager, Some(witness)))
        });
        served.result
    }

    /// Returns whether the witness knows what the first page of a space holds.
    fn knows(&self, space: SpaceId) -> bool {
        let state = self.witness.state.borrow();
        let Some(process) = state.process(space) else {
            return false;
        };
        let held = state.pages.get(Spot::new(process, PAGE));
        held.is_some_and(|held| !matches!(held, Held::Unknown))
    }

    fn breach(&self) -> Option<String> {
        self.witness.breach().map(|breach| breach.what)
    }
}

#[test]
fn what_a_file_does_not_have_is_found_out_when_it_is_read() {
    let mut watched = Watched::new();
    let mut bytes = [0; 5];
    let numbers: FileRef = Rc::new(Numbers);
    let read = watched.serve(|vm| vm.file_read(&numbers, 4096, &mut bytes).unwrap());
    assert_eq!((read, bytes, watched.breach()), (5, [2; 5], None));

    watched.serve(|vm| vm.file_read(&fickle(), 3, &mut bytes).unwrap());
    let what = watched.breach().unwrap();
    assert!(what.contains("read 5 bytes of file"), "{what}");
    assert!(what.contains("at offset 0x3 that are not there"), "{what}");
}

#[test]
fn what_does_not_reach_its_file_is_found_out_when_it_is_written() {
    let mut watched = Watched::new();
    let numbers: FileRef = Rc::new(Numbers);
    watched.serve(|vm| vm.file_write(&numbers, 0, &[1; 9]).unwrap());
    assert_eq!(watched.breach(), None);
    watched.serve(|vm| vm.file_write(&numbers, 0, &[9; 9]).unwrap());
    let what = watched.breach().unwrap();
    assert!(what.contains("wrote 9 bytes of file"), "{what}");
}

#[test]
fn a_mapped_file_may_have_its_bytes_in_a_frame_alone() {
    let mut watched = Watched::new();
    let space = watched.space;
    let file = fickle();
    watched.serve(|vm| {
        let mapping = mapping(Page::new(0x200), Rc::clone(&file));
        vm.mmap(space, mapping).unwrap();
        vm.file_read(&file, 0, &mut [0; 5]).unwrap();
    });
    assert_eq!(watched.breach(), None);
}

#[test]
fn what_a_system_call_stores_is_known_until_the_page_is_given_up() {
    type GiveUp = fn(&mut WatchedPager<'_>, SpaceId);
    let ways: [GiveUp; 3] = [
        |vm, space| vm.unmap(space, PAGE..Page::new(0x101)).unwrap(),
        |vm, space| vm.dont_need(space, PAGE..Page::new(0x101)).unwrap(),
        |vm, space| vm.destroy_space(space),
    ];
    for give_up in ways {
        let mut watched = Watched::new();
        let space = watched.space;
        assert!(watched.knows(space));
        watched.serve(|vm| give_up(vm, space));
        assert!(!watched.knows(space));
    }
}

#[test]
fn what_takes_the_place_of_a_mapping_begins_anew() {
    let mut watched = Watched::new();
    let space = watched.space;
    let pages = PAGE..Page::new(0x105);
    watched.serve(|vm| {
        vm.unmap(space, pages.clone()).unwrap();
        let id = vm.mmap(space, mapping(PAGE, Rc::new(Numbers))).unwrap();
        let client = Client {
            space,
            stack: VirtAddr(0xbfff_f000),
        };
        vm.write_user(client, UserPtr(ADDR), &TEXT).unwrap();
        vm.munmap(space, id).unwrap();
        vm.mmap_zeros(space, pages, Protection::READ | Protection::WRITE)
            .unwrap();
        let mut bytes = [1; 3];
        vm.read_user(client, UserPtr(ADDR), &mut bytes).unwrap();
        assert_eq!(bytes, [0; 3]);
    });
    assert_eq!(watched.breach(), None);
}

#[test]
fn a_child_has_what_its_parent_had_and_keeps_it() {
    let mut watched = Watched::new();
    let parent = watched.space;
    let child = watched.serve(|vm| vm.fork_space(parent, Owner(2), Work::ZERO).unwrap());
    assert!(watched.knows(child));
    watched.serve(|vm| vm.destroy_space(parent));
    assert!(watched.knows(child) && !watched.knows(parent));
}

#[test]
fn a_string_is_judged_with_the_zero_behind_it() {
    let mut watched = Watched::new();
    let client = watched.client();
    let read = |vm: &mut WatchedPager<'_>| vm.read_user_string(client, UserPtr(ADDR), 16).unwrap();
    assert_eq!(watched.serve(read), Some(TEXT.to_vec()));
    assert_eq!(watched.breach(), None);
    // The kernel cuts it short behind the witness' back.
    watched.serve(|vm| {
        let at = UserPtr(ADDR + 1);
        Pager::write_user(vm, client, at, &[0]).unwrap();
    });
    assert_eq!(watched.serve(read), Some(vec![7]));
    let what = watched.breach().unwrap();
    assert!(what.contains("read 2 bytes that are not there"), "{what}");
}
