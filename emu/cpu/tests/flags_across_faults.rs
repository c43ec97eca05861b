//! A page fault leaves the flags as they were, even in an instruction that uses them: a program
//! that faults does the same as when the page is present.

use bare::{CODE, DATA, Machine, STACK_TOP, code};
use cpu::exit::Exit;
use cpu::registers::Registers;
use machine::addr::VirtAddr;
use machine::pte::PteFlags;

/// Instructions that set the flags before, by every kind of operation that the emulator knows. EAX,
/// ECX, EDX have small values, some of them 0 or negative.
const BEFORE: &[&[u8]] = &[
    &[],
    &[0x39, 0xd0],             // cmp eax, edx
    &[0x66, 0x39, 0xd0],       // cmp ax, dx
    &[0x3c, 0x04],             // cmp al, 4
    &[0x29, 0xd0],             // sub eax, edx
    &[0x01, 0xd0],             // add eax, edx
    &[0x11, 0xd0],             // adc eax, edx
    &[0x19, 0xd0],             // sbb eax, edx
    &[0x85, 0xc0],             // test eax, eax
    &[0x21, 0xd0],             // and eax, edx
    &[0x31, 0xd2],             // xor edx, edx
    &[0x40],                   // inc eax
    &[0x48],                   // dec eax
    &[0x39, 0xd0, 0x40],       // cmp eax, edx; inc eax
    &[0xf7, 0xd8],             // neg eax
    &[0xc1, 0xe0, 0x03],       // shl eax, 3
    &[0xd1, 0xf8],             // sar eax, 1
    &[0xd3, 0xe0],             // shl eax, cl
    &[0x39, 0xd0, 0xd3, 0xe0], // cmp eax, edx; shl eax, cl
    &[0x39, 0xd0, 0xd3, 0xc0], // cmp eax, edx; rol eax, cl
    &[0xf7, 0xe2],             // mul edx
    &[0x0f, 0xaf, 0xc2],       // imul eax, edx
    &[0x0f, 0xa3, 0xd0],       // bt eax, edx
    &[0x0f, 0xbc, 0xc2],       // bsf eax, edx
    &[0xf9],                   // stc
    &[0x9e],                   // sahf
];

/// What is between them and the instruction: nothing, code without flags, or the end of a block.
const BETWEEN: &[&[u8]] = &[&[], &[0x89, 0xc6], &[0xeb, 0x00]];

/// Instructions that use flags and access [ebx].
fn instructions() -> Vec<Vec<u8>> {
    let conditions = (0x90..=0x9f).map(|opcode| vec![0x0f, opcode, 0x03]); // setcc [ebx]
    let moves = (0x40..=0x4f).map(|opcode| vec![0x0f, opcode, 0x33]); // cmovcc esi, [ebx]
    let others: [&[u8]; 9] = [
        &[0xd1, 0x13],       // rcl dword [ebx], 1
        &[0xd1, 0x1b],       // rcr dword [ebx], 1
        &[0xd0, 0x13],       // rcl byte [ebx], 1
        &[0xc1, 0x1b, 0x05], // rcr dword [ebx], 5
        &[0xd3, 0x13],       // rcl dword [ebx], cl
        &[0x11, 0x03],       // adc [ebx], eax
        &[0x19, 0x03],       // sbb [ebx], eax
        &[0xff, 0x03],       // inc dword [ebx]
        &[0x13, 0x03],       // adc eax, [ebx]
    ];
    conditions
        .chain(moves)
        .chain(others.map(<[u8]>::to_vec))
        .collect()
}

/// EBX points to an absent page, to a read-only one, or across the boundary of two.
const PLACES: [VirtAddr; 2] = [DATA, VirtAddr(DATA.0 + 0xffd)];

/// Returns registers and memory at the end of `bytes`, with pages as specified or all present.
fn outcome(machine: &mut Machine, bytes: &[u8], at: VirtAddr, eax: u32, absent: bool) -> Outcome {
    let mut program = machine.program(&code(&[bytes, &[0xcd, 0x30]]));
    let pages = [DATA.page(), DATA.page().checked_add(1).unwrap()];
    if !absent {
        for page in pages {
            machine.map_new(&program.directory, page, PteFlags::USER_WRITE);
        }
    }
    let registers = Registers {
        eax,
        ebx: at.0,
        ecx: 3,
        edx: 4,
        eip: CODE.0,
        esp: STACK_TOP.0,
        ..Registers::default()
    };
    program.context.set_registers(&registers);
    machine.resume(&program);
    assert_eq!(machine.run_demand_zero(&program.directory), Exit::Syscall);
    let registers = machine.cpu.registers();
    for page in pages.into_iter().chain([CODE.page(), bare::STACK.page()]) {
        if machine.pte(&program.directory, page.start()).is_present() {
            // Both machines have zeros where nothing was stored.
            continue;
        }
        machine.map_new(&program.directory, page, PteFlags::USER_READ);
    }
    let words = [0, 4].map(|offset| machine.word(&program.directory, VirtAddr(at.0 + offset)));
    machine.recycle(program);
    Outcome { registers, words }
}

#[derive(PartialEq, Debug)]
struct Outcome {
    registers: Registers,
    words: [u32; 2],
}

#[test]
fn an_instruction_that_faults_sees_the_flags_that_it_would_see_without() {
    let mut machine = Machine::new();
    for instruction in instructions() {
        for before in BEFORE {
            for between in BETWEEN {
                let bytes = code(&[before, between, &instruction]);
                for at in PLACES {
                    for eax in [0, 4, 0xffff_ff85] {
                        let whole = outcome(&mut machine, &bytes, at, eax, false);
                        let faulting = outcome(&mut machine, &bytes, at, eax, true);
                        assert_eq!(faulting, whole, "{bytes:02x?} at {at} with eax {eax:#x}");
                    }
                }
            }
        }
    }
}
