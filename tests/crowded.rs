//! Every bundled program ends on the smallest machines, with swap or without: it does what it is to
//! do, or is ended for want of memory. None faults for ever or takes all the work there is.
//!
//! Each is tried on one of the machines below; the programs together on all of them.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_tests, run};
use userprog::RunEnd;
use vm::POLICIES;

const SLOTS: [u32; 4] = [0, 16, 256, 1024];
const LATENCIES: [u64; 2] = [0, 1_000];

fn main() {
    let policies = POLICIES.all();
    let trials = bundled_tests().into_iter().enumerate();
    let trials = trials.map(|(number, (suite, test))| {
        let machine = Machine {
            policy: policies[number % policies.len()],
            slots: SLOTS[number % SLOTS.len()],
            disk_latency: LATENCIES[number / SLOTS.len() % LATENCIES.len()],
            ..Machine::with_frames(8)
        };
        Trial::test(
            format!("{suite}/{}", test.name),
            move || -> Result<(), Failed> {
                match run(&test, machine)?.report.end {
                    RunEnd::WorkLimit => Err(format!("it does not end: {machine:?}").into()),
                    _ => Ok(()),
                }
            },
        )
    });
    let mut trials: Vec<_> = trials.collect();
    trials.push(Trial::test(
        "five_processes_get_on_in_eight_frames",
        five_processes,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Each of five processes needs more pages than there are frames; were all to have turns at once,
/// each would find its pages gone at every turn.
fn five_processes() -> Result<(), Failed> {
    let machine = Machine {
        slots: 1024,
        ..Machine::with_frames(8)
    };
    let stats = tests::check(&tests::bundled_test("page-parallel"), machine)?
        .report
        .stats;
    match stats.vm.faults {
        0..5_000 => Ok(()),
        faults => Err(format!("it takes {faults} faults").into()),
    }
}
