//! The fault logs of small programs, as snapshots: each shows one thing that the virtual memory
//! does, in a file of `tests/snapshots` that is named after it.
//!
//! Why the programs are machine code: a log has the addresses of code and data and the work done,
//! and both depend on the compiler. These programs are put together here, byte by byte, so their
//! logs are the same wherever the tests are built. In all of them
//!
//! - code begins at 0x08048000, one page unless something else is said;
//! - data begin at 0x08050000; what has no content in the file is .bss. The tests call its page
//!   0x08051000 page 1, 0x08052000 page 2, and so on to page 15;
//! - the machine has 8 frames, numbers 8202 to 8209, unless something else is said. A program that
//!   runs needs one for its stack and one for its code.
//!
//! # Invariants
//!
//! A snapshot has all lines of the log at its level; where it is cut, its head says by what.
//!
//! After a change that is meant to change a log: `INSTA_UPDATE=always cargo test -p tests --test
//! fault_logs`, and read the difference before it is committed.

mod calls;
mod files;
mod kills;
mod life;
mod replacement;
mod scene;
mod sharing;
