//! SSE: the flags and exceptions of MXCSR, operands that must be aligned, stores that are whole
//! or not at all (SDM vol. 1, 10.2.3, 11.4, 11.5).

use crate::floats::run;
use cpu::exception::Exception;

/// `ldmxcsr [ebx]`
const LOAD: &[u8] = &[0x0f, 0xae, 0x13];
/// `stmxcsr [ebx + 4]`
const STORE: &[u8] = &[0x0f, 0xae, 0x5b, 4];
/// `movups xmm0, [ebx + 16]`
const FIRST: &[u8] = &[0x0f, 0x10, 0x43, 16];
/// `movups xmm1, [ebx + 32]`
const SECOND: &[u8] = &[0x0f, 0x10, 0x4b, 32];
/// `movups [ebx + 48], xmm0`
const RESULT: &[u8] = &[0x0f, 0x11, 0x43, 48];

const IE: u32 = 1;
const DE: u32 = 2;
const ZE: u32 = 4;
const OE: u32 = 8;
const UE: u32 = 16;
const PE: u32 = 32;
const DAZ: u32 = 64;
/// All exceptions masked.
const MASKED: u32 = 0x1f80;
const ROUND_UP: u32 = 2 << 13;
const FZ: u32 = 1 << 15;

const ADDPS: &[u8] = &[0x0f, 0x58, 0xc1];
const MULSS: &[u8] = &[0xf3, 0x0f, 0x59, 0xc1];
const DIVPS: &[u8] = &[0x0f, 0x5e, 0xc1];
const COMISS: &[u8] = &[0x0f, 0x2f, 0xc1];
const UCOMISS: &[u8] = &[0x0f, 0x2e, 0xc1];
const MAXSS: &[u8] = &[0xf3, 0x0f, 0x5f, 0xc1];
const RCPPS: &[u8] = &[0x0f, 0x53, 0xc1];
const RSQRTPS: &[u8] = &[0x0f, 0x52, 0xc1];
const SQRTSS: &[u8] = &[0xf3, 0x0f, 0x51, 0xc1];
/// `cvtps2dq xmm0, xmm1`
const TO_INTEGERS: &[u8] = &[0x66, 0x0f, 0x5b, 0xc1];

const ONE: u32 = 0x3f80_0000;
const THREE: u32 = 0x4040_0000;
const LARGEST: u32 = 0x7f7f_ffff;
const SMALLEST: u32 = 0x0080_0000;
const QUIET: u32 = 0x7fc0_0001;
const SIGNALING: u32 = 0x7f80_0001;

fn data(mxcsr: u32, first: [u32; 4], second: [u32; 4]) -> Vec<u8> {
    let head = [mxcsr, 0, 0, 0];
    [head, first, second]
        .concat()
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect()
}

/// Returns MXCSR's flags and the first element of XMM0 after an instruction on XMM0 and XMM1, whose
/// elements are all the same.
fn after(instruction: &[u8], mxcsr: u32, first: u32, second: u32) -> (u32, u32) {
    let data = data(mxcsr, [first; 4], [second; 4]);
    let ran = run(&[LOAD, FIRST, SECOND, instruction, STORE, RESULT], &data).ended();
    (ran.word(4) & 0x3f, ran.word(48))
}

