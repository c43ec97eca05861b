//! How the cost of a fault with swap traffic grows with the machine: with the number of frames, and
//! with the number of address spaces.
//!
//! # Invariants
//!
//! The same kind of fault is measured at each size: one page out to swap, one in. Memory is filled
//! beforehand, so that the host's own page faults do not count.

use std::io;

use machine::addr::{PAGE_SHIFT, VirtAddr};
use machine::disk::MemoryDisk;
use machine::layout::Layout;
use machine::memory::PhysMemory;
use machine::mmu::{self, Access, Ring};
use machine::paging::PageTables;
use machine::tlb::Tlb;
use machine::work::Work;
use userprog::{Kernel, MachineOptions, RunEnd};
use vm::{Backing, Client, Owner, Protection, Purpose, Region, Sharing, SpaceId, Vm, VmOptions};

use super::clock::Moment;
use super::clock::median;
use super::code::touch_in_rounds;
use super::elf::{DATA, executable};
use super::guest::Marks;
use super::{BenchError, Quantity};
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use host::program::GuestFile;

/// The numbers of frames at which faults are measured, with their names in JSON.
pub(super) const FRAMES: [(u32, &str); 4] = [
    (1_000, "1k"),
    (10_000, "10k"),
    (100_000, "100k"),
    (500_000, "500k"),
];
/// The numbers of address spaces at which faults are measured.
pub(super) const SPACES: [u32; 3] = [1, 100, 1000];

/// Pages beyond the number of frames, so that each page is in swap again when its turn comes.
const EXTRA_PAGES: u32 = 8192;
const ROUNDS: u32 = 20;
const FAULTS_A_ROUND: u32 = 400;
/// Frames of the machine with many address spaces.
const SHARED_FRAMES: u32 = 8192;
const SECTORS_A_PAGE: u64 = 8;
/// The moment of everything in the machine without a CPU, whose disks take no time.
const START: vm::Moment = vm::Moment {
    work: Work::ZERO,
    eip: VirtAddr(0),
};

/// Nanoseconds for a fault at each size.
#[derive(Clone, PartialEq, Debug)]
pub struct Scale {
    /// One for each of [`FRAMES`].
    pub by_frames: Vec<f64>,
    /// One for each of [`SPACES`].
    pub by_spaces: Vec<f64>,
}

/// Measures at all sizes.
///
/// # Errors
/// [`BenchError`] of the first measurement that failed.
pub(super) fn measure() -> Result<Scale, BenchError> {
    let by_frames = FRAMES.iter().map(|(frames, _)| with_frames(*frames));
    let by_spaces = SPACES.iter().map(|spaces| with_spaces(*spaces));
    Ok(Scale {
        by_frames: by_frames.collect::<Result<_, _>>()?,
        by_spaces: by_spaces.collect::<Result<_, _>>()?,
    })
}

/// Measures a guest that cycles through more pages than there are frames.
fn with_frames(frames: u32) -> Result<f64, BenchError> {
    let pages = frames + EXTRA_PAGES;
    let files = GuestDir::temporary()?;
    let name = "subject";
    files.put(&GuestFile {
        name: GuestName::new(name).expect("the name is short"),
        content: executable(&touch_in_rounds(DATA, pages, ROUNDS, FAULTS_A_ROUND), pages),
    })?;
    let marks = Marks::default();
    let swap = MemoryDisk::new(2 * u64::from(EXTRA_PAGES) * SECTORS_A_PAGE);
    let options = MachineOptions::new(Box::new(swap)).frames(frames);
    let (output, input) = (Box::new(marks.clone()), Box::new(io::empty()));
    let mut kernel = Kernel::new(options, files.handle()?, output, input)?;
    let report = kernel.run(name.as_bytes());
    let moments = marks.take();
    let rounds = moments
        .windows(2)
        .map(|pair| pair[1].since(pair[0]).as_secs_f64() * 1e9);
    let all_faulted = report.stats.vm.swap_reads >= u64::from(ROUNDS * FAULTS_A_ROUND);
    if report.end != RunEnd::Exited(0) || moments.len() != ROUNDS as usize + 1 || !all_faulted {
        return Err(BenchError::Wrong {
            quantity: Quantity::SwapFault,
            what: format!("with {frames} frames: {report:?}"),
        });
    }
    Ok(median(rounds.collect()) / f64::from(FAULTS_A_ROUND))
}

