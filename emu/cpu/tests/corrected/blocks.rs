//! The end of blocks: with their page, and before the translator's tables are full.

use bare::{CODE, DATA, Machine, PAGE, STACK_TOP, code, imm};
use cpu::exception::Exception;
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

/// Returns EDX:EAX divided by ECX as `instruction` does it: quotient and remainder, or #DE.
fn divide(instruction: u8, high: u32, low: u32, by: u32) -> Option<(u32, u32)> {
    let mut machine = Machine::new();
    let mut program = machine.program(&[0xf7, instruction, 0xcd, 0x30]);
    program.context.set_registers(&cpu::registers::Registers {
        eax: low,
        edx: high,
        ecx: by,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Default::default()
    });
    match machine.run_program(&program) {
        Exit::Syscall => {
            let registers = machine.cpu.registers();
            Some((registers.eax, registers.edx))
        }
        Exit::Exception { exception, .. } => {
            assert_eq!(exception, Exception::DivideError);
            let registers = machine.cpu.registers();
            assert_eq!(
                (registers.eip, registers.eax, registers.edx),
                (CODE.0, low, high)
            );
            None
        }
        exit => panic!("{exit:?}"),
    }
}

/// Source: SDM vol. 2A, DIV and IDIV.
#[test]
fn division_is_exact_where_it_is_generated_and_where_it_is_called() {
    const EDGES: [u32; 11] = [
        0,
        1,
        2,
        3,
        0x7fff_ffff,
        0x8000_0000,
        0x8000_0001,
        0xffff_fffe,
        0xffff_ffff,
        10,
        0xffff_fff6,
    ];
    for high in EDGES {
        for low in EDGES {
            for by in EDGES {
                let dividend = u64::from(high) << 32 | u64::from(low);
                let quotient = dividend.checked_div(by.into());
                let unsigned = quotient
                    .and_then(|quotient| u32::try_from(quotient).ok())
                    .map(|quotient| (quotient, (dividend % u64::from(by)) as u32));
                assert_eq!(
                    divide(0xf1, high, low, by),
                    unsigned,
                    "div {high:#x}:{low:#x}, {by:#x}"
                );
                let (dividend, by_signed) = (dividend as i64, i64::from(by as i32));
                let quotient = dividend.checked_div(by_signed);
                let signed = quotient
                    .and_then(|quotient| i32::try_from(quotient).ok())
                    .map(|quotient| (quotient as u32, (dividend % by_signed) as u32));
                assert_eq!(
                    divide(0xf9, high, low, by),
                    signed,
                    "idiv {high:#x}:{low:#x}, {by:#x}"
                );
            }
        }
    }
}

/// A program that calls a function through a register, changes it, and calls it again: the jump and the
/// return have to find the current code.
#[test]
fn a_jump_through_a_register_finds_the_code_that_is_there_now() {
    let mut machine = Machine::new();
    let function = DATA.0;
    let bytes = code(&[
        &[0xbb],
        &imm(function), // mov ebx, function
        &[0xb9],
        &imm(3),             // mov ecx, 3
        &[0xff, 0xd3],       // again: call ebx
        &[0x01, 0xc2],       // add edx, eax
        &[0xff, 0x43, 0x01], // inc dword [ebx + 1]
        &[0x49, 0x75, 0xf6], // dec ecx; jnz again
        &[0xcd, 0x30],
    ]);
    let mut program = machine.program(&bytes);
    machine.map_new(&program.directory, DATA.page(), PteFlags::USER_WRITE);
    // mov eax, 7; ret
    machine.place(
        &program.directory,
        DATA,
        &code(&[&[0xb8], &imm(7), &[0xc3]]),
    );
    program.context.set_registers(&cpu::registers::Registers {
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Default::default()
    });
    assert_eq!(machine.run_program(&program), Exit::Syscall);
    assert_eq!(machine.cpu.registers().edx, 7 + 8 + 9);
}

/// Two address spaces have different code at the same address: a return in one does not find the
/// other's.
#[test]
fn a_return_finds_the_code_of_its_own_address_space() {
    let mut machine = Machine::new();
    for (value, round) in [(1u32, 0), (2, 1), (1, 2)] {
        // call next; mov edx, value; int 0x30; next: ret
        let bytes = code(&[
            &[0xe8],
            &imm(7),
            &[0xba],
            &imm(value),
            &[0xcd, 0x30],
            &[0xc3],
        ]);
        let program = machine.program(&bytes);
        assert_eq!(machine.run_program(&program), Exit::Syscall);
        assert_eq!(machine.cpu.registers().edx, value, "round {round}");
    }
}
