//! Random histories against a naive model that keeps every byte in a map.
//!
//! Any number of frames from 8 up, every policy and slot allocator, both ways to touch user memory, and
//! the kernel's half in the page directories of programs or not, must give what the model gives, at
//! every load; after every step the invariants hold; at the end nothing is left. `VMLAB_STEPS` says how
//! many steps to take in all (100,000 without it), `VMLAB_SEED` which histories.

mod kit;
mod reference;

use kit::{Machine, MemFile, client};
use machine::addr::{PAGE_SIZE, Page};
use machine::disk::MemoryDisk;
use machine::paging::KernelHalf;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reference::{AREAS, FILES, Reference, area_start};
use std::rc::Rc;
use vm::{
    Access, AdviceError, AliasPolicy, BadAccess, FileRef, Kill, MapId, POLICIES, PinError,
    Protection, SLOT_ALLOCATORS, Sharing, SpaceId, User, UserPtr, VmOptions,
};

const STEPS_A_HISTORY: usize = 250;
const SLOTS: u64 = 4096;
const MOST_PROCESSES: usize = 4;

/// A byte of an area, as two small numbers that shrink well.
#[derive(Clone, Copy, Debug)]
struct At {
    area: usize,
    page: u32,
    offset: u32,
}

/// Some pages of an area.
#[derive(Clone, Copy, Debug)]
struct Range {
    area: usize,
    first: u32,
    count: u32,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize, At),
    Store(usize, At, u8),
    KernelRead(usize, At, u32),
    KernelWrite(usize, At, u32, u8),
    MapZeros(usize, usize, u32),
    MapFile(usize, usize, usize, bool),
    Unmap(usize, usize),
    Fork(usize),
    Exit(usize),
    PageOut(usize, Range),
    WillNeed(usize, Range),
    DontNeed(usize, Range),
    Cold(usize, Range),
    Sync(usize, Range),
    Protect(usize, Range, Protection),
    Pin(usize, Range, bool),
    Unpin(usize, Range),
    FileRead(usize, u32, u32),
    FileWrite(usize, u32, u32, u8),
}

fn at() -> impl Strategy<Value = At> {
    let offset = prop_oneof![Just(0), Just(PAGE_SIZE - 1), 0..PAGE_SIZE];
    (0..AREAS, 0..4u32, offset).prop_map(|(area, page, offset)| At { area, page, offset })
}

fn range() -> impl Strategy<Value = Range> {
    (0..AREAS, 0..4u32, 1..3u32).prop_map(|(area, first, count)| Range { area, first, count })
}

