//! A machine that is checked does the same as one that is not, and breaks no rule.

use executables::asm::*;
use executables::elf_writer::{ElfWriter, Load};
use small::{Done, Machine};
use userprog::Checking;
use vm::{POLICIES, PolicyKind};

const HEAP: u32 = 0x1000_0000;
/// More pages than the frames of the machine.
const PAGES: u32 = 40;

/// Stores to all pages and forks; parent and child store to all of them again.
fn storing_family() -> Vec<u8> {
    let mut asm = Asm::new();
    store_to_all(&mut asm);
    let child = asm.result_of(FORK, &[]);
    store_to_all(&mut asm);
    asm.call(WAIT, &[Arg::At(child)]);
    store_to_all(&mut asm);
    asm.exit(7);
    let heap = Load {
        memory_bytes: PAGES * 4096,
        ..Load::new(HEAP, &[], Load::RW)
    };
    let loads = asm.parts().into_iter().chain([heap]);
    loads.fold(ElfWriter::new(CODE), ElfWriter::load).build()
}

fn store_to_all(asm: &mut Asm) {
    asm.raw(&[0xbe]).raw(&HEAP.to_le_bytes()); // mov esi, HEAP
    asm.repeat(PAGES, |asm| {
        asm.raw(&[0x80, 0x06, 1]); // add byte [esi], 1
        asm.raw(&[0x81, 0xc6, 0, 0x10, 0, 0]); // add esi, 4096
    });
}

fn run(frames: u32, policy: PolicyKind, checking: Checking) -> Done {
    let machine = Machine::new().file("main", &storing_family());
    let machine = machine.options(|options| options.frames(frames).policy(policy));
    machine
        .options(|options| options.checking(checking))
        .run("main")
}

#[test]
fn checking_finds_nothing_in_a_right_kernel_and_changes_nothing() {
    for policy in POLICIES.all() {
        for frames in [8, 16, 200] {
            let plain = run(frames, policy, Checking::Off);
            for checking in [Checking::Bytes, Checking::Rules] {
                let checked = run(frames, policy, checking);
                let which = format!("{policy}, {frames} frames, {checking:?}");
                assert_eq!(checked.status(), 7, "{which}");
                assert_eq!(checked.report, plain.report, "{which}");
                assert_eq!(checked.text(), plain.text(), "{which}");
            }
        }
    }
}