#[test]
fn flags_of_mxcsr() {
    assert_eq!(after(ADDPS, MASKED, ONE, ONE), (0, 0x4000_0000));
    assert_eq!(after(DIVPS, MASKED, ONE, THREE), (PE, 0x3eaa_aaab));
    assert_eq!(after(DIVPS, MASKED, ONE, 0), (ZE, 0x7f80_0000));
    assert_eq!(after(DIVPS, MASKED, 0, 0), (IE, 0xffc0_0000));
    assert_eq!(
        after(MULSS, MASKED, LARGEST, LARGEST),
        (OE | PE, 0x7f80_0000)
    );
    assert_eq!(
        after(MULSS, MASKED, SMALLEST + 1, 0x3f00_0000),
        (UE | PE, 0x0040_0000)
    );
    assert_eq!(after(ADDPS, MASKED, 1, ONE), (DE | PE, ONE));
    assert_eq!(after(SQRTSS, MASKED, ONE, 0xbf80_0000), (IE, 0xffc0_0000));
    assert_eq!(after(TO_INTEGERS, MASKED, 0, 0x4020_0000), (PE, 2));
    assert_eq!(after(TO_INTEGERS, MASKED, 0, LARGEST), (IE, 0x8000_0000));
    // Flags stay.
    assert_eq!(after(ADDPS, MASKED | ZE, ONE, ONE).0, ZE);
}

#[test]
fn modes_of_mxcsr() {
    assert_eq!(
        after(DIVPS, MASKED | ROUND_UP, 0xbf80_0000, THREE).1,
        0xbeaa_aaaa
    );
    assert_eq!(
        after(TO_INTEGERS, MASKED | ROUND_UP, 0, 0x4020_0000),
        (PE, 3)
    );
    // A denormal operand is a zero, and no exception.
    assert_eq!(after(ADDPS, MASKED | DAZ, 1, 1), (0, 0));
    // A tiny result is made zero, if UE is masked.
    assert_eq!(
        after(MULSS, MASKED | FZ, SMALLEST, 0x3f00_0000),
        (UE | PE, 0)
    );
    assert_eq!(
        after(MULSS, MASKED, SMALLEST, 0x3f00_0000),
        (0, 0x0040_0000)
    );
    // FZ is nothing to the x87: fld dword [ebx + 16]; fstp dword [ebx + 48]
    let data = data(MASKED | FZ, [1; 4], [0; 4]);
    let ran = run(&[LOAD, &[0xd9, 0x43, 16], &[0xd9, 0x5b, 48]], &data).ended();
    assert_eq!(ran.word(48), 1);
}

#[test]
fn nans() {
    // The first operand's, if it is one.
    assert_eq!(after(ADDPS, MASKED, QUIET, 0x7fff_ffff), (0, QUIET));
    assert_eq!(after(ADDPS, MASKED, ONE, QUIET), (0, QUIET));
    assert_eq!(
        after(ADDPS, MASKED, SIGNALING, QUIET + 1),
        (IE, 0x7fc0_0001)
    );
    // max gives the second operand, as it is, and signals for any NaN.
    assert_eq!(after(MAXSS, MASKED, QUIET, ONE), (IE, ONE));
    assert_eq!(after(MAXSS, MASKED, ONE, SIGNALING), (IE, SIGNALING));
    assert_eq!(after(COMISS, MASKED, ONE, QUIET).0, IE);
    assert_eq!(after(UCOMISS, MASKED, ONE, QUIET).0, 0);
    assert_eq!(after(UCOMISS, MASKED, ONE, SIGNALING).0, IE);
}

#[test]
fn approximations_know_no_exceptions() {
    // MXCSR with nothing masked.
    assert_eq!(after(RCPPS, 0, 0, 0), (0, 0x7f80_0000));
    assert_eq!(after(RCPPS, 0, 0, 1), (0, 0x7f80_0000));
    assert_eq!(after(RCPPS, 0, 0, SIGNALING), (0, QUIET));
    assert_eq!(after(RSQRTPS, 0, 0, 0xbf80_0000), (0, 0xffc0_0000));
    assert_eq!(after(RSQRTPS, 0, 0, 0x8000_0000), (0, 0xff80_0000));
}

