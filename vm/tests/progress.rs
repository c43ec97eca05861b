//! On small machines with little swap or none, an instruction that needs up to six pages at once is
//! executed after a few faults, or its process gets an out-of-memory error. A process that asks for
//! no memory makes progress whatever the others do.

use kit::{Machine, MemFile, client};
use machine::addr::{PAGE_SIZE, VirtAddr};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vm::{Access, FileRef, Kill, POLICIES, PolicyKind, Sharing, SpaceId, VmOptions};

const CODE: u32 = 0x0800_0000;
const FILE: u32 = 0x1000_0000;
const DATA: u32 = 0x2000_0000;
/// Pages of code and of the mapped file: each has more than small machines have frames.
const FILE_PAGES: u32 = 12;
/// Anonymous pages: more than fit in the largest machine here.
const DATA_PAGES: u32 = 100;
/// Six pages, each faulted in for a load and perhaps again for a store.
const MOST_FAULTS: usize = 12;
const PROCESSES: usize = 4;

type Needs = Vec<(u32, Access)>;

/// Generates the accesses of an instruction, in order: two pages of code, then data.
fn instruction() -> impl Strategy<Value = Needs> {
    let code = (0..FILE_PAGES - 1).prop_map(|page| CODE + page * PAGE_SIZE);
    let data = prop_oneof![
        (0..DATA_PAGES).prop_map(|page| DATA + page * PAGE_SIZE),
        (0..FILE_PAGES).prop_map(|page| FILE + page * PAGE_SIZE),
    ];
    let access = prop_oneof![
        2 => Just(vec![Access::Write]),
        1 => Just(vec![Access::Read]),
        3 => Just(vec![Access::Read, Access::Write]),
    ];
    let operands = prop::collection::vec((data, access), 0..=4);
    (code, operands).prop_map(|(code, operands)| {
        let code = [code, code + PAGE_SIZE].map(|addr| (addr, Access::Fetch));
        let operands = operands.into_iter();
        let operands = operands.flat_map(|(addr, ways)| ways.into_iter().map(move |w| (addr, w)));
        code.into_iter().chain(operands).collect()
    })
}

/// Returns the accesses of the first process, which uses pages of files only.
fn innocent(turn: u32) -> Needs {
    let page = |n| (turn + n) % (FILE_PAGES - 1) * PAGE_SIZE;
    vec![
        (CODE + page(0), Access::Fetch),
        (CODE + page(1), Access::Fetch),
        (FILE + page(2), Access::Read),
        (FILE + page(5), Access::Read),
    ]
}

struct Small {
    machine: Machine,
    processes: Vec<Option<SpaceId>>,
}

impl Small {
    fn new(frames: u32, slots: u64, policy: PolicyKind) -> Small {
        let options = VmOptions {
            policy,
            ..VmOptions::default()
        };
        let mut machine = Machine::new(frames, slots, options);
        let bytes = vec![7; (FILE_PAGES * PAGE_SIZE) as usize];
        let [code, file] = [1, 2].map(|id| MemFile::new(id, bytes.clone()) as FileRef);
        let processes = (0..PROCESSES).map(|_| {
            let space = machine.space();
            machine.mmap(space, CODE, &code, Sharing::Private);
            machine.mmap(space, FILE, &file, Sharing::Shared);
            machine.zeros(space, DATA, DATA_PAGES);
            Some(space)
        });
        let processes = processes.collect();
        Small { machine, processes }
    }

    /// Executes an instruction of a process, if it is alive. The process ends if memory runs out.
    fn execute(&mut self, process: usize, needs: &Needs) -> Result<(), TestCaseError> {
        let Some(space) = self.processes[process] else {
            return Ok(());
        };
        match self.try_to_execute(space, needs)? {
            Ok(()) => {}
            Err(Kill::OutOfSwap | Kill::OutOfFrames) => {
                self.machine.vm.destroy_space(space);
                self.processes[process] = None;
            }
            Err(kill) => prop_assert!(false, "{kill}"),
        }
        self.machine.vm.check_invariants();
        Ok(())
    }

    fn try_to_execute(
        &mut self,
        space: SpaceId,
        needs: &Needs,
    ) -> Result<Result<(), Kill>, TestCaseError> {
        for faults in 0..=MOST_FAULTS {
            let machine = &mut self.machine;
            let mut needs = needs.iter();
            let faulting = needs
                .find(|(addr, access)| machine.reach(space, VirtAddr(*addr), *access).is_none());
            let Some((addr, access)) = faulting else {
                return Ok(Ok(()));
            };
            let addr = VirtAddr(*addr);
            let vm = &mut machine.vm;
            let resolved = match faults {
                0 => vm.resolve(client(space), addr, *access),
                _ => vm.resolve_again(client(space), addr, *access),
            };
            if let Err(kill) = resolved {
                return Ok(Err(kill));
            }
        }
        Err(TestCaseError::fail("faults without progress"))
    }
}

#[test]
fn every_instruction_is_executed_after_a_few_faults_or_its_process_ends() {
    let case = (
        8..=16u32,
        prop_oneof![Just(0), Just(1), Just(2), 3..=64u64],
        prop::sample::select(POLICIES.all()),
        prop::collection::vec((1..PROCESSES, instruction()), 1..200),
    );
    let config = Config {
        cases: 600,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&case, |(frames, slots, policy, history)| {
        let mut small = Small::new(frames, slots, policy);
        for (turn, (process, needs)) in history.into_iter().enumerate() {
            small.execute(process, &needs)?;
            small.execute(0, &innocent(turn as u32))?;
            let lives = small.processes[0].is_some();
            // Half of the frames are for pages of files, and four are enough for the innocent.
            prop_assert!(lives, "who asks for nothing is ended for others' hunger");
        }
        for space in small.processes.into_iter().flatten() {
            small.machine.vm.destroy_space(space);
        }
        prop_assert_eq!(small.machine.vm.frames().in_use(), 0);
        prop_assert_eq!(small.machine.vm.swap().in_use(), 0);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
