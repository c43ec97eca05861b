//! A small assembler for test programs: system calls, counters, loops.
//!
//! # Invariants
//!
//! Code begins at [`CODE`], data at [`DATA`]. Only EBX is preserved, which only [`Asm::repeat`]
//! uses.

use crate::elf_writer::{ElfWriter, Load};

/// The start of code.
pub const CODE: u32 = 0x0804_8000;
/// The start of data, 64 KiB that are writable.
pub const DATA: u32 = 0x0805_0000;
/// The number of bytes of data; those that are not specified are zero.
pub const DATA_BYTES: u32 = 0x1_0000;

/// The number of the system call `halt`.
pub const HALT: u32 = 0;
/// The number of the system call `exit`.
pub const EXIT: u32 = 1;
/// The number of the system call `exec`.
pub const EXEC: u32 = 2;
/// The number of the system call `wait`.
pub const WAIT: u32 = 3;
/// The number of the system call `create`.
pub const CREATE: u32 = 4;
/// The number of the system call `remove`.
pub const REMOVE: u32 = 5;
/// The number of the system call `open`.
pub const OPEN: u32 = 6;
/// The number of the system call `filesize`.
pub const FILESIZE: u32 = 7;
/// The number of the system call `read`.
pub const READ: u32 = 8;
/// The number of the system call `write`.
pub const WRITE: u32 = 9;
/// The number of the system call `seek`.
pub const SEEK: u32 = 10;
/// The number of the system call `tell`.
pub const TELL: u32 = 11;
/// The number of the system call `close`.
pub const CLOSE: u32 = 12;
/// The number of the system call `mmap`.
pub const MMAP: u32 = 13;
/// The number of the system call `munmap`.
pub const MUNMAP: u32 = 14;
/// The number of the system call `fork`.
pub const FORK: u32 = 64;
/// The number of the system call `mmap2`.
pub const MMAP2: u32 = 65;
/// The number of the system call `mprotect`.
pub const MPROTECT: u32 = 68;
/// The number of the system call `madvise`.
pub const MADVISE: u32 = 69;
/// The number of the system call `mincore`.
pub const MINCORE: u32 = 70;
/// The number of the system call `pagemap`.
pub const PAGEMAP: u32 = 73;
/// The number of the system call `yield`.
pub const YIELD: u32 = 76;

/// An argument of a system call.
#[derive(Clone, Copy, Debug)]
pub enum Arg {
    /// This value.
    Value(u32),
    /// The word at this address.
    At(u32),
}

impl From<u32> for Arg {
    fn from(value: u32) -> Arg {
        Arg::Value(value)
    }
}

/// A program to be built.
#[derive(Debug, Default)]
pub struct Asm {
    code: Vec<u8>,
    data: Vec<u8>,
}

impl Asm {
    /// Creates a program without code or data.
    #[must_use]
    pub fn new() -> Asm {
        Asm::default()
    }

