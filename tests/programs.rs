//! Every test of every suite gives the same console text on machines of 8, 16, 64 and 1024 frames,
//! under either way for the kernel to touch user memory.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_tests, check};
use vm::AliasPolicy;

const MACHINES: [(u32, AliasPolicy); 4] = [
    (8, AliasPolicy::Sync),
    (16, AliasPolicy::UserAddress),
    (64, AliasPolicy::Sync),
    (1024, AliasPolicy::UserAddress),
];

fn main() {
    let mut trials = Vec::new();
    for (suite, test) in bundled_tests() {
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
