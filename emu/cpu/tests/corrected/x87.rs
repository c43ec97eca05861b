//! The x87: flags, stack faults, pending exceptions, stores that are whole or not at all
//! (SDM vol. 1, 4.9, 8.1, 8.5 to 8.7).

use crate::floats::run;
use cpu::exception::Exception;

const FNINIT: &[u8] = &[0xdb, 0xe3];
/// `fnstsw ax`
const STATUS: &[u8] = &[0xdf, 0xe0];
const FLD1: &[u8] = &[0xd9, 0xe8];
const FLDZ: &[u8] = &[0xd9, 0xee];
const FLDPI: &[u8] = &[0xd9, 0xeb];
/// `fldcw [ebx + 128]`
const CONTROL: &[u8] = &[0xd9, 0xab, 128, 0, 0, 0];
const FWAIT: &[u8] = &[0x9b];

const IE: u32 = 1;
const DE: u32 = 2;
const ZE: u32 = 4;
const OE: u32 = 8;
const UE: u32 = 16;
const PE: u32 = 32;
const SF: u32 = 64;
/// ES and B: an exception is pending.
const PENDING: u32 = 0x8080;
const C0: u32 = 0x100;
const C1: u32 = 0x200;
const C2: u32 = 0x400;
const C3: u32 = 0x4000;
const TOP: u32 = 7 << 11;

/// Returns data with a control word at 128.
fn with_control(words: &[u32], control: u16) -> Vec<u8> {
    let mut data: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    data.resize(128, 0);
    data.extend(control.to_le_bytes());
    data
}

fn words(words: &[u32]) -> Vec<u8> {
    with_control(words, 0x37f)
}

/// Returns the status word, without TOP, after pieces of code that follow `fninit`.
fn status_after(pieces: &[&[u8]], data: &[u8]) -> u32 {
    let all = [&[FNINIT], pieces, &[STATUS]].concat();
    run(&all, data).ended().status() & !TOP
}

#[test]
fn flags_of_each_kind() {
    let fld = &[0xd9, 0x03][..]; // fld dword [ebx]
    let fstp = &[0xd9, 0x5b, 16][..]; // fstp dword [ebx + 16]
    let divide = &[0xde, 0xf9][..]; // fdivp st(1), st
    // A signaling NaN.
    assert_eq!(status_after(&[fld], &words(&[0x7f80_0001])), IE);
    // A quiet one.
    assert_eq!(status_after(&[fld], &words(&[0x7fc0_0001])), 0);
    // A denormal number.
    assert_eq!(status_after(&[fld], &words(&[1])), DE);
    assert_eq!(status_after(&[FLD1, FLDZ, divide], &[]), ZE);
    assert_eq!(status_after(&[FLDZ, FLDZ, divide], &[]), IE);
    // fld qword [ebx]: 2^500 is too large for a float, 2^-500 too small.
    let fld_double = &[0xdd, 0x03][..];
    let large = words(&[0, (1023 + 500) << 20]);
    assert_eq!(status_after(&[fld_double, fstp], &large), OE | PE | C1);
    let small = words(&[0, (1023 - 500) << 20]);
    assert_eq!(status_after(&[fld_double, fstp], &small), UE | PE);
    // Pi as a float is larger than it is.
    assert_eq!(status_after(&[FLDPI, fstp], &[]), PE | C1);
    // fistp dword [ebx + 16]: 3 is less than pi.
    assert_eq!(status_after(&[FLDPI, &[0xdb, 0x5b, 16]], &[]), PE);
    // fsqrt of -1: fld1; fchs; fsqrt
    assert_eq!(status_after(&[FLD1, &[0xd9, 0xe0], &[0xd9, 0xfa]], &[]), IE);
}

#[test]
fn comparisons_with_nans() {
    let fld = &[0xd9, 0x03][..]; // fld dword [ebx]
    let quiet = words(&[0x7fc0_0001]);
    let unordered = C0 | C2 | C3;
    // fcom st(1)
    assert_eq!(
        status_after(&[FLD1, fld, &[0xd8, 0xd1]], &quiet),
        unordered | IE
    );
    // fucom st(1)
    assert_eq!(status_after(&[FLD1, fld, &[0xdd, 0xe1]], &quiet), unordered);
    // fcom st(1), which is empty
    assert_eq!(
        status_after(&[FLD1, &[0xd8, 0xd1]], &[]),
        unordered | IE | SF
    );
    // fxam: an empty register is a class of its own.
    assert_eq!(status_after(&[&[0xd9, 0xe5]], &[]), C0 | C3);
}

