//! Bytes that are stored past the end of a file through a mapping are never part of the file: when
//! the file is extended, it has zeros there, whatever was evicted in between.

use std::rc::Rc;

use kit::{Machine, MemFile, client};
use machine::addr::{PAGE_SIZE, VirtAddr};
use vm::{Access, FileRef, Sharing, SpaceId, VmOptions};

const AT: u32 = 0x1000_0000;
const OTHER: u32 = 0x2000_0000;
const END: usize = 100;

/// What happens between the store past the end and the extension.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Nothing,
    PagedOut,
    Synced,
    MappedBySibling,
    Pinned,
}

/// How the file is extended.
#[derive(Clone, Copy, Debug)]
enum Growth {
    Length(usize),
    Write(usize),
    ShorterThenLonger,
}

const MEANWHILE: [Meanwhile; 5] = [
    Meanwhile::Nothing,
    Meanwhile::PagedOut,
    Meanwhile::Synced,
    Meanwhile::MappedBySibling,
    Meanwhile::Pinned,
];
const GROWTHS: [Growth; 5] = [
    Growth::Length(END + 4),
    Growth::Length(3 * PAGE_SIZE as usize),
    Growth::Write(END + 8),
    Growth::Write(PAGE_SIZE as usize + 8),
    Growth::ShorterThenLonger,
];

struct Scene {
    machine: Machine,
    file: Rc<MemFile>,
    space: SpaceId,
}

impl Scene {
    fn new() -> Scene {
        let mut machine = Machine::new(8, 16, VmOptions::default());
        let file = MemFile::new(1, vec![1; END]);
        let space = machine.space();
        Scene::map(&mut machine, &file, space, AT, Sharing::Shared);
        Scene {
            machine,
            file,
            space,
        }
    }

    /// Maps three pages of the file, which may be shorter.
    fn map(machine: &mut Machine, file: &Rc<MemFile>, space: SpaceId, at: u32, sharing: Sharing) {
        let file: FileRef = file.clone();
        machine.mmap_pages(space, at, &file, 0..3, sharing);
    }

    fn meanwhile(&mut self, what: Meanwhile) {
        let first = VirtAddr(AT).page();
        let pages = first..first.checked_add(1).unwrap();
        let vm = &mut self.machine.vm;
        match what {
            Meanwhile::Nothing => {}
            Meanwhile::PagedOut => vm.page_out(self.space, pages).unwrap(),
            Meanwhile::Synced => vm.sync(self.space, pages).unwrap(),
            Meanwhile::Pinned => vm.pin(client(self.space), pages, Access::Write).unwrap(),
            Meanwhile::MappedBySibling => {
                let sibling = self.machine.space();
                Scene::map(&mut self.machine, &self.file, sibling, AT, Sharing::Shared);
                self.machine
                    .store(sibling, AT + END as u32 + 1, 0x66)
                    .unwrap();
            }
        }
    }

    /// Extends the file. Returns the offset at which a byte 9 was written, if one was.
    fn grow(&mut self, how: Growth) -> Option<usize> {
        let file: FileRef = self.file.clone();
        let mut resize = |len: usize| self.machine.resize(&self.file, len);
        match how {
            Growth::Length(len) => resize(len),
            Growth::ShorterThenLonger => {
                resize(50);
                resize(2 * PAGE_SIZE as usize);
            }
            Growth::Write(offset) => {
                self.machine
                    .vm
                    .file_write(&file, offset as u64, &[9])
                    .unwrap();
                return Some(offset);
            }
        }
        None
    }

    /// Returns the bytes that the file should have.
    fn expected(&self, how: Growth, written: Option<usize>) -> Vec<u8> {
        let kept = match how {
            Growth::ShorterThenLonger => 50,
            _ => END,
        };
        let mut expected = vec![0; self.file.on_disk().len()];
        expected[..kept].fill(1);
        if let Some(offset) = written {
            expected[offset] = 9;
        }
        expected
    }
}

#[test]
fn a_file_that_grows_has_zeros_behind_its_old_end() {
    for meanwhile in MEANWHILE {
        for growth in GROWTHS {
            let case = format!("{meanwhile:?}, then {growth:?}");
            let mut scene = Scene::new();
            for n in 0..8 {
                scene
                    .machine
                    .store(scene.space, AT + END as u32 + n, 0x77)
                    .unwrap();
            }
            scene.meanwhile(meanwhile);
            let written = scene.grow(growth);
            let expected = scene.expected(growth, written);

            let reader = scene.machine.space();
            Scene::map(
                &mut scene.machine,
                &scene.file,
                reader,
                OTHER,
                Sharing::Private,
            );
            for (n, byte) in (0..).zip(&expected) {
                for (space, at) in [(scene.space, AT), (reader, OTHER)] {
                    let loaded = scene.machine.load(space, at + n);
                    assert_eq!(loaded, Ok(*byte), "{case}: byte {n} at {at:#x}");
                }
            }
            let mut read = vec![0xcc; expected.len()];
            let file: FileRef = scene.file.clone();
            scene.machine.vm.file_read(&file, 0, &mut read).unwrap();
            assert_eq!(read, expected, "{case}: read");
            scene.machine.vm.destroy_space(scene.space);
            assert_eq!(scene.file.on_disk(), expected, "{case}: on the disk");
        }
    }
}

/// A pinned page stays in its frame when its file is truncated before it; its bytes are zeroed.
#[test]
fn a_pinned_page_behind_the_end_comes_back_as_zeros() {
    let mut scene = Scene::new();
    scene.grow(Growth::Length(2 * PAGE_SIZE as usize));
    let second = AT + PAGE_SIZE;
    scene.machine.store(scene.space, second, 0x77).unwrap();
    let page = VirtAddr(second).page();
    let pages = page..page.checked_add(1).unwrap();
    let vm = &mut scene.machine.vm;
    vm.pin(client(scene.space), pages, Access::Write).unwrap();
    scene.grow(Growth::Length(END));
    scene.machine.store(scene.space, second + 1, 0x66).unwrap();
    scene.grow(Growth::Length(2 * PAGE_SIZE as usize));
    for n in 0..2 {
        assert_eq!(scene.machine.load(scene.space, second + n), Ok(0));
    }
    scene.machine.vm.destroy_space(scene.space);
    assert_eq!(scene.file.on_disk()[PAGE_SIZE as usize..][..2], [0, 0]);
}
