//! Randomly damaged executables: the kernel refuses them or runs them.
//!
//! Each mutation is loaded and run on a small machine for a short time. The program may do
//! anything; the kernel must not panic, hang or leave anything behind.

use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use executables::asm::{Arg, OPEN, READ, WRITE, program};
use executables::elf_writer::{ElfWriter, Load};
use machine::disk::MemoryDisk;
use machine::work::Work;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use userprog::{Kernel, MachineOptions, RunEnd};

/// The number of mutations that are tried.
const MUTATIONS: u32 = 10_000;
/// The work limit of a machine, after which it is replaced.
const WORK_A_MACHINE: Work = Work(500_000);

/// Returns a small program that reads its own file, with segments of all kinds, two of them on one
/// page. Its buffer is in the .bss.
fn original() -> Vec<u8> {
    let plain = program(|asm| {
        asm.raw(&[0x8b, 0x44, 0x24, 8, 0x8b, 0]); // mov eax, [esp + 8]; mov eax, [eax]
        let name = asm.word();
        asm.store(name).call(OPEN, &[Arg::At(name)]);
        asm.call(READ, &[2.into(), 0x0805_1000.into(), 5000.into()]);
        asm.call(WRITE, &[1.into(), 0x0805_1000.into(), 10.into()]);
        asm.repeat(10, |_| {}).exit(1);
    });
    let code = plain[4096..4096 + 200].to_vec();
    ElfWriter::new(0x0804_8000)
        .load(Load::new(0x0804_8000, &code, Load::RX))
        .load(Load::new(0x0804_8800, &[1; 0x900], 4))
        .load(Load {
            memory_bytes: 0x2_0000,
            ..Load::new(0x0804_9200, &[2; 100], Load::RW)
        })
        .load(Load {
            kind: 0x6474_e551,
            ..Load::new(0, &[], Load::RW)
        })
        .build()
}

/// A change to a file.
#[derive(Clone, Debug)]
enum Mutation {
    /// A byte somewhere in the headers.
    Header(u32, u8),
    /// A word in the headers, replaced by a typical boundary value.
    Word(u32, u32),
    /// A byte anywhere.
    Byte(u32, u8),
    /// The file ends early.
    Truncate(u32),
    /// Garbage at the end.
    Extend(u16, u8),
}

/// The size of the file header and four program headers.
const HEADERS: u32 = 52 + 4 * 32;

/// Typical boundary values of checks.
const BORDERS: [u32; 19] = [
    0,
    1,
    2,
    4,
    31,
    32,
    33,
    0xfff,
    0x1000,
    0x1001,
    0xffff,
    0x0804_8000,
    0xbfff_f000,
    0xbfff_ffff,
    0xc000_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_f000,
    0xffff_ffff,
];

/// Generates any byte except x87 opcodes: a long sequence of those is more than the emulator can
/// translate (see the known limits in `docs/architecture.md`).
fn filler() -> impl Strategy<Value = u8> {
    prop_oneof![0..0xd8u8, 0xe0u8..]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let border = prop::sample::select(&BORDERS[..]);
    prop_oneof![
        4 => (0..HEADERS, any::<u8>()).prop_map(|(at, value)| Mutation::Header(at, value)),
        4 => (0..HEADERS / 4, border).prop_map(|(at, value)| Mutation::Word(4 * at, value)),
        2 => (0..0x5000u32, any::<u8>()).prop_map(|(at, value)| Mutation::Byte(at, value)),
        1 => (0..0x5000u32).prop_map(Mutation::Truncate),
        1 => (1u16.., filler()).prop_map(|(count, value)| Mutation::Extend(count, value)),
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

fn machine(path: &Path) -> Kernel {
    let swap = Box::new(MemoryDisk::new(64 * 8));
    let options = MachineOptions::new(swap)
        .frames(16)
        .max_work(WORK_A_MACHINE);
    let files = Dir::open_ambient_dir(path, ambient_authority()).unwrap();
    Kernel::new(options, files, Box::new(io::sink()), Box::new(io::empty())).unwrap()
}

#[test]
fn ten_thousand_damaged_programs_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let original = original();
    let mut runner = TestRunner::deterministic();
    let files = prop::collection::vec(mutation(), 1..6);
    let (mut refused, mut ran) = (0, 0);
    let mut kernel = machine(folder.path());
    for number in 0..MUTATIONS {
        let mutations = files.new_tree(&mut runner).unwrap().current();
        // Under a unique name: no run sees the file of another one.
        let name = format!("p{number}");
        let path = folder.path().join(&name);
        std::fs::write(&path, mutated(&original, &mutations)).unwrap();
        let end = kernel.run(name.as_bytes()).end;
        kernel.check_clean();
        std::fs::remove_file(path).unwrap();
        match end {
            RunEnd::NotLoaded(_) => refused += 1,
            _ => ran += 1,
        }
        if end == RunEnd::WorkLimit {
            kernel = machine(folder.path());
        }
    }
    // Both outcomes must be frequent, or the mutations would test little.
    assert!(
        refused > MUTATIONS / 10 && ran > MUTATIONS / 10,
        "{refused} refused, {ran} ran"
    );
}

#[test]
fn the_program_that_is_damaged_was_a_good_one() {
    let done = small::Machine::new()
        .file("program", &original())
        .run("program");
    assert_eq!(done.text(), "\x7fELF\x01\x01\x01\0\0\0program: exit(1)\n");
}
