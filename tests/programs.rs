//! Every test of every suite, but for those about a small pool of the kernel's, gives the same console text on
//! machines of 8, 16, 64 and 1024 frames, under either way for the kernel to touch user memory.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_tests, check, is_for_any_machine};
use vm::AliasPolicy;

const MACHINES: [(u32, AliasPolicy); 4] = [
    (8, AliasPolicy::Sync),
    (16, AliasPolicy::UserAddress),
    (64, AliasPolicy::Sync),
    (1024, AliasPolicy::UserAddress),
];

fn main() {
    let mut trials = Vec::new();
    let tests = bundled_tests().into_iter();
    for (suite, test) in tests.filter(|(_, test)| is_for_any_machine(test)) {
        for (frames, alias) in MACHINES {
            let test = test.clone();
            let name = format!("{suite}/{}/{frames}_frames", test.name);
            trials.push(Trial::test(name, move || -> Result<(), Failed> {
                let machine = Machine {
                    alias,
                    ..Machine::with_frames(frames)
                };
                check(&test, machine)?;
                Ok(())
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
