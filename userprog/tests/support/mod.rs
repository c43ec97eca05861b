//! What the tests of whole programs share: programs in machine code, and machines to run them on.
//! Each test file uses a part of it.
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod asm;
pub mod elf_writer;
pub mod machine;
