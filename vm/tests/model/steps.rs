//! The machines and the histories that are tried.

use std::ops::Range;

use machine::addr::{PAGE_SIZE, Page, VirtAddr};
use machine::paging::KernelHalf;
use proptest::prelude::*;
use vm::{Access, AliasPolicy, POLICIES, Protection, SLOT_ALLOCATORS, Sharing, VmOptions};

use crate::reference::{AREA_PAGES, AREAS, FILES, area_start};

/// More slots than any history can fill.
pub(crate) const AMPLE_SLOTS: u64 = 4096;
/// The most processes for which the kernel's pool surely has room for all page tables.
pub(crate) const FEW_PROCESSES: usize = 4;
/// More processes than some machines have frames.
const MANY_PROCESSES: usize = 40;

/// A machine, and the most processes at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub half: KernelHalf,
    pub frames: u32,
    pub slots: u64,
    /// The number of page directories and page tables for which there is room, if the pool is
    /// small.
    pub kernel_pages: Option<usize>,
    pub processes: usize,
    pub options: VmOptions,
}

impl Setup {
    /// Returns whether the machine never runs out of memory.
    pub(crate) fn is_ample(&self) -> bool {
        self.slots == AMPLE_SLOTS && self.kernel_pages.is_none() && self.processes == FEW_PROCESSES
    }
}

/// A byte of an area, as small numbers that shrink well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    area: usize,
    page: u32,
    offset: u32,
}

impl At {
    pub(crate) fn address(self) -> u32 {
        area_start(self.area) + self.page * PAGE_SIZE + self.offset
    }
}

/// Some pages of an area.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub area: usize,
    pub within: Range<u32>,
}

impl Part {
    /// Returns the whole area.
    pub(crate) fn whole(area: usize) -> Part {
        let within = 0..AREA_PAGES;
        Part { area, within }
    }

