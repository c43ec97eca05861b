//! Where the kernel has little room for page tables, an access that needs one more is refused, and
//! no page, slot or frame is lost.

use std::collections::BTreeMap;

use kit::{Machine, MemFile};
use machine::addr::{PAGE_SIZE, VirtAddr};
use machine::disk::MemoryDisk;
use machine::paging::KernelHalf;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vm::{FileRef, Kill, POLICIES, PolicyKind, Sharing, SpaceId, VmOptions};

/// Each region has a directory entry of its own.
const REGIONS: u32 = 5;
const PAGES: u32 = 4;
const PROCESSES: usize = 3;

/// Returns the address of a page. The first region maps a file, the others are anonymous.
fn address(region: u32, page: u32) -> u32 {
    0x1000_0000 + region * 0x40_0000 + page * PAGE_SIZE
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize, u32, u32),
    Store(usize, u32, u32, u8),
    PageOut(usize, u32, u32),
    Fork(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let place = || (0..PROCESSES, 0..REGIONS, 0..PAGES);
    prop_oneof![
        4 => place().prop_map(|(p, r, n)| Step::Load(p, r, n)),
        6 => (place(), any::<u8>()).prop_map(|((p, r, n), byte)| Step::Store(p, r, n, byte)),
        2 => place().prop_map(|(p, r, n)| Step::PageOut(p, r, n)),
        1 => (0..PROCESSES, 0..PROCESSES).prop_map(|(p, c)| Step::Fork(p, c)),
    ]
}

/// A process and the bytes it has stored.
struct Process {
    space: SpaceId,
    bytes: BTreeMap<u32, u8>,
}

struct Pool {
    machine: Machine,
    processes: Vec<Option<Process>>,
}

impl Pool {
    fn new(half: KernelHalf, frames: u32, kernel_pages: usize, policy: PolicyKind) -> Pool {
        let options = VmOptions {
            policy,
            ..VmOptions::default()
        };
        let swap = Box::new(MemoryDisk::new(256 * 8));
        let mut machine = Machine::with_kernel_pages(half, frames, kernel_pages, swap, options);
        let space = machine.space();
        let file: FileRef = MemFile::new(1, vec![0; (PAGES * PAGE_SIZE) as usize]);
        machine.mmap(space, address(0, 0), &file, Sharing::Private);
        for region in 1..REGIONS {
            machine.zeros(space, address(region, 0), PAGES);
        }
        let bytes = BTreeMap::new();
        let mut processes = vec![Some(Process { space, bytes })];
        processes.resize_with(PROCESSES, || None);
        Pool { machine, processes }
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Load(process, region, page) => self.load(process, address(region, page)),
            Step::Store(process, region, page, byte) => {
                self.store(process, address(region, page), byte)
            }
            Step::PageOut(process, region, page) => {
                if let Some(process) = &self.processes[process] {
                    let first = VirtAddr(address(region, page)).page();
                    let pages = first..first.checked_add(1).unwrap();
                    self.machine.vm.page_out(process.space, pages).unwrap();
                }
                Ok(())
            }
            Step::Fork(parent, child) => {
                self.fork(parent, child);
                Ok(())
            }
        }
    }

    fn load(&mut self, process: usize, addr: u32) -> Result<(), TestCaseError> {
        let Some(process) = &self.processes[process] else {
            return Ok(());
        };
        let expected = process.bytes.get(&addr).copied().unwrap_or(0);
        match self.machine.load(process.space, addr) {
            Err(Kill::OutOfTables) => {}
            loaded => prop_assert_eq!(loaded, Ok(expected), "at {:#x}", addr),
        }
        Ok(())
    }

    fn store(&mut self, process: usize, addr: u32, byte: u8) -> Result<(), TestCaseError> {
        let Some(process) = &mut self.processes[process] else {
            return Ok(());
        };
        match self.machine.store(process.space, addr, byte) {
            Err(Kill::OutOfTables) => {}
            stored => {
                prop_assert_eq!(stored, Ok(()));
                process.bytes.insert(addr, byte);
            }
        }
        Ok(())
    }

    /// Forks; without room for the child the parent must be as it was.
    fn fork(&mut self, parent: usize, child: usize) {
        let (Some(from), None) = (&self.processes[parent], &self.processes[child]) else {
            return;
        };
        let bytes = from.bytes.clone();
        if let Ok(space) = self.machine.try_fork(from.space) {
            self.processes[child] = Some(Process { space, bytes });
        }
    }
}

#[test]
fn a_page_table_that_cannot_be_had_costs_nobody_a_page() {
    let case = (
        prop::sample::select(vec![KernelHalf::Shared, KernelHalf::Isolated]),
        8..=24u32,
        2..=9usize,
        prop::sample::select(POLICIES.all()),
        prop::collection::vec(step(), 1..150),
    );
    let config = Config {
        cases: 500,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&case, |(half, frames, kernel_pages, policy, steps)| {
        let mut pool = Pool::new(half, frames, kernel_pages, policy);
        for step in steps {
            pool.take(step)?;
            pool.machine.vm.check_invariants();
        }
        for process in std::mem::take(&mut pool.processes).into_iter().flatten() {
            pool.machine.vm.destroy_space(process.space);
        }
        pool.machine.assert_nothing_left();
        prop_assert_eq!(pool.machine.vm.tables().free_frames(), kernel_pages);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