    /// Appends instructions.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Asm {
        self.code.extend_from_slice(bytes);
        self
    }

    /// Returns the address of the next instruction.
    #[must_use]
    pub fn here(&self) -> u32 {
        CODE + self.code.len() as u32
    }

    /// Adds data. Returns their address.
    pub fn data(&mut self, bytes: &[u8]) -> u32 {
        let at = DATA + self.data.len() as u32;
        self.data.extend_from_slice(bytes);
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        at
    }

    /// Adds a string with its final zero. Returns its address.
    pub fn string(&mut self, text: &str) -> u32 {
        self.data(&[text.as_bytes(), b"\0"].concat())
    }

    /// Adds a zero word. Returns its address.
    pub fn word(&mut self) -> u32 {
        self.data(&[0; 4])
    }

    /// Makes a system call; the result is in EAX.
    pub fn call(&mut self, number: u32, args: &[Arg]) -> &mut Asm {
        for arg in args.iter().rev() {
            match arg {
                Arg::Value(value) => self.raw(&[0x68]).raw(&value.to_le_bytes()), // push imm32
                Arg::At(addr) => self.raw(&[0xff, 0x35]).raw(&addr.to_le_bytes()), // push [addr]
            };
        }
        self.raw(&[0x68]).raw(&number.to_le_bytes()); // push number
        self.raw(&[0xcd, 0x30]); // int $0x30
        self.raw(&[0x83, 0xc4, 4 * (args.len() as u8 + 1)]) // add esp, ...
    }

    /// Stores EAX: `[addr] = eax`.
    pub fn store(&mut self, addr: u32) -> &mut Asm {
        self.raw(&[0xa3]).raw(&addr.to_le_bytes())
    }

    /// Loads EAX: `eax = [addr]`.
    pub fn load(&mut self, addr: u32) -> &mut Asm {
        self.raw(&[0xa1]).raw(&addr.to_le_bytes())
    }

    /// Makes a system call and stores its result to a new word. Returns the word's address.
    pub fn result_of(&mut self, number: u32, args: &[Arg]) -> u32 {
        let word = self.word();
        self.call(number, args).store(word);
        word
    }

    /// Ends the program with EAX as its status.
    pub fn exit_with_eax(&mut self) -> &mut Asm {
        self.raw(&[0x50, 0x6a, EXIT as u8, 0xcd, 0x30]) // push eax; push 1; int $0x30
    }

    /// Ends the program.
    pub fn exit(&mut self, status: i32) -> &mut Asm {
        self.call(EXIT, &[Arg::Value(status as u32)])
    }

    /// Ends the program with `failure` unless EAX is `expected`.
    pub fn expect(&mut self, expected: u32, failure: i32) -> &mut Asm {
        self.raw(&[0x3d]).raw(&expected.to_le_bytes()); // cmp eax, imm32
        let mut end = Asm::new();
        end.exit(failure);
        self.raw(&[0x74, end.code.len() as u8]); // je over the end
        self.raw(&end.code)
    }

    /// Prints a text.
    pub fn print(&mut self, text: &str) -> &mut Asm {
        let at = self.data(text.as_bytes());
        self.call(WRITE, &[1.into(), at.into(), (text.len() as u32).into()])
    }

    /// Repeats `body`.
    pub fn repeat(&mut self, times: u32, body: impl FnOnce(&mut Asm)) -> &mut Asm {
        self.raw(&[0xbb]).raw(&times.to_le_bytes()); // mov ebx, times
        let start = self.code.len();
        body(self);
        self.raw(&[0x4b, 0x0f, 0x85]); // dec ebx; jnz start
        let distance = start as i32 - (self.code.len() as i32 + 4);
        self.raw(&distance.to_le_bytes())
    }

    /// Executes `body` if EAX is zero, as it is in the child after a fork.
    pub fn if_zero(&mut self, body: impl FnOnce(&mut Asm)) -> &mut Asm {
        self.raw(&[0x85, 0xc0, 0x0f, 0x85, 0, 0, 0, 0]); // test eax, eax; jnz over the body
        let start = self.code.len();
        body(self);
        let distance = (self.code.len() - start) as u32;
        self.code[start - 4..start].copy_from_slice(&distance.to_le_bytes());
        self
    }

    /// Returns the code alone, which must not use data.
    ///
    /// # Panics
    /// If it does.
    #[must_use]
    pub fn into_code(self) -> Vec<u8> {
        assert!(self.data.is_empty(), "the data would be lost");
        self.code
    }

    /// Returns the segments of the executable.
    ///
    /// # Panics
    /// If the code is so long that it reaches the data.
    #[must_use]
    pub fn parts(&self) -> [Load; 2] {
        assert!(
            CODE + self.code.len() as u32 <= DATA,
            "the code is too long"
        );
        let data = Load {
            memory_bytes: DATA_BYTES,
            ..Load::new(DATA, &self.data, Load::RW)
        };
        [Load::new(CODE, &self.code, Load::RX), data]
    }

    /// Returns the executable.
    pub fn build(&self) -> Vec<u8> {
        let parts = self.parts().into_iter();
        parts.fold(ElfWriter::new(CODE), ElfWriter::load).build()
    }
}

/// Returns the executable of a program that `write` writes.
pub fn program(write: impl FnOnce(&mut Asm)) -> Vec<u8> {
    let mut asm = Asm::new();
    write(&mut asm);
    asm.build()
}
