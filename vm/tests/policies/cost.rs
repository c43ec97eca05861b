//! The cost of a victim does not grow with the number of frames. It is counted in looks at frames,
//! not in time, so that it is the same on every host.

use machine::mmu::Access;
use vm::simulator::{PageNumber, Simulator};
use vm::{POLICIES, PolicyKind};

const FEW: u32 = 1_000;
const MANY: u32 = 100_000;

/// Which pages a workload on a pool of `frames` frames touches.
#[derive(Clone, Copy, Debug)]
enum Workload {
    /// In a loop over twice as many pages as there are frames: every reference faults.
    Sequential(Access),
    /// At random among twice as many pages as there are frames: every other reference faults. One
    /// in four is a store.
    Random,
    /// At random, while half of the frames, those loaded first, stay pinned.
    HalfPinned,
}

const WORKLOADS: [Workload; 4] = [
    Workload::Sequential(Access::Read),
    Workload::Sequential(Access::Write),
    Workload::Random,
    Workload::HalfPinned,
];

/// Numbers that are the same in every run.
struct Lots(u64);

impl Lots {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (((self.0 >> 32) * u64::from(end)) >> 32) as u32
    }
}

/// Returns the looks at frames per victim, on average over enough references for every policy's
/// hand to go round several times.
fn calls_per_victim(kind: PolicyKind, workload: Workload, frames: u32) -> f64 {
    let mut simulator = Simulator::new(kind, frames);
    let mut lots = Lots(1);
    let pages = 2 * frames;
    if let Workload::HalfPinned = workload {
        for page in pages..pages + frames / 2 {
            simulator.touch(page, Access::Read);
            simulator.set_pinned(page, true);
        }
    }
    for reference in 0..4 * frames {
        let (page, access): (PageNumber, Access) = match workload {
            Workload::Sequential(access) => (reference % pages, access),
            Workload::Random | Workload::HalfPinned => {
                let access = if lots.below(4) == 0 {
                    Access::Write
                } else {
                    Access::Read
                };
                (lots.below(pages), access)
            }
        };
        simulator.touch(page, access);
    }
    simulator.calls() as f64 / simulator.victims as f64
}

#[test]
fn a_victim_costs_the_same_however_many_frames_there_are() {
    for kind in POLICIES.all() {
        for workload in WORKLOADS {
            let few = calls_per_victim(kind, workload, FEW);
            let many = calls_per_victim(kind, workload, MANY);
            println!("{kind} {workload:?}: {few:.1} calls a victim, {many:.1} with many frames");
            assert!(many < 2.0 * few, "{kind} {workload:?}: {few} -> {many}");
        }
    }
}

/// If nothing can be evicted, a policy gives up after a few rounds.
#[test]
fn the_search_ends_when_nothing_can_be_evicted() {
    for kind in POLICIES.all() {
        let mut simulator = Simulator::new(kind, FEW);
        for page in 0..FEW {
            simulator.touch(page, Access::Write);
            simulator.set_pinned(page, true);
        }
        assert_eq!(simulator.ask(), None);
        assert!(
            simulator.calls() <= u64::from(FEW) * 8,
            "{kind}: {} calls",
            simulator.calls()
        );
    }
}
