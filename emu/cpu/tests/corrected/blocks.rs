//! Where blocks end: with their page, and before the translator is full.

use crate::common::{CODE, DATA, Machine, PAGE, STACK_TOP, code, imm};
use cpu::exit::Exit;
use machine::addr::VirtAddr;
use machine::pte::PteFlags;

/// The last byte of the first page of code.
const LAST: u32 = CODE.0 + PAGE as u32 - 1;

#[test]
fn instructions_before_a_border_are_executed_before_the_next_page_is_fetched() {
    let mut machine = Machine::new();
    let jump = code(&[&[0xe9], &imm(LAST - 8 - (CODE.0 + 5))]);
    let program = machine.program(&jump);
    // inc eax five times, then inc edx and the first byte of `mov ecx, 7`.
    let end = [0x40, 0x40, 0x40, 0x40, 0x40, 0x42, 0x42, 0x42, 0xb9];
    machine.place(&program.directory, VirtAddr(LAST - 8), &end);
    let exit = machine.run_program(&program);
    let Exit::PageFault(fault) = exit else {
        panic!("{exit:?}")
    };
    let registers = machine.cpu.registers();
    assert_eq!(fault.addr.0, LAST + 1);
    assert_eq!((registers.eip, registers.eax, registers.edx), (LAST, 5, 3));
    machine.place(
        &program.directory,
        VirtAddr(LAST + 1),
        &code(&[&imm(7), &[0xcd, 0x30]]),
    );
    assert_eq!(machine.run(), Exit::Syscall);
    assert_eq!(machine.cpu.registers().ecx, 7);
}

#[test]
fn no_row_of_one_instruction_overruns_the_translator() {
    let rows: [&[u8]; 12] = [
        &[0xd9, 0xe1],                               // fabs
        &[0xd9, 0xc9],                               // fxch
        &[0x0f, 0xc6, 0xc1, 8],                      // shufps
        &[0x0f, 0x70, 0xc0, 8],                      // pshufw
        &[0xd4, 10],                                 // aam
        &[0xce],                                     // into
        &[0x60, 0x61],                               // pusha; popa
        &[0xc8, 0, 0, 31, 0xc9],                     // enter 0, 31; leave
        &[0x8e, 0xd8],                               // mov ds, eax
        &[0x0f, 0xc7, 0x0b],                         // cmpxchg8b [ebx]
        &[0xdd, 0x33, 0xdd, 0x23],                   // fnsave [ebx]; frstor [ebx]
        &[0x65, 0x01, 0x03, 0x0f, 0x9f, 0x03, 0xf9], // add gs:[ebx], eax; setg [ebx]; stc
    ];
    for row in rows {
        let mut machine = Machine::new();
        let bytes = code(&[&[0xb8], &imm(0x23), &row.repeat(500), &[0xcd, 0x30]]);
        let mut program = machine.program(&bytes);
        machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
        program.context.set_registers(&cpu::registers::Registers {
            ebx: DATA.0,
            ebp: STACK_TOP.0 + 0x200,
            eip: CODE.0,
            esp: STACK_TOP.0,
            ..Default::default()
        });
        assert_eq!(machine.run_program(&program), Exit::Syscall, "{row:02x?}");
    }
}
