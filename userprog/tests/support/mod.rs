//! What the tests of whole programs share: programs in machine code, and machines to run them on.
//! Each test file uses a part of it.
#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]

pub mod machine;

pub use executables::{asm, elf_writer};