fn protection() -> impl Strategy<Value = Protection> {
    let write = Protection::READ | Protection::WRITE;
    prop_oneof![
        Just(Protection::empty()),
        Just(Protection::READ),
        Just(write)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let process = 0..MOST_PROCESSES;
    let length = prop_oneof![1..8u32, 1..9000u32];
    prop_oneof![
        8 => (process.clone(), at()).prop_map(|(p, a)| Step::Load(p, a)),
        12 => (process.clone(), at(), any::<u8>()).prop_map(|(p, a, b)| Step::Store(p, a, b)),
        2 => (process.clone(), at(), length.clone()).prop_map(|(p, a, n)| Step::KernelRead(p, a, n)),
        2 => (process.clone(), at(), length.clone(), any::<u8>())
            .prop_map(|(p, a, n, b)| Step::KernelWrite(p, a, n, b)),
        3 => (process.clone(), 0..AREAS, 1..5u32).prop_map(|(p, a, n)| Step::MapZeros(p, a, n)),
        4 => (process.clone(), 0..AREAS, 0..FILES, any::<bool>())
            .prop_map(|(p, a, f, s)| Step::MapFile(p, a, f, s)),
        1 => (process.clone(), 0..AREAS).prop_map(|(p, a)| Step::Unmap(p, a)),
        1 => process.clone().prop_map(Step::Fork),
        1 => process.clone().prop_map(Step::Exit),
        2 => (process.clone(), range()).prop_map(|(p, r)| Step::PageOut(p, r)),
        1 => (process.clone(), range()).prop_map(|(p, r)| Step::WillNeed(p, r)),
        1 => (process.clone(), range()).prop_map(|(p, r)| Step::DontNeed(p, r)),
        1 => (process.clone(), range()).prop_map(|(p, r)| Step::Cold(p, r)),
        1 => (process.clone(), range()).prop_map(|(p, r)| Step::Sync(p, r)),
        2 => (process.clone(), range(), protection()).prop_map(|(p, r, w)| Step::Protect(p, r, w)),
        2 => (process.clone(), range(), any::<bool>()).prop_map(|(p, r, w)| Step::Pin(p, r, w)),
        1 => (process, range()).prop_map(|(p, r)| Step::Unpin(p, r)),
        2 => (0..FILES, 0..20_000u32, length.clone()).prop_map(|(f, o, n)| Step::FileRead(f, o, n)),
        2 => (0..FILES, 0..12_000u32, length, any::<u8>())
            .prop_map(|(f, o, n, b)| Step::FileWrite(f, o, n, b)),
    ]
}

fn options() -> impl Strategy<Value = (KernelHalf, u32, VmOptions)> {
    let half = prop_oneof![Just(KernelHalf::Shared), Just(KernelHalf::Isolated)];
    let alias = prop_oneof![Just(AliasPolicy::Sync), Just(AliasPolicy::UserAddress)];
    let policy = prop::sample::select(POLICIES.all());
    let slot_allocator = prop::sample::select(SLOT_ALLOCATORS.all());
    let latency = prop_oneof![3 => Just(0), 1 => Just(100u64)];
    let drawn = (
        half,
        8..64u32,
        alias,
        policy,
        slot_allocator,
        any::<u64>(),
        latency,
    );
    drawn.prop_map(
        |(half, frames, alias, policy, slot_allocator, seed, disk_latency)| {
            (
                half,
                frames,
                VmOptions {
                    alias,
                    policy,
                    slot_allocator,
                    seed,
                    disk_latency,
                },
            )
        },
    )
}

/// The machine and the model, side by side.
struct Pair {
    machine: Machine,
    model: Reference,
    files: Vec<Rc<MemFile>>,
    /// The machine's address space and mappings of each of the model's processes.
    processes: Vec<Option<Process>>,
}

#[derive(Clone)]
struct Process {
    space: SpaceId,
    maps: [Option<MapId>; AREAS],
}

impl Pair {
    fn new(half: KernelHalf, frames: u32, options: VmOptions) -> Pair {
        let model = Reference::new();
        let files = (0..FILES)
            .map(|f| MemFile::new(f as u64, model.file(f).to_vec()))
            .collect();
        let swap = Box::new(MemoryDisk::new(SLOTS * 8));
        let mut machine = Machine::with_kernel_pages(half, frames, usize::MAX, swap, options);
        let first = Process {
            space: machine.space(),
            maps: [None; AREAS],
        };
        let mut processes = vec![None; MOST_PROCESSES];
        processes[0] = Some(first);
        Pair {
            machine,
            model,
            files,
            processes,
        }
    }

    fn file(&self, file: usize) -> FileRef {
        self.files[file].clone()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::FileRead(file, offset, length) => return self.read_file(file, offset, length),
            Step::FileWrite(file, offset, length, byte) => {
                let bytes = vec![byte; length as usize];
                let file_ref = self.file(file);
                self.machine
                    .vm
                    .file_write(&file_ref, offset.into(), &bytes)
                    .unwrap();
                return self.model.write_file(file, offset, &bytes);
            }
            _ => {}
        }
        let process = match step {
            Step::Load(p, _) | Step::Store(p, ..) | Step::KernelRead(p, ..) => p,
            Step::KernelWrite(p, ..) | Step::MapZeros(p, ..) | Step::MapFile(p, ..) => p,
            Step::Unmap(p, _) | Step::Fork(p) | Step::Exit(p) => p,
            Step::PageOut(p, _) | Step::WillNeed(p, _) | Step::DontNeed(p, _) => p,
            Step::Cold(p, _) | Step::Sync(p, _) | Step::Protect(p, ..) => p,
            Step::Pin(p, ..) | Step::Unpin(p, _) => p,
            Step::FileRead(..) | Step::FileWrite(..) => unreachable!("done above"),
        };
        let Some(Process { space, maps }) = self.processes[process].clone() else {
            return;
        };
        match step {
            Step::Load(_, at) => self.load(process, space, address(at)),
            Step::Store(_, at, byte) => {
                let addr = address(at);
                if self.model.is_file_tail(process, addr) {
                    return; // what is stored past a file's end may or may not stay
                }
                let expected = self.model.store(process, addr, byte);
                assert_eq!(self.machine.store(space, addr, byte), to_kill(expected));
            }
            Step::KernelRead(_, at, length) => {
                let addr = address(at);
                let mut bytes = vec![0; length as usize];
                let result =
                    self.machine
                        .vm
                        .read_user(client(space), UserPtr(vaddr(addr).0), &mut bytes);
                match self.model.load_range(process, addr, length) {
                    Ok(expected) => {
                        assert_eq!(result, Ok(()));
                        assert!(bytes == expected, "kernel read at {addr:#x}");
                    }
                    Err(bad) => assert_eq!(result, Err(Kill::BadAccess(bad))),
                }
            }
            Step::KernelWrite(_, at, length, byte) => {
                let addr = address(at);
                let tail = |n| self.model.is_file_tail(process, addr + n);
                let length = (0..length).find(|n| tail(*n)).unwrap_or(length);
                let bytes = vec![byte; length as usize];
                let result =
                    self.machine
                        .vm
                        .write_user(client(space), UserPtr(vaddr(addr).0), &bytes);
                let mut expected = Ok(());
                for n in 0..length {
                    expected = expected.and_then(|()| self.model.store(process, addr + n, byte));
                }
                assert_eq!(result, to_kill(expected));
            }
            Step::MapZeros(_, area, pages) => {
                if self.model.map_zeros(process, area, pages) {
                    self.machine.zeros(space, area_start(area), pages);
                }
            }
            Step::MapFile(_, area, file, shared) => {
                let sharing = if shared {
                    Sharing::Shared
                } else {
                    Sharing::Private
                };
                if self.model.map_file(process, area, file, sharing) {
                    let file = self.file(file);
                    let id = self.machine.mmap(space, area_start(area), &file, sharing);
                    self.process(process).maps[area] = Some(id);
                }
            }
            Step::Unmap(_, area) => {
                self.model.unmap(process, area);
                match self.process(process).maps[area].take() {
                    Some(id) => self.machine.vm.munmap(space, id).unwrap(),
                    None => {
                        let start = vaddr(area_start(area)).page();
                        let end = start.checked_add(4).unwrap();
                        self.machine.vm.unmap(space, start..end).unwrap();
                    }
                }
            }
            Step::Fork(_) => {
                if let Some(free) = self.processes.iter().position(Option::is_none) {
                    let space = self.machine.fork(space);
                    self.processes[free] = Some(Process { space, maps });
                    self.model.fork(process, free);
                }
            }
            Step::Exit(_) => {
                self.machine.vm.destroy_space(space);
                self.processes[process] = None;
                self.model.exit(process);
                if self.processes.iter().all(Option::is_none) {
                    let space = self.machine.space();
                    self.processes[0] = Some(Process {
                        space,
                        maps: [None; AREAS],
                    });
                    self.model.start(0);
                }
            }
            Step::PageOut(_, range) => {
                let done = self.machine.vm.page_out(space, pages(range));
                self.check_advice(process, range, done);
                self.assert_paged_out(space, range);
            }
            Step::WillNeed(_, range) => {
                let _ = self.machine.vm.will_need(space, pages(range));
            }
            Step::DontNeed(_, range) => {
                let done = self.machine.vm.dont_need(space, pages(range));
                self.check_advice(process, range, done);
                self.model
                    .dont_need(process, range.area, range.first, range.count);
            }
            Step::Cold(_, range) => {
                let done = self.machine.vm.cold(space, pages(range));
                let mapped = self
                    .model
                    .is_mapped(process, range.area, range.first, range.count);
                assert_eq!(done.is_ok(), mapped);
            }
            Step::Sync(_, range) => {
                let done = self.machine.vm.sync(space, pages(range));
                let mapped = self
                    .model
                    .is_mapped(process, range.area, range.first, range.count);
                assert_eq!(done.is_ok(), mapped);
            }
            Step::Protect(_, range, protection) => {
                let Range { area, first, count } = range;
                let mapped = self.model.is_mapped(process, area, first, count);
                match self.machine.vm.protect(space, pages(range), protection) {
                    Ok(()) => self.model.protect(process, area, first, count, protection),
                    Err(AdviceError::Pinned) => {
                        assert!(self.model.has_pins(process, area, first, count));
                    }
                    Err(error) => assert!(!mapped, "{error}"),
                }
            }
            Step::Pin(_, range, store) => {
                let Range { area, first, count } = range;
                let access = if store { Access::Write } else { Access::Read };
                let expected = self.model.may_access(process, area, first, count, store);
                match self.machine.vm.pin(client(space), pages(range), access) {
                    Ok(()) => {
                        assert_eq!(expected, Ok(()));
                        self.model.pin(process, area, first, count, store);
                    }
                    Err(PinError::TooMany) => {}
                    Err(error) => {
                        assert_eq!(Err(error), expected.map_err(|bad| Kill::from(bad).into()))
                    }
                }
            }
            Step::Unpin(_, range) => {
                let done = self.machine.vm.unpin(space, pages(range));
                let expected = self
                    .model
                    .unpin(process, range.area, range.first, range.count);
                assert_eq!(done.is_ok(), expected);
            }
            Step::FileRead(..) | Step::FileWrite(..) => unreachable!("done above"),
        }
        self.machine.pass_time();
    }

    /// Advice for a range with holes or pins is taken for the rest and says so.
    fn check_advice(&self, process: usize, range: Range, done: Result<(), AdviceError>) {
        let Range { area, first, count } = range;
        let mapped = self.model.is_mapped(process, area, first, count);
        match done {
            Ok(()) => assert!(mapped),
            Err(AdviceError::Hole) => assert!(!mapped),
            // Another process may have pinned a frame that the two share.
            Err(AdviceError::Pinned) => assert!(self.model.any_pins()),
            Err(error) => panic!("{error}"),
        }
    }

    /// After a page-out nothing of the range is in a frame, but what is pinned.
    fn assert_paged_out(&self, space: SpaceId, range: Range) {
        for page in pages(range).start.until(pages(range).end) {
            if let Some(frame) = self.machine.vm.frame_of(User { space, page }) {
                assert!(
                    self.machine.vm.frames().info(frame).pins() > 0,
                    "{page} is not paged out"
                );
            }
        }
    }

    fn process(&mut self, process: usize) -> &mut Process {
        self.processes[process].as_mut().expect("it lives")
    }

    fn load(&mut self, process: usize, space: SpaceId, addr: u32) {
        if self.model.is_file_tail(process, addr) {
            return;
        }
        let expected = self.model.load(process, addr).map_err(Kill::BadAccess);
        assert_eq!(
            self.machine.load(space, addr),
            expected,
            "load at {addr:#x}"
        );
    }

    fn read_file(&mut self, file: usize, offset: u32, length: u32) {
        let mut bytes = vec![0; length as usize];
        let file_ref = self.file(file);
        let read = self
            .machine
            .vm
            .file_read(&file_ref, offset.into(), &mut bytes)
            .unwrap();
        let contents = self.model.file(file);
        let from = (offset as usize).min(contents.len());
        let to = (from + length as usize).min(contents.len());
        assert!(
            bytes[..read] == contents[from..to],
            "file {file} at {offset}"
        );
    }

    /// Loads every byte that can be loaded, ends all processes and compares the files.
    fn finish(mut self) {
        for process in 0..MOST_PROCESSES {
            let Some(Process { space, .. }) = self.processes[process].clone() else {
                continue;
            };
            for addr in self.model.mapped_addresses(process) {
                self.load(process, space, addr);
            }
            self.machine.vm.check_invariants();
        }
        for process in self.processes.iter().flatten() {
            self.machine.vm.destroy_space(process.space);
        }
        self.machine.assert_nothing_left();
        for (number, file) in self.files.iter().enumerate() {
            assert!(
                file.on_disk() == self.model.file(number),
                "file {number} at the end"
            );
        }
    }
}

