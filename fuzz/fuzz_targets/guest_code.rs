//! Any bytes as the code of a program that may store into it and has memory to swap.

#![no_main]

mod machine;

use executables::elf_writer::{ElfWriter, Load};
use libfuzzer_sys::fuzz_target;

/// Where the code begins: across the border of two pages, if it is longer than this.
const START: u32 = 0x0804_8fe0;
/// Readable, writable and executable.
const RWX: u32 = 7;
/// More memory than the machine has.
const DATA_BYTES: u32 = 0x2_0000;

fuzz_target!(|code: &[u8]| {
    let file = ElfWriter::new(START)
        .load(Load::new(START, code, RWX))
        .load(Load {
            memory_bytes: DATA_BYTES,
            ..Load::new(0x0a00_0000, &[1; 16], Load::RW)
        })
        .build();
    machine::run(&file);
});
