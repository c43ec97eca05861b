//! The same run twice: the same console, the same statistics, the same log of events.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_tests, run};

fn main() {
    let trials = bundled_tests().into_iter().map(|(suite, test)| {
        let name = format!("{suite}/{}", test.name);
        Trial::test(name, move || -> Result<(), Failed> {
            let machine = Machine {
                seed: 7,
                ..Machine::with_frames(24)
            };
            let (first, second) = (run(&test, machine)?, run(&test, machine)?);
            let same = first.console == second.console && first.report == second.report;
            if !same {
                let (first, second) = (first.report, second.report);
                return Err(format!("two runs differ: {first:?} and {second:?}").into());
            }
            let lines = first.log.lines().zip(second.log.lines()).enumerate();
            for (number, (one, other)) in lines {
                if one != other {
                    return Err(format!("event {number} differs: '{one}' and '{other}'").into());
                }
            }
            if first.log.len() != second.log.len() {
                return Err("one log goes on after the other ends".into());
            }
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