fn address(at: At) -> u32 {
    area_start(at.area) + at.page * PAGE_SIZE + at.offset
}

fn pages(range: Range) -> std::ops::Range<Page> {
    let start = vaddr(area_start(range.area))
        .page()
        .checked_add(range.first)
        .unwrap();
    start..start.checked_add(range.count).unwrap()
}

fn vaddr(addr: u32) -> machine::addr::VirtAddr {
    machine::addr::VirtAddr(addr)
}

fn to_kill(result: Result<(), BadAccess>) -> Result<(), Kill> {
    result.map_err(Kill::BadAccess)
}

/// Which histories are tried: the same ones each time, unless others are asked for.
fn seed() -> [u8; 32] {
    let number = std::env::var("VMLAB_SEED").map_or(0, |s| s.parse::<u64>().expect("a number"));
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    seed
}

#[test]
fn any_history_gives_what_a_map_of_bytes_gives() {
    let steps = std::env::var("VMLAB_STEPS").map_or(100_000, |s| s.parse().expect("a number"));
    let cases = (steps / STEPS_A_HISTORY).max(1) as u32;
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let histories = (options(), prop::collection::vec(step(), STEPS_A_HISTORY));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed());
    let result = TestRunner::new_with_rng(config, rng).run(
        &histories,
        |((half, frames, options), steps)| {
            let mut pair = Pair::new(half, frames, options);
            for step in steps {
                pair.take(step);
                pair.machine.vm.check_invariants();
            }
            pair.finish();
            Ok(())
        },
    );
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
