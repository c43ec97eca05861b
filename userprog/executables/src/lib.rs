//! Small executables for tests and fuzzing: machine code, and ELF files that are right or wrong in any
//! field.

pub mod asm;
pub mod compiled;
pub mod elf_writer;
pub mod linux;
