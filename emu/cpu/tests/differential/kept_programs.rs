//! Random programs that once behaved differently in some page state or in single steps.

use crate::floats;
use crate::pages::Page;
use crate::program_machine::ProgramMachine;
use crate::programs::Program;
use crate::random_programs::try_all_ways;
use bare::Random;

/// Number 2920 of the first seed: a `shl` of its own code, which faults where that page may not be
/// stored to, then, in the same block or in the next one, a `loope` that is not taken.
fn a_loop_behind_a_fault() -> Program {
    use Page::*;
    let code = [
        &[0xb9, 1, 0, 0, 0][..],                     // mov ecx, 1
        &[0xfe, 0x05, 0xca, 0x8f, 0x04, 0x08],       // inc byte [0x8048fca]
        &[0xf2, 0xd1, 0x35, 0x01, 0x90, 0x04, 0x08], // shl dword [0x8049001], 1
        &[0xc6, 0x05, 0x36, 0x90, 0x04, 0x08, 0xb2], // mov byte [0x8049036], 0xb2
        &[0xe1, 0x80],                               // loope
        &[0x89, 0x05, 0x20, 0x90, 0x04, 0x08],       // mov [0x8049020], eax
        &[0xf3, 0x0f, 0x7e, 0x81, 0x0b, 0, 0, 0],    // movq xmm0, [ecx+0xb], until it is changed
        &[0xcd, 0x30],                               // int 0x30
    ];
    Program {
        kind: "into itself",
        code: code.concat(),
        start: 0x0804_8ffa,
        general: [
            0x0b00_1350,
            0xd58,
            0x8769_4324,
            0x0a00_0e20,
            0x0b00_1004,
            0x0b00_1500,
            0x0b00_1180,
            0x6998_00b4,
        ],
        eflags: 0x246,
        float: 0,
        data: vec![0],
        states: [
            [Untouched; 6],
            [Untouched, Swapped, Untouched, Swapped, Swapped, CopyOnWrite],
        ],
    }
}

#[test]
fn a_loop_behind_a_fault_leaves_the_flags_that_it_leaves_without() {
    let mut machine = ProgramMachine::new(&floats(&mut Random::new(0)));
    let found = try_all_ways(&mut machine, &a_loop_behind_a_fault());
    assert_eq!(found, []);
}
