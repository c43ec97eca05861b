//! Long straight-line code, which would overflow the emulator's translator in a single block: it is
//! executed and counted like any other.

use bare::{CODE, Machine, PAGE, Program, Random, STACK, STACK_TOP, code, imm};
use cpu::exception::Exception;
use cpu::exit::Exit;
use machine::addr::VirtAddr;
use machine::pte::PteFlags;
use machine::work::Work;

/// `fxch st(1)`
const FXCH: &[u8] = &[0xd9, 0xc9];
/// `fld1; fldz`: 0 on top of 1.
const ZERO_ON_ONE: &[u8] = &[0xd9, 0xe8, 0xd9, 0xee];
/// `fistp dword [esp-4]; mov eax, [esp-4]; int 0x30`
const REPORT_TOP: &[u8] = &[0xdb, 0x5c, 0x24, 0xfc, 0x8b, 0x44, 0x24, 0xfc, 0xcd, 0x30];

/// Exchanges 0 and 1 this number of times; 1 is on top if that is odd.
fn exchanges(count: usize) -> Vec<u8> {
    code(&[ZERO_ON_ONE, &FXCH.repeat(count), REPORT_TOP])
}

#[test]
fn a_row_of_x87_instructions_over_several_pages_is_executed_whole() {
    for (offset, count) in [(0, 235), (0, 470), (1, 5001), (4000, 5001), (3, 6000)] {
        let mut machine = Machine::new();
        let code = code(&[&vec![0x90; offset], &exchanges(count)]);
        let program = machine.program(&code);
        assert_eq!(machine.run_program(&program), Exit::Syscall);
        assert_eq!(machine.cpu.eax() as usize, count % 2, "{count} at {offset}");
    }
}

#[test]
fn other_instructions_that_take_room_are_executed_in_rows_too() {
    // aam 10; aad 10: 0x4d becomes 0x0707 and 0x4d again.
    let adjust = [0xd4, 10, 0xd5, 10];
    let mut machine = Machine::new();
    let row = code(&[&[0xb8], &imm(0x4d), &adjust.repeat(2000), &[0xcd, 0x30]]);
    let program = machine.program(&row);
    assert_eq!(machine.run_program(&program), Exit::Syscall);
    assert_eq!(machine.cpu.eax(), 0x4d);
    // pshufw mm0, mm0, 0x1b: the words in reverse. movd mm0, ecx; ...; movd eax, mm0.
    let row = code(&[
        &[0xb9],
        &imm(0x1234_5678),
        &[0x0f, 0x6e, 0xc1],
        &[0x0f, 0x70, 0xc0, 0x1b].repeat(1500),
        &[0x0f, 0x7e, 0xc0, 0xcd, 0x30],
    ]);
    let program = machine.program(&row);
    assert_eq!(machine.run_program(&program), Exit::Syscall);
    assert_eq!(machine.cpu.eax(), 0x1234_5678);
}

#[test]
fn every_turn_over_a_row_counts_the_same() {
    let row_of = |turns, count| {
        let row = FXCH.repeat(count);
        let back = (row.len() as u32 + 7).wrapping_neg();
        code(&[
            &[0xb9],
            &imm(turns),
            &[0xeb, 0x00], // jmp next: the row is a block of its own
            &row,
            &[0x49, 0x0f, 0x85], // dec ecx; jnz row
            &imm(back),
            &[0xcd, 0x30],
        ])
    };
    for count in [99, 236, 513, 2000] {
        let works = [1, 2, 5].map(|turns| {
            let mut machine = Machine::new();
            let program = machine.program(&row_of(turns, count));
            assert_eq!(machine.run_program(&program), Exit::Syscall);
            machine.cpu.work().0
        });
        let turn = works[1] - works[0];
        assert_eq!(works[2] - works[0], 4 * turn, "{count} instructions");
        assert!(
            (1 + count / 110..=1 + count / 50).contains(&(turn as usize)),
            "{turn} for {count}"
        );
    }
}

#[test]
fn a_row_is_the_same_however_its_time_is_sliced() {
    let code = exchanges(3001);
    let mut machine = Machine::new();
    let program = machine.program(&code);
    machine.resume(&program);
    let mut slices = 0;
    loop {
        let until = Work(machine.cpu.work().0 + 1);
        match machine.cpu.run(until) {
            Exit::Tick => slices += 1,
            exit => {
                assert_eq!(exit, Exit::Syscall);
                break;
            }
        }
    }
    assert_eq!(machine.cpu.eax(), 1);
    assert!(slices >= 5, "{slices}");
}

