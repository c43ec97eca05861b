//! Any bytes as an executable: the kernel refuses them or runs them, and nothing worse.

#![no_main]

mod machine;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| machine::run(file));