#[test]
fn stack_faults_give_indefinites() {
    // fninit; fstp dword [ebx]; fistp dword [ebx + 4]; fbstp [ebx + 8]; fnstsw ax
    let ran = run(
        &[
            FNINIT,
            &[0xd9, 0x1b],
            &[0xdb, 0x5b, 4],
            &[0xdf, 0x73, 8],
            STATUS,
        ],
        &[],
    )
    .ended();
    assert_eq!(ran.status() & !TOP, IE | SF);
    assert_eq!(ran.status() & TOP, 3 << 11);
    assert_eq!(ran.word(0), 0xffc0_0000);
    assert_eq!(ran.word(4), 0x8000_0000);
    assert_eq!((ran.word(8), ran.word(12)), (0, 0xc000_0000));
    assert_eq!(ran.word(16) & 0xffff, 0xffff);
    // Nine times fld1, then fstp dword [ebx].
    let mut pieces = vec![FNINIT];
    pieces.extend([FLD1; 9]);
    pieces.extend([STATUS, &[0xd9, 0x1b]]);
    let ran = run(&pieces, &[]).ended();
    assert_eq!(ran.status() & !TOP, IE | SF | C1);
    assert_eq!(ran.word(0), 0xffc0_0000);
}

#[test]
fn an_unmasked_stack_fault_changes_nothing() {
    // fninit; fldcw; fstp dword [ebx]; fnstsw ax
    let data = with_control(&[0x1234_5678], 0x37e);
    let ran = run(&[FNINIT, CONTROL, &[0xd9, 0x1b], STATUS], &data).ended();
    assert_eq!(ran.status(), IE | SF | PENDING);
    assert_eq!(ran.word(0), 0x1234_5678);
}

#[test]
fn a_pending_exception_waits_for_an_instruction_that_waits() {
    // fninit; fldcw with ZE not masked; fld1; fldz; fdivp st(1), st: 14 bytes
    let divide: &[&[u8]] = &[FNINIT, CONTROL, FLD1, FLDZ, &[0xde, 0xf9]];
    let data = with_control(&[], 0x37b);
    // Not at fnstsw ax, fnstcw [ebx], fnstenv [ebx].
    let rest: &[&[u8]] = &[STATUS, &[0xd9, 0x3b], &[0xd9, 0x33]];
    let ran = run(&[divide, rest].concat(), &data).ended();
    assert_eq!(ran.status(), ZE | PENDING | 6 << 11);
    // Nor after fnclex.
    run(&[divide, &[&[0xdb, 0xe2], FWAIT]].concat(), &data).ended();
    // At fwait, fld1, fnop, emms, and movq mm0, [ebx].
    let waiting: [&[u8]; 5] = [
        FWAIT,
        FLD1,
        &[0xd9, 0xd0],
        &[0x0f, 0x77],
        &[0x0f, 0x6f, 0x03],
    ];
    for next in waiting {
        let ran = run(&[divide, &[next]].concat(), &data);
        ran.raised(Exception::FpuError, 14);
    }
    // Ahead of the page fault of its operand: fld dword [ebx + 256].
    let ran = run(&[divide, &[&[0xd9, 0x83, 0, 1, 0, 0]]].concat(), &data);
    ran.raised(Exception::FpuError, 14);
    // The operands are as they were.
    let keeps: &[&[u8]] = &[&[0xdb, 0xe2], &[0xd9, 0x1b], &[0xd9, 0x5b, 4]];
    let ran = run(&[divide, keeps].concat(), &data).ended();
    assert_eq!((ran.word(0), ran.word(4)), (0, 0x3f80_0000));
}

#[test]
fn the_control_word_decides_what_is_pending() {
    // ZE is set while masked and becomes pending by fldcw.
    let data = with_control(&[], 0x37b);
    let ran = run(&[FNINIT, FLD1, FLDZ, &[0xde, 0xf9], CONTROL, STATUS], &data).ended();
    assert_eq!(ran.status() & !TOP, ZE | PENDING);
    // fnstenv masks all: fnstenv [ebx]; fnstsw ax.
    let ran = run(
        &[
            FNINIT,
            FLD1,
            FLDZ,
            &[0xde, 0xf9],
            CONTROL,
            &[0xd9, 0x33],
            STATUS,
        ],
        &data,
    )
    .ended();
    assert_eq!(ran.status() & !TOP, ZE);
    assert_eq!(ran.word(0) & 0xffff, 0x37b);
}

#[test]
fn an_overflow_in_a_register_is_moved_into_the_range() {
    // fld tbyte [ebx]; fmul st, st; fstp tbyte [ebx + 32]: 2^16000 squared, less 24576.
    let data = with_control(&[0, 0x8000_0000, 16383 + 16000], 0x377);
    let pieces: &[&[u8]] = &[
        FNINIT,
        CONTROL,
        &[0xdb, 0x2b],
        &[0xd8, 0xc8],
        STATUS,
        &[0xdb, 0xe2],
        &[0xdb, 0x7b, 32],
    ];
    let ran = run(pieces, &data).ended();
    assert_eq!(ran.status() & !TOP, OE | PENDING);
    assert_eq!((ran.word(32), ran.word(36)), (0, 0x8000_0000));
    assert_eq!(ran.word(40) & 0xffff, 16383 + 32000 - 24576);
    // To memory nothing is stored: fld tbyte [ebx]; fstp dword [ebx + 32].
    let pieces: &[&[u8]] = &[FNINIT, CONTROL, &[0xdb, 0x2b], &[0xd9, 0x5b, 32], STATUS];
    let ran = run(pieces, &data).ended();
    assert_eq!(ran.status(), OE | PENDING | 7 << 11);
    assert_eq!(ran.word(32), 0);
}

