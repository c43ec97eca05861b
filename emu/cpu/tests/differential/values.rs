//! Random numbers of the classes that instructions treat differently: small, huge, negative,
//! denormal, infinite, not a number.

use iced_x86::{Instruction, MemorySize, Mnemonic};

use crate::case::WINDOW;
use bare::Random;

/// The size of the area that `fxsave` stores.
pub(crate) const FXSAVE: usize = 512;

/// Returns a 32-bit integer.
pub(crate) fn integer(random: &mut Random) -> u32 {
    const EDGES: [u32; 12] = [
        0,
        1,
        2,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
    ];
    match random.below(4) {
        0 => EDGES[random.below(EDGES.len() as u32) as usize],
        1 => random.draw() >> random.below(32),
        _ => random.draw(),
    }
}

/// Returns a window of random bytes, most of them elements of that size.
pub(crate) fn window(random: &mut Random, size: MemorySize) -> [u8; WINDOW] {
    let mut bytes = [0; WINDOW];
    for group in bytes.chunks_exact_mut(16) {
        group.copy_from_slice(&elements(random, size.element_type()));
    }
    bytes
}

/// Returns sixteen bytes of elements.
fn elements(random: &mut Random, element: MemorySize) -> [u8; 16] {
    match element {
        MemorySize::Float32 => floats(random, float32),
        MemorySize::Float64 => floats(random, float64),
        MemorySize::Float80 => float80(random),
        _ => floats(random, |random| integer(random).to_le_bytes()),
    }
}

fn floats<const N: usize>(random: &mut Random, one: impl Fn(&mut Random) -> [u8; N]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for group in bytes.chunks_exact_mut(N) {
        group.copy_from_slice(&one(random));
    }
    bytes
}

fn float32(random: &mut Random) -> [u8; 4] {
    const EDGES: [u32; 12] = [
        0,
        0x8000_0000,
        0x3f80_0000,
        0xbf80_0000,
        0x0000_0001,
        0x007f_ffff,
        0x7f7f_ffff,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0000,
        0x7fa0_0000,
        0x4f00_0000,
    ];
    match random.below(3) {
        0 => EDGES[random.below(EDGES.len() as u32) as usize],
        1 => (random.draw() as i32 as f32 / 3000.0).to_bits(),
        _ => random.draw(),
    }
    .to_le_bytes()
}

fn float64(random: &mut Random) -> [u8; 8] {
    const EDGES: [u64; 11] = [
        0,
        1 << 63,
        0x3ff0_0000_0000_0000,
        0xbff0_0000_0000_0000,
        1,
        0x000f_ffff_ffff_ffff,
        0x7fef_ffff_ffff_ffff,
        0x7ff0_0000_0000_0000,
        0xfff8_0000_0000_0000,
        0x7ff4_0000_0000_0000,
        0x41e0_0000_0000_0000,
    ];
    match random.below(3) {
        0 => EDGES[random.below(EDGES.len() as u32) as usize],
        1 => (f64::from(random.draw() as i32) / 3000.0).to_bits(),
        _ => u64::from(random.draw()) << 32 | u64::from(random.draw()),
    }
    .to_le_bytes()
}

/// Returns a number of 80 bits in the first ten bytes; the others are 0.
fn float80(random: &mut Random) -> [u8; 16] {
    const EDGES: [(u16, u64); 11] = [
        (0, 0),
        (0x8000, 0),
        (0x3fff, 1 << 63),
        (0xbfff, 1 << 63),
        (0, 1),
        (0x7ffe, u64::MAX),
        (0x7fff, 1 << 63),
        (0xffff, 1 << 63),
        (0x7fff, 3 << 62),
        (0x7fff, 5 << 61),
        (0x401e, 1 << 63),
    ];
    let mantissa = u64::from(random.draw()) << 32 | u64::from(random.draw());
    let (exponent, mantissa) = match random.below(8) {
        0..3 => EDGES[random.below(EDGES.len() as u32) as usize],
        3 => (random.draw() as u16, mantissa | 1 << 63),
        _ => {
            let sign = (random.draw() & 1) << 15;
            (
                (0x3ff0 + random.below(32) + sign) as u16,
                mantissa | 1 << 63,
            )
        }
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mantissa.to_le_bytes());
    bytes[8..10].copy_from_slice(&exponent.to_le_bytes());
    bytes
}

