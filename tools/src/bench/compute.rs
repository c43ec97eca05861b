//! The inner loop of page-shuffle as machine code: a shuffle of 128 KiB and its checksum, on pages
//! that are already resident.
//!
//! # Invariants
//!
//! The instructions are those that the compiler generates from `page-shuffle.c`, with the addresses
//! of the data replaced. After `passes` passes EBX holds what [`checksum`] returns.

use super::code::{Code, Reg};
use super::elf::{CODE, DATA};

/// Number of bytes that are shuffled.
pub(super) const BYTES: u32 = 128 * 1024;
/// Pages of data: the bytes, and one page for the state of the random number generator.
pub(super) const PAGES: u32 = BYTES / 4096 + 1;
/// Instructions for a byte: 30 to shuffle it, 6 to add it to the checksum.
pub(super) const INSTRUCTIONS: u32 = 36;
/// Basic blocks for a byte.
pub(super) const BLOCKS: u64 = 4;
/// Work to fill the data, in bytes shuffled: one block a byte.
pub(super) const FILLING: u32 = BYTES / BLOCKS as u32;

/// Address of the random number generator's state.
const STATE: u32 = DATA + BYTES;

/// Returns the code for the machine: one pass over the data, and one between the marks.
pub(super) fn marked() -> Vec<u8> {
    let mut code = Code::default();
    let random_below = code.begin();
    code.passes(1, random_below);
    code.mark();
    code.passes(1, random_below);
    code.mark();
    code.exit();
    code.bytes
}

/// Returns the code for Linux: `passes` passes, then exit with the lowest 7 bits of the checksum.
pub(super) fn for_linux(passes: u32) -> Vec<u8> {
    let mut code = Code::default();
    let random_below = code.begin();
    code.passes(passes, random_below);
    code.emit(&[0x83, 0xe3, 0x7f]); // and $0x7f, %ebx: 83 /4 ib
    code.load_number(Reg::Eax, 1); // exit
    code.emit(&[0xcd, 0x80]); // int $0x80: cd ib
    code.bytes
}

/// Where [`for_bare_metal`] writes the lowest 7 bits of the checksum, one byte.
pub(super) const EXIT_PORT: u8 = 0xf4;

/// Returns the code for a PC that loads it as a multiboot kernel, where it has to come first in its
/// file: turns paging on, does `passes` passes, then writes to [`EXIT_PORT`].
///
/// Source: Multiboot Specification 0.6.96, 3.1.1 (magic fields) and 3.2 (state of the machine).
pub(super) fn for_bare_metal(passes: u32) -> Vec<u8> {
    const MAGIC: u32 = 0x1bad_b002;
    let mut code = Code::default();
    code.emit(&[0xeb, 14, 0x90, 0x90]); // jmp to behind the header, which is aligned
    for field in [MAGIC, 0, MAGIC.wrapping_neg()] {
        code.emit(&field.to_le_bytes());
    }
    code.enable_paging();
    let random_below = code.begin();
    code.passes(passes, random_below);
    code.emit(&[0x89, 0xd8, 0x83, 0xe0, 0x7f]); // mov %ebx, %eax; and $0x7f, %eax
    code.emit(&[0xe6, EXIT_PORT]); // out %al, $EXIT_PORT: e6 ib
    code.emit(&[0xeb, 0xfe]); // jmp to itself
    code.bytes
}

/// Returns the checksum after this many passes.
pub(super) fn checksum(passes: u32) -> u32 {
    let mut data: Vec<u8> = (0..BYTES).map(|i| ((i * 257) >> 8) as u8).collect();
    let mut state = 0u32;
    let mut random_below = |limit: u32| {
        state = state.wrapping_add(2_654_435_769);
        let x = (state ^ state >> 16).wrapping_mul(73_244_475);
        let x = (x ^ x >> 15).wrapping_mul(1_664_525);
        (x ^ x >> 16) % limit
    };
    let mut sum = 0;
    for _ in 0..passes {
        for i in (1..BYTES).rev() {
            data.swap(i as usize, random_below(i + 1) as usize);
        }
        sum = data.iter().fold(1u32, |sum, byte| {
            sum.wrapping_mul(16_777_619) ^ u32::from(*byte)
        });
    }
    sum
}