    pub(crate) fn pages(&self) -> Range<Page> {
        let start = VirtAddr(area_start(self.area)).page();
        let page = |number| start.checked_add(number).expect("in user space");
        page(self.within.start)..page(self.within.end)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A process does something; its index is taken modulo the number of live processes.
    Of(usize, Act),
    /// The kernel does something with a file.
    File(usize, FileAct),
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Load(At),
    Store(At, u8),
    KernelRead(At, u32),
    KernelWrite(At, u32, u8),
    MapZeros(usize, u32),
    /// The area, and the pages of a file, which may be shorter.
    MapFile(usize, usize, Range<u32>, Sharing),
    Unmap(usize),
    /// The child forks as well, and so on, this number of times in all.
    Fork(usize),
    Exit,
    SetResident(bool),
    PageOut(Part),
    WillNeed(Part),
    DontNeed(Part),
    Cold(Part),
    Sync(Part),
    Protect(Part, Protection),
    Pin(Part, Access),
    Unpin(Part),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum FileAct {
    Read(u32, u32),
    Write(u32, u32, u8),
    Resize(u32),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        42 => (0..MANY_PROCESSES, act()).prop_map(|(process, act)| Step::Of(process, act)),
        6 => (0..FILES, file_act()).prop_map(|(file, act)| Step::File(file, act)),
    ]
}

pub(crate) fn setup() -> impl Strategy<Value = Setup> {
    let half = prop_oneof![Just(KernelHalf::Shared), Just(KernelHalf::Isolated)];
    let frames = prop_oneof![8..12u32, 8..64u32];
    let slots = prop_oneof![
        4 => Just(AMPLE_SLOTS),
        1 => Just(0),
        1 => Just(1),
        1 => Just(4),
        1 => 5..40u64,
    ];
    let kernel_pages = prop_oneof![
        4 => Just(None),
        1 => (2..10usize).prop_map(Some),
        1 => (10..80usize).prop_map(Some),
    ];
    let processes = prop_oneof![2 => Just(FEW_PROCESSES), 1 => Just(MANY_PROCESSES)];
    let machine = (half, frames, slots, kernel_pages, processes);
    (machine, options()).prop_map(|(machine, options)| {
        let (half, frames, slots, kernel_pages, processes) = machine;
        Setup {
            half,
            frames,
            slots,
            kernel_pages,
            processes,
            options,
        }
    })
}

fn options() -> impl Strategy<Value = VmOptions> {
    let alias = prop_oneof![Just(AliasPolicy::Sync), Just(AliasPolicy::UserAddress)];
    let policy = prop::sample::select(POLICIES.all());
    let slot_allocator = prop::sample::select(SLOT_ALLOCATORS.all());
    let latency = prop_oneof![3 => Just(0), 1 => Just(100u64)];
    let drawn = (alias, policy, slot_allocator, any::<u64>(), latency);
    drawn.prop_map(
        |(alias, policy, slot_allocator, seed, disk_latency)| VmOptions {
            alias,
            policy,
            slot_allocator,
            seed,
            disk_latency,
        },
    )
}

fn act() -> impl Strategy<Value = Act> {
    let generations = prop_oneof![3 => Just(1), 1 => 2..14usize];
    prop_oneof![
        8 => at().prop_map(Act::Load),
        12 => (at(), any::<u8>()).prop_map(|(at, byte)| Act::Store(at, byte)),
        2 => (at(), length()).prop_map(|(at, length)| Act::KernelRead(at, length)),
        2 => (at(), length(), any::<u8>())
            .prop_map(|(at, length, byte)| Act::KernelWrite(at, length, byte)),
        3 => (0..AREAS, 1..=AREA_PAGES).prop_map(|(area, pages)| Act::MapZeros(area, pages)),
        4 => (0..AREAS, 0..FILES, file_pages(), sharing())
            .prop_map(|(area, file, pages, sharing)| Act::MapFile(area, file, pages, sharing)),
        1 => (0..AREAS).prop_map(Act::Unmap),
        1 => generations.prop_map(Act::Fork),
        1 => Just(Act::Exit),
        1 => any::<bool>().prop_map(Act::SetResident),
        2 => part().prop_map(Act::PageOut),
        1 => part().prop_map(Act::WillNeed),
        1 => part().prop_map(Act::DontNeed),
        1 => part().prop_map(Act::Cold),
        1 => part().prop_map(Act::Sync),
        2 => (part(), protection()).prop_map(|(part, to)| Act::Protect(part, to)),
        2 => (part(), access()).prop_map(|(part, access)| Act::Pin(part, access)),
        1 => part().prop_map(Act::Unpin),
    ]
}

fn file_act() -> impl Strategy<Value = FileAct> {
    let len = prop_oneof![(0..6u32).prop_map(|pages| pages * PAGE_SIZE), 0..20_000u32];
    prop_oneof![
        2 => (0..20_000u32, length()).prop_map(|(offset, length)| FileAct::Read(offset, length)),
        2 => (0..12_000u32, length(), any::<u8>())
            .prop_map(|(offset, length, byte)| FileAct::Write(offset, length, byte)),
        2 => len.prop_map(FileAct::Resize),
    ]
}

fn at() -> impl Strategy<Value = At> {
    let offset = prop_oneof![Just(0), Just(PAGE_SIZE - 1), 0..PAGE_SIZE];
    (0..AREAS, 0..AREA_PAGES, offset).prop_map(|(area, page, offset)| At { area, page, offset })
}

fn length() -> impl Strategy<Value = u32> {
    prop_oneof![1..8u32, 1..9000u32]
}

fn part() -> impl Strategy<Value = Part> {
    (0..AREAS, 0..AREA_PAGES, 1..3u32).prop_map(|(area, first, count)| {
        let within = first..first + count;
        Part { area, within }
    })
}

fn file_pages() -> impl Strategy<Value = Range<u32>> {
    (0..2u32, 1..=AREA_PAGES).prop_map(|(first, pages)| first..first + pages)
}

fn sharing() -> impl Strategy<Value = Sharing> {
    prop_oneof![Just(Sharing::Private), Just(Sharing::Shared)]
}

fn access() -> impl Strategy<Value = Access> {
    prop_oneof![Just(Access::Read), Just(Access::Write)]
}

fn protection() -> impl Strategy<Value = Protection> {
    let write = Protection::READ | Protection::WRITE;
    prop_oneof![
        Just(Protection::empty()),
        Just(Protection::READ),
        Just(write)
    ]
}
