//! Programs that make Linux' system calls one after the other and print what each returned.
//!
//! # Invariants
//! A call finds in its registers what its row says, whatever those before it did; nothing is printed before all
//! of them have returned.

use crate::asm::{Asm, DATA};

/// A call: EAX, EBX, ECX, EDX, ESI, EDI, EBP.
pub type Row = [u32; 7];

/// The bytes of a row.
const ROW: u32 = 28;
/// The byte of the file header that names the system, and the number that GNU and Linux have.
const SYSTEM_AT: usize = 7;
const LINUX: u8 = 3;
/// Where free words of the program's data begin.
pub const SCRATCH: u32 = DATA + 0x8000;

/// A program that makes these calls. Its data at [`SCRATCH`] begin with `scratch`. It prints its rows with each
/// result in the place of the number, and exits with 0.
///
/// # Panics
/// If there are too many rows: their results would reach [`SCRATCH`].
#[must_use]
pub fn calls(rows: &[Row], scratch: &[u8]) -> Vec<u8> {
    let mut asm = Asm::new();
    let words = rows.iter().flatten().flat_map(|word| word.to_le_bytes());
    let at = asm.word();
    let left = asm.word();
    let table = asm.data(&words.collect::<Vec<u8>>());
    let length = rows.len() as u32 * ROW;
    let used = table + length - DATA;
    assert!(DATA + used <= SCRATCH, "there are too many rows");
    asm.data(&vec![0; (SCRATCH - DATA - used) as usize]);
    asm.data(scratch);

    let imm = u32::to_le_bytes;
    asm.raw(&[0xc7, 0x05]).raw(&imm(at)).raw(&imm(table)); // mov [at], table
    asm.raw(&[0xc7, 0x05])
        .raw(&imm(left))
        .raw(&imm(rows.len() as u32)); // mov [left], rows
    let next = asm.here();
    asm.load(at); // mov eax, [at]
    asm.raw(&[0x8b, 0x58, 4]); // mov ebx, [eax + 4]
    asm.raw(&[0x8b, 0x48, 8]); // mov ecx, [eax + 8]
    asm.raw(&[0x8b, 0x50, 12]); // mov edx, [eax + 12]
    asm.raw(&[0x8b, 0x70, 16]); // mov esi, [eax + 16]
    asm.raw(&[0x8b, 0x78, 20]); // mov edi, [eax + 20]
    asm.raw(&[0x8b, 0x68, 24]); // mov ebp, [eax + 24]
    asm.raw(&[0x8b, 0x00]); // mov eax, [eax]
    asm.raw(&[0xcd, 0x80]); // int $0x80
    asm.raw(&[0x8b, 0x0d]).raw(&imm(at)); // mov ecx, [at]
    asm.raw(&[0x89, 0x01]); // mov [ecx], eax
    asm.raw(&[0x83, 0x05]).raw(&imm(at)).raw(&[ROW as u8]); // add [at], ROW
    asm.raw(&[0xff, 0x0d]).raw(&imm(left)); // dec [left]
    let distance = next as i32 - (asm.here() as i32 + 6);
    asm.raw(&[0x0f, 0x85]).raw(&distance.to_le_bytes()); // jnz next
    for (register, value) in [(0xb8, 4), (0xbb, 1), (0xb9, table), (0xba, length)] {
        asm.raw(&[register]).raw(&imm(value)); // mov eax, 4; ebx, 1; ecx, table; edx, length
    }
    asm.raw(&[0xcd, 0x80]); // write
    asm.raw(&[0xb8]).raw(&imm(1)); // mov eax, 1
    asm.raw(&[0x31, 0xdb, 0xcd, 0x80]); // xor ebx, ebx; exit
    for_linux(asm.build())
}

/// The executable, said to be Linux'.
#[must_use]
pub fn for_linux(mut executable: Vec<u8>) -> Vec<u8> {
    executable[SYSTEM_AT] = LINUX;
    executable
}

/// What each call returned, of what the program has printed.
#[must_use]
pub fn results(printed: &[u8]) -> Vec<i32> {
    let (rows, _) = printed.as_chunks::<{ ROW as usize }>();
    rows.iter()
        .map(|[a, b, c, d, ..]| i32::from_le_bytes([*a, *b, *c, *d]))
        .collect()
}
