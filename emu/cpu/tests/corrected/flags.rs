//! Flags that are computed lazily are those of the instruction that set them.

use bare::{Machine, code};
use cpu::exit::Exit;

/// CF, PF, AF, ZF, SF, OF.
const ARITHMETIC: u32 = 0x8d5;

/// Returns the arithmetic flags after `bytes`, with 1 in ECX and `eax` in EAX.
fn flags(eax: u32, bytes: &[u8]) -> u32 {
    let mut machine = Machine::new();
    let program = machine.program(&code(&[bytes, &[0xcd, 0x30]]));
    machine.resume(&program);
    let mut registers = machine.cpu.registers();
    (registers.eax, registers.ecx) = (eax, 1);
    machine.cpu.set_registers(&registers);
    assert_eq!(machine.run(), Exit::Syscall, "{bytes:x?}");
    machine.cpu.registers().eflags & ARITHMETIC
}

#[test]
fn a_loop_on_a_condition_changes_no_flag() {
    // After a loop, which ends a block, another kind of operation, and both loops to what follows them.
    let operations: [&[u8]; 5] = [
        &[0xd1, 0xe0],       // shl eax, 1
        &[0x83, 0xc0, 0x7f], // add eax, 0x7f
        &[0x83, 0xe8, 0x7f], // sub eax, 0x7f
        &[0x21, 0xc0],       // and eax, eax
        &[0x48],             // dec eax
    ];
    for before in operations {
        let before = code(&[before, &[0xeb, 0]]); // jmp to what follows
        for operation in operations {
            for eax in [0, 1, 0x4000_0000, 0x8000_0001, 0xffff_ff90] {
                let expected = flags(eax, &code(&[&before, operation]));
                for opcode in [0xe0, 0xe1] {
                    let bytes = code(&[&before, operation, &[opcode, 0]]);
                    assert_eq!(flags(eax, &bytes), expected, "{bytes:x?} {eax:x}");
                }
            }
        }
    }
}
