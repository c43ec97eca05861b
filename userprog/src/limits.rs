//! How much of everything there may be, so that no guest can use up the host.
//!
//! # Invariants
//!
//! Who reaches a limit gets the failure that the system call has for it, and neither it nor anyone
//! else loses what it had.

/// Processes that may be alive at once.
pub const MAX_PROCESSES: usize = 256;
/// Children of one process that have ended and were not waited for yet.
pub const MAX_UNWAITED: usize = 4096;
/// Open files of one process.
pub const MAX_OPEN_FILES: usize = 128;
/// Different files in use at once in the whole machine: open, mapped or being executed. Each
/// takes a descriptor of the host, and hosts that allow just 256 of them are common.
pub const MAX_FILES_IN_USE: usize = 192;
/// The longest command line in bytes, without the zero that ends it: a page has to hold it.
pub const MAX_COMMAND_LINE: usize = 4095;
/// What arguments may take of a new stack: strings, pointers and all, one page.
pub const MAX_INITIAL_STACK: usize = 4096;
/// Basic blocks that a process may run before it is the next one's turn.
pub const TIME_SLICE: u64 = 10_000;
pub use vm::{MAX_REGIONS, MAX_REGIONS_OF_ALL};

/// Frames for user pages of the machine that course work knows: 4 MiB of RAM in all.
pub const DEFAULT_FRAMES: u32 = 367;
/// What the files of the guest may take together, in bytes.
pub const DEFAULT_FILE_QUOTA: u64 = 64 << 20;
