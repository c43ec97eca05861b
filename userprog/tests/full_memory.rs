//! Programs that ask for more memory than there is: they end, and no other process is affected.

use executables::asm::*;
use executables::elf_writer::{ElfWriter, Load};
use machine::work::Work;
use small::{Done, Machine};
use vm::{POLICIES, PolicyKind};

const HEAP: u32 = 0x1000_0000;
/// More pages than the frames and slots of any machine here.
const PAGES: u32 = 300;

/// Returns a program with [`PAGES`] pages of zeros at [`HEAP`].
fn with_heap(asm: &Asm) -> Vec<u8> {
    let parts = asm.parts();
    let heap = Load {
        memory_bytes: PAGES * 4096,
        ..Load::new(HEAP, &[], Load::RW)
    };
    let loads = parts.into_iter().chain([heap]);
    loads.fold(ElfWriter::new(CODE), ElfWriter::load).build()
}

/// Loads a byte of each page first, then stores to it.
fn hog() -> Vec<u8> {
    let mut asm = Asm::new();
    asm.raw(&[0xbe]).raw(&HEAP.to_le_bytes()); // mov esi, HEAP
    asm.repeat(PAGES, |asm| {
        asm.raw(&[0x80, 0x36, 1]); // xor byte [esi], 1
        asm.raw(&[0x81, 0xc6, 0, 0x10, 0, 0]); // add esi, 4096
    });
    asm.exit(0);
    with_heap(&asm)
}

fn run(frames: u32, slots: u64, policy: PolicyKind, main: &[u8]) -> Done {
    let machine = Machine::with_swap(slots * 8);
    let machine = machine.options(|options| options.frames(frames).policy(policy));
    machine.file("main", main).file("hog", &hog()).run("main")
}

#[test]
fn who_loads_first_and_then_stores_is_ended_when_memory_is_full() {
    for policy in POLICIES.all() {
        for (frames, slots) in [(8, 0), (8, 16), (9, 1), (16, 64), (100, 100)] {
            let machine = Machine::with_swap(slots * 8);
            let machine = machine.options(|options| options.frames(frames).policy(policy));
            let done = machine.file("hog", &hog()).run("hog");
            let expected = "hog: killed: out of memory: the swap device is full\nhog: exit(-1)\n";
            assert_eq!(
                done.text(),
                expected,
                "{policy}, {frames} frames, {slots} slots"
            );
        }
    }
}

#[test]
fn a_parent_that_only_prints_does_not_suffer_from_a_child_that_fills_memory() {
    let main = program(|asm| {
        let line = asm.string("hog");
        let child = asm.result_of(EXEC, &[line.into()]);
        let text = asm.string("still here\n");
        asm.repeat(100, |asm| {
            asm.raw(&[0xb9, 0, 4, 0, 0, 0xe2, 0xfe]); // mov ecx, 1024; loop to itself
            asm.call(WRITE, &[1.into(), text.into(), 11.into()]);
        });
        asm.call(WAIT, &[Arg::At(child)]).exit_with_eax();
    });
    for policy in POLICIES.all() {
        for (frames, slots) in [(8, 16), (16, 0), (16, 64), (100, 100)] {
            let text = run(frames, slots, policy, &main).text();
            let lines = text.matches("still here\n").count();
            assert_eq!(
                lines, 100,
                "{policy}, {frames} frames, {slots} slots:\n{text}"
            );
            assert!(text.contains("hog: exit(-1)\n") && text.ends_with("main: exit(-1)\n"));
        }
    }
}

/// `rep movsb` is one instruction that accesses any number of pages.
#[test]
fn a_string_instruction_goes_over_more_pages_than_there_are_frames() {
    let mut asm = Asm::new();
    let bytes = (PAGES / 2) * 4096;
    asm.raw(&[0xfc]); // cld
    asm.raw(&[0xbe]).raw(&HEAP.to_le_bytes()); // mov esi, HEAP
    asm.raw(&[0xbf]).raw(&(HEAP + bytes).to_le_bytes()); // mov edi, HEAP + bytes
    asm.raw(&[0xb9]).raw(&bytes.to_le_bytes()); // mov ecx, bytes
    asm.raw(&[0xf3, 0xa4]); // rep movsb
    asm.exit(0);
    for frames in [8, 16] {
        let machine = Machine::new().options(|options| options.frames(frames));
        let done = machine.file("main", &with_heap(&asm)).run("main");
        assert_eq!(done.status(), 0, "{frames} frames");
    }
}

/// A loop that does nothing but fault, since its pages of code and data evict each other from the
/// last frames, gives up the CPU at the end of its slice like any other.
#[test]
fn who_does_nothing_but_fault_has_turns_like_the_others() {
    let mut child = Asm::new();
    child.repeat(u32::MAX, |asm| {
        asm.raw(&[0xbe]).raw(&HEAP.to_le_bytes()); // mov esi, HEAP
        for _ in 0..64 {
            asm.raw(&[0xc6, 0x06, 1]); // mov byte [esi], 1
            asm.raw(&[0x81, 0xc6, 0, 0x10, 0, 0]); // add esi, 4096
        }
    });
    let main = program(|asm| {
        let line = asm.string("child");
        asm.call(EXEC, &[line.into()]);
        asm.repeat(50, |asm| {
            asm.raw(&[0xb9, 0, 4, 0, 0, 0xe2, 0xfe]); // mov ecx, 1024; loop to itself
        });
        asm.exit(7);
    });
    let machine = Machine::new().options(|options| options.frames(16).max_work(Work(10_000_000)));
    let machine = machine
        .file("main", &main)
        .file("child", &with_heap(&child));
    assert_eq!(machine.run("main").status(), 7);
}
