//! What the kernel does for system calls: mappings, fork, advice, pins, user memory, file I/O.

pub mod advice;
mod file_io;
pub(crate) mod fork;
pub mod mapping;
mod peek;
pub mod pins;
pub mod user_memory;
