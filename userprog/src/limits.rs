//! Limits, so that no guest can exhaust the host's resources.
//!
//! # Invariants
//!
//! When a limit is reached the system call fails in its documented way, and no process loses
//! anything.

/// The most live processes.
pub const MAX_PROCESSES: usize = 256;
/// The most children of a process that have ended and were not waited for.
pub const MAX_UNWAITED: usize = 4096;
/// The most open files of a process.
pub const MAX_OPEN_FILES: usize = 128;
/// The most files in use on the machine: open, mapped or being executed. Each takes a file
/// descriptor of the host, and hosts with a limit of 256 are common.
pub const MAX_FILES_IN_USE: usize = 192;
/// The longest command line in bytes, without its final zero: it has to fit in a page.
pub const MAX_COMMAND_LINE: usize = 4095;
/// The most bytes that arguments, strings and pointers, take of a new stack: one page.
pub const MAX_INITIAL_STACK: usize = 4096;
/// The number of basic blocks in a time slice.
pub const TIME_SLICE: u64 = 10_000;
pub use vm::{MAX_REGIONS, MAX_REGIONS_OF_ALL};

/// The number of user frames of the usual machine for course work: 4 MiB of RAM in all.
pub const DEFAULT_FRAMES: u32 = 367;
/// The most bytes of all files of the guest together.
pub const DEFAULT_FILE_QUOTA: u64 = 64 << 20;