impl Code {
    /// Identity-maps the 4 MiB around the code and around the data, and sets the stack up.
    fn enable_paging(&mut self) {
        const DIRECTORY: u32 = 0x0010_0000;
        const PRESENT_WRITABLE: u32 = 3;
        for (table, address) in [(DIRECTORY + 0x1000, CODE), (DIRECTORY + 0x2000, DATA)] {
            let first = address & !0x003f_ffff;
            self.with_number(&[0xbf], table); // mov $table, %edi: b8+r id
            self.load_number(Reg::Eax, first | PRESENT_WRITABLE);
            self.load_number(Reg::Ecx, 1024);
            let entry = self.here();
            self.emit(&[0x89, 0x07, 0x83, 0xc7, 0x04]); // mov %eax, (%edi); add $4, %edi
            self.with_number(&[0x05], 0x1000); // add $0x1000, %eax: 05 id
            self.count_down(Reg::Ecx, entry);
            self.load_number(Reg::Eax, table | PRESENT_WRITABLE);
            self.with_number(&[0xa3], DIRECTORY + 4 * (address >> 22)); // mov %eax, moffs32
        }
        self.load_number(Reg::Eax, DIRECTORY);
        self.emit(&[0x0f, 0x22, 0xd8]); // mov %eax, %cr3: 0f 22 /r
        self.emit(&[0x0f, 0x20, 0xc0]); // mov %cr0, %eax: 0f 20 /r
        self.with_number(&[0x0d], 0x8000_0000); // or $PG, %eax: 0d id
        self.emit(&[0x0f, 0x22, 0xc0]); // mov %eax, %cr0
        self.with_number(&[0xbc], DATA + PAGES * 4096); // mov $top, %esp: b8+r id
    }

    /// Emits random_below() with a jump around it, makes room for its argument on the stack, and
    /// fills the data. Returns the offset of random_below().
    fn begin(&mut self) -> usize {
        let body = random_below();
        let length = u8::try_from(body.len()).expect("it is short");
        self.emit(&[0xeb, length]); // jmp: eb cb
        let random_below = self.here();
        self.emit(&body);
        self.emit(&[0x83, 0xec, 0x08]); // sub $8, %esp: 83 /5 ib
        self.emit(&[0x31, 0xd2]); // xor %edx, %edx: 31 /r
        self.emit(&[0x31, 0xc0]); // xor %eax, %eax
        let byte = self.here();
        self.with_number(&[0x88, 0xb0], DATA); // mov %dh, DATA(%eax): 88 /r
        self.emit(&[0x40]); // inc %eax: 40+r
        self.with_number(&[0x81, 0xc2], 257); // add $257, %edx: 81 /0 id
        self.with_number(&[0x3d], BYTES); // cmp $BYTES, %eax: 3d id
        self.repeat(byte);
        random_below
    }