#[test]
fn unmasked_exceptions() {
    // divps with one element over zero, and ZE not masked: nothing is changed but the flag.
    let data = data(MASKED & !(ZE << 7), [ONE; 4], [ONE, ONE, 0, THREE]);
    let start = LOAD.len() + FIRST.len() + SECOND.len();
    let ran = run(&[LOAD, FIRST, SECOND, DIVPS], &data);
    ran.raised(Exception::SimdError, start as u32);
    // comiss with a NaN.
    let data = self::data(MASKED & !(IE << 7), [ONE; 4], [QUIET; 4]);
    run(&[LOAD, FIRST, SECOND, COMISS], &data).raised(Exception::SimdError, start as u32);
    // ucomiss is content.
    run(&[LOAD, FIRST, SECOND, UCOMISS], &data).ended();
    // An underflow that is exact counts if it is not masked.
    let data = self::data(MASKED & !(UE << 7), [SMALLEST; 4], [0x3f00_0000; 4]);
    run(&[LOAD, FIRST, SECOND, MULSS], &data).raised(Exception::SimdError, start as u32);
    // cvtss2si eax, xmm1 leaves EAX.
    let data = self::data(MASKED & !(PE << 7), [ONE; 4], [0x4020_0000; 4]);
    let ran = run(&[LOAD, FIRST, SECOND, &[0xf3, 0x0f, 0x2d, 0xc1]], &data);
    let ran = ran.raised(Exception::SimdError, start as u32);
    assert_eq!(ran.registers.eax, 0x1122_3344);
}

#[test]
fn reserved_bits_of_mxcsr() {
    let data = data(MASKED | 1 << 16, [0; 4], [0; 4]);
    run(&[LOAD], &data).raised(Exception::GeneralProtection, 0);
    // All others may be set.
    let data = self::data(0xffff, [0; 4], [0; 4]);
    assert_eq!(run(&[LOAD, STORE], &data).ended().word(4), 0xffff);
    // fxrstor of an area (256 bytes before it, on the same page) whose MXCSR is in its 24th byte:
    // fxsave [ebx - 512]; mov dword [ebx - 512 + 24], 0x10000; fld1; fxrstor [ebx - 512]
    let save = &[0x0f, 0xae, 0x83, 0, 0xfe, 0xff, 0xff][..];
    let set = &[0xc7, 0x83, 24, 0xfe, 0xff, 0xff, 0, 0, 1, 0][..];
    let restore = &[0x0f, 0xae, 0x8b, 0, 0xfe, 0xff, 0xff][..];
    run(&[save, set, restore], &[]).raised(Exception::GeneralProtection, 17);
    // MXCSR_MASK tells them.
    let ran = run(&[save, &[0x8b, 0x83, 28, 0xfe, 0xff, 0xff]], &[]).ended();
    assert_eq!(ran.registers.eax, 0xffff);
}

#[test]
fn operands_that_must_be_aligned() {
    let must: [&[u8]; 14] = [
        &[0x0f, 0x28, 0x43],       // movaps xmm0, [ebx + n]
        &[0x0f, 0x29, 0x43],       // movaps [ebx + n], xmm0
        &[0x66, 0x0f, 0x28, 0x43], // movapd
        &[0x66, 0x0f, 0x29, 0x43],
        &[0x66, 0x0f, 0x6f, 0x43], // movdqa
        &[0x66, 0x0f, 0x7f, 0x43],
        &[0x0f, 0x2b, 0x43],       // movntps
        &[0x66, 0x0f, 0x2b, 0x43], // movntpd
        &[0x66, 0x0f, 0xe7, 0x43], // movntdq
        &[0x0f, 0x58, 0x43],       // addps
        &[0x66, 0x0f, 0xfc, 0x43], // paddb
        &[0x0f, 0x14, 0x43],       // unpcklps
        &[0x66, 0x0f, 0x5a, 0x43], // cvtpd2ps
        &[0x66, 0x0f, 0xd1, 0x43], // psrlw
    ];
    for instruction in must {
        run(&[instruction, &[16]], &[]).ended();
        run(&[instruction, &[8]], &[]).raised(Exception::GeneralProtection, 0);
    }
    // Ahead of the page fault: movaps xmm0, [ebx + 264]
    run(&[&[0x0f, 0x28, 0x83, 8, 1, 0, 0]], &[]).raised(Exception::GeneralProtection, 0);
    // fxsave, fxrstor [ebx - 504]
    for modrm in [0x83, 0x8b] {
        let instruction = [0x0f, 0xae, modrm, 8, 0xfe, 0xff, 0xff];
        run(&[&instruction], &[]).raised(Exception::GeneralProtection, 0);
    }
    let need_not: [&[u8]; 12] = [
        &[0x0f, 0x10, 0x43], // movups
        &[0x0f, 0x11, 0x43],
        &[0x66, 0x0f, 0x10, 0x43], // movupd
        &[0xf3, 0x0f, 0x6f, 0x43], // movdqu
        &[0xf3, 0x0f, 0x7f, 0x43],
        &[0xf3, 0x0f, 0x10, 0x43], // movss
        &[0xf2, 0x0f, 0x58, 0x43], // addsd
        &[0xf3, 0x0f, 0x7e, 0x43], // movq xmm0, [ebx + n]
        &[0x0f, 0x12, 0x43],       // movlps
        &[0x0f, 0x5a, 0x43],       // cvtps2pd
        &[0xf3, 0x0f, 0xe6, 0x43], // cvtdq2pd
        &[0x0f, 0xfc, 0x43],       // paddb of MMX
    ];
    for instruction in need_not {
        run(&[instruction, &[5]], &[]).ended();
    }
}