/// Creates a program on writable pages, code first.
fn writable(machine: &mut Machine, bytes: &[u8], pages: u32) -> Program {
    let directory = machine.space();
    for page in 0..pages {
        let at = VirtAddr(CODE.0 + page * PAGE as u32);
        machine.map_new(&directory, at.page(), PteFlags::USER_WRITE);
    }
    machine.place(&directory, CODE, bytes);
    machine.map_new(&directory, STACK.page(), PteFlags::USER_WRITE);
    let context = machine.cpu.new_context(CODE, STACK_TOP);
    Program { directory, context }
}

#[test]
fn a_program_that_writes_its_x87_code_bit_by_bit_can_run_it() {
    let rows = VirtAddr(CODE.0 + PAGE as u32);
    let count = 1901u32;
    let store = |width: &[u8]| {
        // Executes the old bytes, so that they are translated; then mov word [edi], 0xc9d9 in a
        // loop.
        code(&[
            &[0xe8],
            &imm(rows.0.wrapping_sub(CODE.0 + 5)),
            ZERO_ON_ONE,
            &[0xbf],
            &imm(rows.0),
            &[0xb9],
            &imm(count),
            width,
            &[0x83, 0xc7, 0x02, 0x49, 0x75], // add edi, 2; dec ecx; jnz
            &[(-(width.len() as i8) - 6) as u8],
            &[0xc6, 0x07, 0xc3], // mov byte [edi], 0xc3: ret
            &[0xb8],
            &imm(rows.0),
            &[0xff, 0xd0], // call eax
            REPORT_TOP,
        ])
    };
    let words = store(&[0x66, 0xc7, 0x07, 0xd9, 0xc9]);
    let bytes = store(&[0xc6, 0x07, 0xd9, 0xc6, 0x47, 0x01, 0xc9]);
    for code in [words, bytes] {
        let mut machine = Machine::new();
        let program = writable(&mut machine, &code, 2);
        machine.place(&program.directory, rows, &[0xc3]);
        assert_eq!(machine.run_program(&program), Exit::Syscall);
        assert_eq!(machine.cpu.eax(), count % 2);
    }
}

#[test]
fn a_hazard_stored_across_the_border_of_two_pages_is_an_invalid_instruction() {
    // The second page begins with the end of `lock bts eax, eax`, ret; the first is given its start.
    let border = VirtAddr(CODE.0 + PAGE as u32);
    let patched = VirtAddr(border.0 - 2);
    let code = code(&[
        &[0xe8],
        &imm(patched.0.wrapping_sub(CODE.0 + 5)), // two nops, then the second page
        &[0x66, 0xc7, 0x05],
        &imm(patched.0),
        &[0xf0, 0x0f], // mov word [patched], 0x0ff0
        &[0xe8],
        &imm(patched.0.wrapping_sub(CODE.0 + 19)),
        &[0xcd, 0x30],
    ]);
    let mut machine = Machine::new();
    let program = writable(&mut machine, &code, 2);
    // Alone it is stos and an addition: ab, c0 c3 00 is `rol bl, 0`.
    machine.place(
        &program.directory,
        patched,
        &[0x90, 0x90, 0xab, 0xc0, 0xc3, 0x00, 0xc3],
    );
    machine.resume(&program);
    let mut registers = machine.cpu.registers();
    registers.edi = STACK.0;
    machine.cpu.set_registers(&registers);
    let exit = machine.run();
    let invalid = Exit::Exception {
        exception: Exception::InvalidOpcode,
        error_code: 0,
    };
    assert_eq!(exit, invalid);
    assert_eq!(machine.cpu.eip(), patched);
}

#[test]
fn noise_made_of_such_instructions_ends_somehow_and_the_host_lives() {
    let mut random = Random::new(5);
    for _ in 0..60 {
        let mut machine = Machine::new();
        let dense = 1 + random.below(4);
        let bytes: Vec<u8> = (0..2 * PAGE)
            .map(|_| match random.below(4) {
                one if one < dense => 0xd8 + random.below(8) as u8,
                _ => random.draw() as u8,
            })
            .collect();
        let program = writable(&mut machine, &bytes, 3);
        machine.resume(&program);
        for _ in 0..20 {
            let until = Work(machine.cpu.work().0 + 200);
            if machine.cpu.run(until) != Exit::Tick {
                // On to somewhere else.
                let mut registers = machine.cpu.registers();
                registers.eip = CODE.0 + random.below(2 * PAGE as u32);
                let mut context = machine.cpu.new_context(VirtAddr(registers.eip), STACK_TOP);
                context.set_registers(&registers);
                machine.cpu.resume(&context, program.directory.root());
            }
        }
    }
}
