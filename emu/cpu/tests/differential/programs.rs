//! Random programs: bytes, instructions, mutated instructions, one instruction repeated, and code
//! that stores into itself, across the boundary of its pages.
//!
//! # Invariants
//!
//! The same seed generates the same program.

use crate::forms::{self, Form};
use crate::pages::Page;
use crate::values;
use bare::Random;

/// The pages of a program, in pairs: code, data, stack.
pub(crate) const PAGES: [u32; 6] = [
    0x0804_8000,
    0x0804_9000,
    0x0a00_0000,
    0x0a00_1000,
    0x0b00_0000,
    0x0b00_1000,
];
/// The border of the pages of code.
const BORDER: u32 = PAGES[1];
/// Bytes of all prefixes.
const PREFIXES: [u8; 11] = [
    0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
];

/// A program and the page states in which it is tried, besides the one with all pages present.
pub(crate) struct Program {
    /// Its kind.
    pub kind: &'static str,
    pub code: Vec<u8>,
    /// Where the code begins, and the program.
    pub start: u32,
    /// EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.
    pub general: [u32; 8],
    pub eflags: u32,
    pub float: usize,
    /// The pattern that fills its pages of data and stack.
    pub data: Vec<u8>,
    pub states: [[Page; 6]; 2],
}

/// Returns the program with this seed.
pub(crate) fn program(seed: u64, forms: &[Form], floats: usize) -> Program {
    let random = &mut Random::new(seed);
    let (kind, mut code) = code(forms, random);
    code.truncate(4000);
    code.extend([0xcd, 0x30, 0xcc]);
    let length = code.len() as u32;
    let start = BORDER
        - random
            .below(length.min(0xf00))
            .max(length.saturating_sub(0x1000));
    let mut general = std::array::from_fn(|_| match random.below(3) {
        0 => values::integer(random),
        _ => address(random),
    });
    general[1] = values::integer(random) >> random.below(32);
    general[4] = PAGES[5] + 4 * random.below(0x80) - 0x100;
    let states = [
        Page::Resident,
        Page::Untouched,
        Page::Swapped,
        Page::CopyOnWrite,
    ];
    Program {
        kind,
        code,
        start,
        general,
        eflags: random.draw() & 0x0cd5 | 0x202,
        float: random.below(floats as u32) as usize,
        data: (0..8)
            .flat_map(|_| values::integer(random).to_le_bytes())
            .collect(),
        states: [
            [Page::Untouched; 6],
            std::array::from_fn(|_| states[random.below(4) as usize]),
        ],
    }
}

fn code(forms: &[Form], random: &mut Random) -> (&'static str, Vec<u8>) {
    let one = |random: &mut Random| {
        instruction(&forms[random.below(forms.len() as u32) as usize], random)
    };
    let count = 1 + random.below(24);
    match random.below(6) {
        0 => ("bytes", (0..4 * count).map(|_| byte(random)).collect()),
        1 => (
            "instructions",
            (0..count).flat_map(|_| one(random)).collect(),
        ),
        2 => {
            let mut bytes: Vec<u8> = (0..count).flat_map(|_| one(random)).collect();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len() as u32) as usize;
                bytes[at] = byte(random);
            }
            ("mutated", bytes)
        }
        3 => {
            let row = one(random);
            ("row", row.repeat(50 + random.below(550) as usize))
        }
        4 => {
            let pair = [one(random), one(random)].concat();
            ("row of two", pair.repeat(50 + random.below(250) as usize))
        }
        _ => ("into itself", into_itself(forms, random)),
    }
}

/// Stores to the code itself, a loop around them, and instructions in between.
fn into_itself(forms: &[Form], random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0xb9, 1 + random.below(5) as u8, 0, 0, 0]; // mov ecx, count
    let top = bytes.len();
    for _ in 0..1 + random.below(6) {
        let address = (BORDER - 64 + random.below(128)).to_le_bytes();
        match random.below(3) {
            0 => bytes.extend([&[0xc6, 0x05][..], &address, &[byte(random)]].concat()),
            1 => bytes.extend([&[0xfe, 0x05][..], &address].concat()), // inc byte
            _ => bytes.extend([&[0x89, 0x05][..], &address].concat()), // mov dword, eax
        }
        let form = &forms[random.below(forms.len() as u32) as usize];
        bytes.extend(instruction(form, random));
    }
    if bytes.len() - top < 120 {
        bytes.extend([0xe2, (top as i32 - bytes.len() as i32 - 2) as u8]); // loop
    }
    bytes
}

/// Returns an instruction of the form, mostly with its operand in one of the pages.
fn instruction(form: &Form, random: &mut Random) -> Vec<u8> {
    let mut bytes = [&form.prefixes[..], &form.opcode].concat();
    let modrm = match (form.kind.memory, random.below(3)) {
        (true, 0) => form.modrm & 0x38 | 0x80 | random.draw() as u8 & 3,
        (true, _) => form.modrm & 0x38 | 5,
        (false, 0) => 0xc0 | random.draw() as u8,
        (false, _) => form.modrm,
    };
    bytes.push(modrm);
    let displacement = if modrm & 0xc0 == 0x80 {
        random.below(16)
    } else {
        address(random)
    };
    bytes.extend(displacement.to_le_bytes());
    bytes.extend(values::integer(random).to_le_bytes());
    let length = forms::decode(&bytes, 0).map_or(bytes.len(), |decoded| decoded.len());
    bytes.truncate(length);
    bytes
}

/// Returns an address in one of the pages, often at their boundary.
fn address(random: &mut Random) -> u32 {
    let border = PAGES[2 * random.below(3) as usize + 1];
    match random.below(3) {
        0 => border - 16 + random.below(20),
        1 => border + 16 * random.below(200),
        _ => border - 0x1000 + random.below(0x2000),
    }
}

fn byte(random: &mut Random) -> u8 {
    match random.below(6) {
        0 => PREFIXES[random.below(11) as usize],
        1 => 0x0f,
        _ => random.draw() as u8,
    }
}
