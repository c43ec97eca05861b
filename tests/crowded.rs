//! Every bundled program ends on the smallest machines, with swap or without: it does what it is to
//! do, or is ended for want of memory. None faults for ever or takes all the work there is.
//!
//! Each is tried on one of the machines below, the programs together on all of them; with
//! `VMLAB_MACHINES=all` each on every one, which takes a while.

use std::env;

use grading::suite::Test;
use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_tests, run};
use userprog::RunEnd;
use vm::POLICIES;

const SLOTS: [u32; 4] = [0, 16, 256, 1024];
const LATENCIES: [u64; 2] = [0, 1_000];

fn main() {
    let machines = machines();
    let all = env::var("VMLAB_MACHINES").is_ok_and(|which| which == "all");
    let trials = bundled_tests().into_iter().enumerate();
    let trials = trials.map(|(number, (suite, test))| {
        let tried = match all {
            true => machines.clone(),
            false => vec![machines[number % machines.len()]],
        };
        Trial::test(format!("{suite}/{}", test.name), move || {
            ends(&test, &tried)
        })
    });
    let mut trials: Vec<_> = trials.collect();
    trials.push(Trial::test(
        "five_processes_get_on_in_eight_frames",
        five_processes,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Eight frames with every policy, so many slots, and a disk with and without latency.
fn machines() -> Vec<Machine> {
    let latencies = LATENCIES.into_iter();
    let slots = latencies.flat_map(|latency| SLOTS.map(|slots| (latency, slots)));
    let all = slots.flat_map(|(disk_latency, slots)| {
        let policies = POLICIES.all().into_iter();
        policies.map(move |policy| Machine {
            policy,
            slots,
            disk_latency,
            ..Machine::with_frames(8)
        })
    });
    all.collect()
}

fn ends(test: &Test, machines: &[Machine]) -> Result<(), Failed> {
    for machine in machines {
        if run(test, *machine)?.report.end == RunEnd::WorkLimit {
            return Err(format!("it does not end: {machine:?}").into());
        }
    }
    Ok(())
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