/// Measures address spaces that take turns cycling through their pages, twice as many in all as
/// there are frames. It needs no CPU, whose cost does not depend on the number of address spaces.
fn with_spaces(count: u32) -> Result<f64, BenchError> {
    let layout = Layout::new(SHARED_FRAMES);
    let memory = PhysMemory::new(layout.total_frames()).map_err(BenchError::Native)?;
    let tables = PageTables::new(memory.clone(), layout);
    let pages = 2 * SHARED_FRAMES / count;
    let swap = MemoryDisk::new(4 * u64::from(SHARED_FRAMES) * SECTORS_A_PAGE);
    let mut vm = Vm::new(tables, Tlb::default(), Box::new(swap), VmOptions::default());
    let spaces = (1..=count).map(|owner| new_space(&mut vm, Owner(owner), pages));
    let spaces = spaces.collect::<Result<Vec<_>, _>>()?;
    let mut turn = 0;
    let mut touch_next = |vm: &mut Vm, times: u32| -> Result<(), BenchError> {
        for _ in 0..times {
            let (space, page) = (spaces[(turn % count) as usize], turn / count % pages);
            touch(vm, &memory, space, VirtAddr(DATA + (page << PAGE_SHIFT)))?;
            turn += 1;
        }
        Ok(())
    };
    touch_next(&mut vm, pages * count)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let start = Moment::now();
        touch_next(&mut vm, FAULTS_A_ROUND)?;
        rounds.push(start.elapsed().as_secs_f64() * 1e9);
    }
    Ok(median(rounds) / f64::from(FAULTS_A_ROUND))
}

fn new_space(vm: &mut Vm, owner: Owner, pages: u32) -> Result<SpaceId, BenchError> {
    let wrong = |what: String| BenchError::Wrong {
        quantity: Quantity::SwapFault,
        what,
    };
    let created = vm.serve(START, |vm| vm.create_space(owner, START.work));
    let space = created
        .for_nobody()
        .map_err(|error| wrong(error.to_string()))?;
    let start = VirtAddr(DATA).page();
    let region = Region {
        start,
        end: start.checked_add(pages).expect("they fit user space"),
        protection: Protection::READ | Protection::WRITE,
        sharing: Sharing::Private,
        purpose: Purpose::Data,
        backing: Backing::Zero,
    };
    let mapped = vm.serve(START, |vm| vm.map(space, region));
    mapped
        .for_nobody()
        .map_err(|error| wrong(error.to_string()))?;
    Ok(space)
}

/// Stores as the CPU does: walks the page tables, and has a fault resolved.
fn touch(
    vm: &mut Vm,
    memory: &PhysMemory,
    space: SpaceId,
    addr: VirtAddr,
) -> Result<(), BenchError> {
    let store = |root| mmu::translate(memory, root, addr, Access::Write, Ring::User);
    if store(vm.user_root(space)).is_err() {
        let client = Client { space, stack: addr };
        let resolved = vm.serve(START, |vm| vm.resolve(client, addr, Access::Write));
        let resolved = resolved.for_nobody();
        let stored = resolved.map(|()| store(vm.user_root(space)));
        if !matches!(stored, Ok(Ok(_))) {
            return Err(BenchError::Wrong {
                quantity: Quantity::SwapFault,
                what: format!("a store to {addr} is not resolved: {stored:?}"),
            });
        }
    }
    Ok(())
}