#[test]
fn operands_of_half_the_size() {
    // The eight bytes before the end of the page, and no more: ... [ebx + 248]
    let instructions: [&[u8]; 4] = [
        &[0x0f, 0x5a, 0x83],       // cvtps2pd
        &[0xf3, 0x0f, 0xe6, 0x83], // cvtdq2pd
        &[0x0f, 0x2d, 0x83],       // cvtps2pi
        &[0x0f, 0xfc, 0x83],       // paddb of MMX
    ];
    for instruction in instructions {
        run(&[instruction, &[248, 0, 0, 0]], &[]).ended();
    }
    // Four: punpcklbw mm0, [ebx + 252]
    run(&[&[0x0f, 0x60, 0x83, 252, 0, 0, 0]], &[]).ended();
}

#[test]
fn selected_bytes_are_stored_if_all_may_be() {
    // add edi, 248; then maskmovdqu xmm0, xmm1
    let start: &[&[u8]] = &[&[0x81, 0xc7, 248, 0, 0, 0], FIRST, SECOND];
    let store: &[u8] = &[0x66, 0x0f, 0xf7, 0xc1];
    let offset = 14;
    // The last byte is on the page that is missing: nothing is stored.
    let all = data(0, [0x1111_1111; 4], [0x80, 0, 0, 0x8000_0000]);
    let ran = run(&[start, &[store]].concat(), &all);
    let cpu::exit::Exit::PageFault(fault) = ran.exit else {
        panic!("{:?}", ran.exit);
    };
    assert_eq!(fault.addr.0, crate::floats::BASE.0 + 248 + 15);
    assert_eq!(ran.registers.eip, bare::CODE.0 + offset);
    assert_eq!(ran.word(248), 0);
    // No byte on that page is selected.
    let some = data(0, [0x1111_1111; 4], [0x80, 0x8000_0000, 0, 0]);
    let ran = run(&[start, &[store]].concat(), &some).ended();
    assert_eq!((ran.word(248), ran.word(252)), (0x11, 0x1100_0000));
}

#[test]
fn a_long_row_of_shuffles() {
    // shufps xmm0, xmm0, 0x1b; pshufw mm0, mm0, 0x1b: no row is too long to translate.
    let mut pieces: Vec<&[u8]> = Vec::new();
    for _ in 0..1000 {
        pieces.push(&[0x0f, 0xc6, 0xc0, 0x1b]);
        pieces.push(&[0x0f, 0x70, 0xc0, 0x1b]);
    }
    run(&pieces, &[]).ended();
}
