//! What the kernel asks for a process: mappings, copies, advice, pins, its memory, its files.

pub mod advice;
mod file_io;
pub mod fork;
pub mod mapping;
mod peek;
pub mod pins;
pub mod user_memory;