#[test]
fn operands_across_a_missing_page_leave_all_as_it_was() {
    // fninit; fldpi: 4 bytes
    let start: &[&[u8]] = &[FNINIT, FLDPI];
    let mut data = vec![0x5a; 256];
    data[128..130].copy_from_slice(&[0x7f, 3]);
    let instructions: [&[u8]; 9] = [
        &[0xdb, 0xbb, 250, 0, 0, 0],     // fstp tbyte [ebx + 250]
        &[0xdf, 0xb3, 250, 0, 0, 0],     // fbstp [ebx + 250]
        &[0xd9, 0xb3, 240, 0, 0, 0],     // fnstenv [ebx + 240]
        &[0xdd, 0xb3, 200, 0, 0, 0],     // fnsave [ebx + 200]
        &[0xdd, 0x93, 252, 0, 0, 0],     // fst qword [ebx + 252]
        &[0xd9, 0xa3, 240, 0, 0, 0],     // fldenv [ebx + 240]
        &[0xdd, 0xa3, 200, 0, 0, 0],     // frstor [ebx + 200]
        &[0xdb, 0xab, 250, 0, 0, 0],     // fld tbyte [ebx + 250]
        &[0x0f, 0xae, 0x83, 0, 0, 0, 0], // fxsave [ebx]
    ];
    for instruction in instructions {
        let ran = run(&[start, &[instruction]].concat(), &data);
        let mut ran = ran.faulted_after_the_page(4);
        for offset in (0..256).step_by(4).filter(|offset| *offset != 128) {
            assert_eq!(ran.word(offset), 0x5a5a_5a5a, "{instruction:x?} {offset}");
        }
        // Once the page is there it does what it should.
        let next = machine::addr::VirtAddr(crate::floats::BASE.0 + 256).page();
        let flags = machine::pte::PteFlags::USER_WRITE;
        ran.machine.map_new(&ran.program.directory, next, flags);
        assert_eq!(ran.machine.run(), cpu::exit::Exit::Syscall);
    }
}

#[test]
fn mmx_and_the_stack() {
    // fninit; fld1; movd mm3, eax; fnstenv [ebx]
    let pieces: &[&[u8]] = &[FNINIT, FLD1, &[0x0f, 0x6e, 0xd8], &[0xd9, 0x33]];
    let ran = run(pieces, &[]).ended();
    assert_eq!(ran.word(4) & TOP, 0);
    // Register 3 is special, 7 valid (it has 1.0), the others zero.
    assert_eq!(ran.word(8) & 0xffff, 0b00_01_01_01_10_01_01_01);
    // emms; fnstenv [ebx]
    let pieces: &[&[u8]] = &[FNINIT, FLD1, &[0x0f, 0x77], &[0xd9, 0x33]];
    let ran = run(pieces, &[]).ended();
    assert_eq!(ran.word(4) & TOP, 0);
    assert_eq!(ran.word(8) & 0xffff, 0xffff);
    // One that faults changes nothing, and can be run again: movq mm0, [ebx + 252].
    let ran = run(&[FNINIT, FLD1, &[0x0f, 0x6f, 0x83, 252, 0, 0, 0]], &[]);
    ran.faulted_after_the_page(4);
}

#[test]
fn remainders_are_exact() {
    // fld tbyte [ebx]; fld tbyte [ebx + 16]; fprem; fnstsw ax; fstp tbyte [ebx + 32]
    // 2^60 + 2 over 3: nothing is left; C0, C3 and C1 are the last bits of the quotient.
    let data = words(&[0, 0xc000_0000, 16384, 0, 16, 0x8000_0000, 16383 + 60, 0]);
    let pieces: &[&[u8]] = &[
        FNINIT,
        &[0xdb, 0x2b],
        &[0xdb, 0x6b, 16],
        &[0xd9, 0xf8],
        STATUS,
        &[0xdb, 0x7b, 32],
    ];
    // The significand's last bit stands for 2^-3: 16 is two.
    let ran = run(pieces, &data).ended();
    let quotient = (1u64 << 60).div_ceil(3);
    let expected = (if quotient & 4 != 0 { C0 } else { 0 })
        | (if quotient & 2 != 0 { C3 } else { 0 })
        | (if quotient & 1 != 0 { C1 } else { 0 });
    assert_eq!(ran.status() & !TOP, expected);
    assert_eq!((ran.word(32), ran.word(36)), (0, 0));
    assert_eq!(ran.word(40) & 0xffff, 0);
}

#[test]
fn a_row_of_x87_instructions_of_any_length() {
    // fld1; 2000 times fadd st, st(0); fstp: no block of them is too long to translate.
    let mut pieces = vec![FNINIT, FLD1];
    pieces.extend([&[0xd8, 0xc0][..]; 2000]);
    pieces.push(STATUS);
    assert_eq!(run(&pieces, &[]).ended().status(), 7 << 11);
}
