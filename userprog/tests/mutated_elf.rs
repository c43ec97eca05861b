//! Executables damaged at random: the kernel refuses them or runs them, and nothing worse.
//!
//! Each mutation is loaded and run on a small machine for a little while. What the program does
//! is its own affair; that the kernel panics, hangs or leaves something behind is not.

mod support;

use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use emu::disk::MemoryDisk;
use emu::work::Work;
use proptest::prelude::*;
use support::asm::{OPEN, READ, WRITE, program};
use support::elf_writer::{ElfWriter, Load};
use userprog::{Kernel, MachineOptions, RunEnd};

/// How many mutations are tried.
const MUTATIONS: u32 = 10_000;
/// Machines are made anew after so many, to see that each also ends well.
const MUTATIONS_A_MACHINE: u32 = 100;
/// What the first mutated program of a machine may do, and each one after it.
const WORK_A_RUN: u64 = 5_000;

/// A small program with both kinds of segments, several of them on shared pages.
fn original() -> Vec<u8> {
    let plain = program(|asm| {
        let name = asm.string("program");
        asm.call(OPEN, &[name.into()]);
        asm.call(READ, &[2.into(), 0x0805_1000.into(), 5000.into()]);
        asm.call(WRITE, &[1.into(), 0x0805_1000.into(), 10.into()]);
        asm.repeat(10, |_| {}).exit(1);
    });
    let code = plain[4096..4096 + 200].to_vec();
    ElfWriter::new(0x0804_8000)
        .load(Load::new(0x0804_8000, &code, Load::RX))
        .load(Load::new(0x0804_8800, &[1; 0x900], 4))
        .load(Load { memory_bytes: 0x2_0000, ..Load::new(0x0804_9200, &[2; 100], Load::RW) })
        .load(Load { kind: 0x6474_e551, ..Load::new(0, &[], Load::RW) })
        .build()
}

/// A change to a file.
#[derive(Clone, Debug)]
enum Mutation {
    /// A byte somewhere in the headers.
    Header(u32, u8),
    /// A word in the headers, of those that tend to be borders.
    Word(u32, u32),
    /// A byte anywhere.
    Byte(u32, u8),
    /// The file ends early.
    Truncate(u32),
    /// Garbage at the end.
    Extend(u16, u8),
}

/// Bytes of the file header and four program headers.
const HEADERS: u32 = 52 + 4 * 32;

fn mutation() -> impl Strategy<Value = Mutation> {
    let border = prop::sample::select(vec![
        0, 1, 2, 4, 31, 32, 33, 0xfff, 0x1000, 0x1001, 0xffff, 0x0804_8000, 0xbfff_f000,
        0xbfff_ffff, 0xc000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_f000, u32::MAX,
    ]);
    prop_oneof![
        4 => (0..HEADERS, any::<u8>()).prop_map(|(at, value)| Mutation::Header(at, value)),
        4 => (0..HEADERS / 4, border).prop_map(|(at, value)| Mutation::Word(4 * at, value)),
        2 => (0..0x5000u32, any::<u8>()).prop_map(|(at, value)| Mutation::Byte(at, value)),
        1 => (0..0x5000u32).prop_map(Mutation::Truncate),
        1 => (1u16.., any::<u8>()).prop_map(|(count, value)| Mutation::Extend(count, value)),
    ]
}

fn mutated(original: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut file = original.to_vec();
    for mutation in mutations {
        let size = file.len().max(1);
        match *mutation {
            Mutation::Header(at, value) | Mutation::Byte(at, value) => {
                if let Some(byte) = file.get_mut(at as usize % size) {
                    *byte = value;
                }
            }
            Mutation::Word(at, value) => {
                if let Some(word) = file.get_mut(at as usize..at as usize + 4) {
                    word.copy_from_slice(&value.to_le_bytes());
                }
            }
            Mutation::Truncate(at) => file.truncate(at as usize),
            Mutation::Extend(count, value) => file.resize(file.len() + usize::from(count), value),
        }
    }
    file
}

fn machine(path: &Path, runs: u32) -> Kernel {
    let swap = Box::new(MemoryDisk::new(64 * 8));
    let work = Work(WORK_A_RUN * u64::from(runs));
    let options = MachineOptions::new(swap).frames(16).max_work(work).file_quota(1 << 20);
    let files = Dir::open_ambient_dir(path, ambient_authority()).unwrap();
    Kernel::new(options, files, Box::new(io::sink()), Box::new(io::empty())).unwrap()
}

#[test]
fn ten_thousand_damaged_programs_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let original = original();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let files = prop::collection::vec(mutation(), 1..6);
    let (mut refused, mut ran) = (0, 0);
    let mut tried = 0;
    while tried < MUTATIONS {
        let mut kernel = machine(folder.path(), MUTATIONS_A_MACHINE);
        for _ in 0..MUTATIONS_A_MACHINE {
            let mutations = files.new_tree(&mut runner).unwrap().current();
            // Under a name of its own: no run sees the file of another one.
            let name = format!("p{tried}");
            let path = folder.path().join(&name);
            std::fs::write(&path, mutated(&original, &mutations)).unwrap();
            match kernel.run(name.as_bytes()).end {
                RunEnd::NotLoaded(_) => refused += 1,
                _ => ran += 1,
            }
            kernel.check_clean();
            std::fs::remove_file(path).unwrap();
            tried += 1;
        }
    }
    // Both happen often, or the mutations would not be worth much.
    assert!(refused > MUTATIONS / 10 && ran > MUTATIONS / 10, "{refused} refused, {ran} ran");
}

#[test]
fn the_program_that_is_damaged_was_a_good_one() {
    let done = support::machine::Machine::new().file("program", &original()).run("program");
    assert_eq!(done.text(), "\x7fELF\x01\x01\x01\0\0\0program: exit(1)\n");
}
