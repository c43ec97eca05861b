//! Programs of several processes give the same console text whatever the time slices.
//!
//! Each is run with as many seeds, 100 at the most, as its work allows within a test; the
//! environment variable VMLAB_SEEDS says how many for all.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_tests, check, is_for_any_machine};

/// Work that a program may take for all of its seeds.
const WORK: u64 = 40_000_000;

fn main() {
    let tests = bundled_tests().into_iter();
    let tests = tests.filter(|(_, test)| is_for_any_machine(test));
    let trials = tests.map(|(suite, test)| {
        let name = format!("{suite}/{}", test.name);
        Trial::test(name, move || -> Result<(), Failed> {
            let machine = Machine::with_frames(32);
            let stats = check(&test, machine)?.report.stats;
            if stats.processes < 2 {
                return Ok(());
            }
            for seed in 1..=seeds(stats.work) {
                check(&test, Machine { seed, ..machine })?;
            }
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn seeds(work: u64) -> u64 {
    match std::env::var("VMLAB_SEEDS") {
        Ok(number) => number.parse().expect("VMLAB_SEEDS is a number"),
        Err(_) => (WORK / work.max(1)).clamp(3, 100),
    }
}