    /// Shuffles the data and computes their checksum, `passes` times.
    fn passes(&mut self, passes: u32, random_below: usize) {
        self.load_number(Reg::Esi, passes);
        let pass = self.here();
        self.load_number(Reg::Ebx, BYTES);
        let byte = self.here();
        self.emit(&[0x89, 0x1c, 0x24]); // mov %ebx, (%esp): 89 /r
        self.emit(&[0x4b]); // dec %ebx: 48+r
        let back = self.here() + 5 - random_below;
        let back = u32::try_from(back).expect("the code is short");
        self.with_number(&[0xe8], back.wrapping_neg()); // call: e8 cd
        self.with_number(&[0x0f, 0xb6, 0x93], DATA); // movzbl DATA(%ebx), %edx: 0f b6 /r
        self.with_number(&[0x0f, 0xb6, 0x88], DATA); // movzbl DATA(%eax), %ecx
        self.with_number(&[0x88, 0x8b], DATA); // mov %cl, DATA(%ebx): 88 /r
        self.emit(&[0x83, 0xfb, 0x01]); // cmp $1, %ebx: 83 /7 ib
        self.with_number(&[0x88, 0x90], DATA); // mov %dl, DATA(%eax)
        self.repeat(byte);
        // EBX is 1, with which the checksum begins.
        self.emit(&[0x31, 0xc0]); // xor %eax, %eax: 31 /r
        let byte = self.here();
        self.with_number(&[0x0f, 0xb6, 0x90], DATA); // movzbl DATA(%eax), %edx
        self.with_number(&[0x69, 0xdb], 16_777_619); // imul $16777619, %ebx, %ebx: 69 /r id
        self.emit(&[0x40]); // inc %eax
        self.emit(&[0x31, 0xd3]); // xor %edx, %ebx
        self.with_number(&[0x3d], BYTES); // cmp $BYTES, %eax
        self.repeat(byte);
        self.count_down(Reg::Esi, pass);
    }

    /// Emits an instruction that ends with a 32-bit address or number.
    fn with_number(&mut self, instruction: &[u8], number: u32) {
        self.emit(instruction);
        self.emit(&number.to_le_bytes());
    }
}

/// Returns the code of random_below(): its argument is on the stack, its result in EAX.
fn random_below() -> Vec<u8> {
    let state = STATE.to_le_bytes();
    let code: &[&[u8]] = &[
        &[0x55, 0xa1], // push %ebp; mov STATE, %eax
        &state,
        &[0x89, 0xe5],                         // mov %esp, %ebp
        &[0x8d, 0x90, 0xb9, 0x79, 0x37, 0x9e], // lea 2654435769(%eax), %edx
        &[0x89, 0x15],                         // mov %edx, STATE
        &state,
        &[0x89, 0xd0, 0xc1, 0xe8, 0x10, 0x31, 0xd0], // mov %edx, %eax; shr $16, %eax; xor %edx, %eax
        &[0x69, 0xc0, 0x3b, 0x9f, 0x5d, 0x04],       // imul $73244475, %eax, %eax
        &[0x89, 0xc2, 0xc1, 0xea, 0x0f, 0x31, 0xc2], // mov %eax, %edx; shr $15, %edx; xor %eax, %edx
        &[0x69, 0xd2, 0x0d, 0x66, 0x19, 0x00],       // imul $1664525, %edx, %edx
        &[0x89, 0xd0, 0xc1, 0xe8, 0x10, 0x31, 0xd0], // mov %edx, %eax; shr $16, %eax; xor %edx, %eax
        &[0x31, 0xd2, 0xf7, 0x75, 0x08],             // xor %edx, %edx; divl 8(%ebp)
        &[0x5d, 0x89, 0xd0, 0xc3],                   // pop %ebp; mov %edx, %eax; ret
    ];
    code.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Quantity, Subject};

    #[test]
    fn the_bytes_for_linux_end_with_exit_and_the_passes_are_in_them() {
        let code = for_linux(3);
        assert!(code.ends_with(&[0xb8, 1, 0, 0, 0, 0xcd, 0x80]));
        assert_eq!(code.len(), for_linux(9).len());
        assert_ne!(code, for_linux(9));
    }

    #[test]
    fn a_pass_changes_the_checksum() {
        assert_ne!(checksum(1), checksum(2));
        assert_eq!(checksum(0), 0);
    }

    /// The work counted in a sample proves that all bytes were shuffled and summed up.
    #[test]
    fn the_machine_does_it_as_often_as_it_should() {
        let mut subject = Subject::new(Quantity::Compute).unwrap();
        assert_eq!(subject.count(), BYTES);
        assert!(subject.sample().unwrap() > 0.0);
    }
}