/// Gives some instructions a valid operand, in most cases.
pub(crate) fn operand(random: &mut Random, instruction: &Instruction, at: &mut [u8]) {
    let whole = random.below(8) > 0;
    match instruction.mnemonic() {
        Mnemonic::Fxrstor if at.len() >= FXSAVE && whole => {
            at[..FXSAVE].copy_from_slice(&fxsave(random));
        }
        Mnemonic::Ldmxcsr if whole => at[..4].copy_from_slice(&mxcsr(random).to_le_bytes()),
        Mnemonic::Fldcw if whole => at[..2].copy_from_slice(&control(random).to_le_bytes()),
        Mnemonic::Fldenv | Mnemonic::Frstor if whole => {
            at[..4].copy_from_slice(&u32::from(control(random)).to_le_bytes());
        }
        Mnemonic::Fbld => at[..10]
            .iter_mut()
            .for_each(|byte| *byte = *byte & 0x77 | 1),
        _ => {}
    }
}

/// Returns a state of x87 and SSE, as `fxsave` stores it.
pub(crate) fn fxsave(random: &mut Random) -> [u8; FXSAVE] {
    let mut bytes = [0; FXSAVE];
    bytes[..2].copy_from_slice(&control(random).to_le_bytes());
    let top = random.below(8) as u16;
    let conditions = random.draw() as u16 & 0x4700;
    let seen = match random.below(3) {
        0 => random.draw() as u16 & 0x7f,
        _ => 0,
    };
    // ES and B mean that an unmasked exception is pending.
    let control = u16::from_le_bytes([bytes[0], bytes[1]]);
    let waits = if seen & !control & 0x3f != 0 {
        0x8080
    } else {
        0
    };
    let status = top << 11 | conditions | seen | waits;
    bytes[2..4].copy_from_slice(&status.to_le_bytes());
    bytes[4] = match random.below(3) {
        0 => random.draw() as u8,
        1 => 0xff,
        _ => 0,
    };
    bytes[24..28].copy_from_slice(&mxcsr(random).to_le_bytes());
    for i in 0..8 {
        bytes[32 + 16 * i..][..16].copy_from_slice(&float80(random));
        let kind = [MemorySize::Float32, MemorySize::Float64, MemorySize::UInt32]
            [random.below(3) as usize];
        bytes[160 + 16 * i..][..16].copy_from_slice(&elements(random, kind));
    }
    bytes
}

/// Returns a control word of x87: mostly all exceptions masked and full precision.
fn control(random: &mut Random) -> u16 {
    let masks = match random.below(4) {
        0 => random.draw() as u16 & 0x3f,
        _ => 0x3f,
    };
    let precision = [3, 3, 0, 2][random.below(4) as usize];
    let rounding = match random.below(2) {
        0 => 0,
        _ => random.below(4) as u16,
    };
    masks | 0x40 | precision << 8 | rounding << 10
}

/// Returns a control and status word of SSE: mostly all exceptions masked.
fn mxcsr(random: &mut Random) -> u32 {
    let masks = match random.below(4) {
        0 => random.draw() & 0x1f80,
        _ => 0x1f80,
    };
    let seen = match random.below(2) {
        0 => random.draw() & 0x3f,
        _ => 0,
    };
    let rounding = match random.below(2) {
        0 => 0,
        _ => random.below(4) << 13,
    };
    let flush = if random.below(8) == 0 { 1 << 15 } else { 0 };
    masks | seen | rounding | flush
}
