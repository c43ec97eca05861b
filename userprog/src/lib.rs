//! The kernel: processes, scheduling, ELF loading, system calls and files, on top of the virtual
//! memory (crate `vm`) and the emulated machine (crate `emu`).
//!
//! [`Kernel`] is the whole of it to whoever builds a machine. One loop lets a program run until
//! the CPU stops, deals with the reason (`service`), and lets one run again (`turns`). The path of a
//! program through the crate: [`spawn`] makes a process of a command line ([`args`]); [`loader`]
//! checks the file ([`elf`]), plans its pages ([`plan`]) and puts them into an address space;
//! [`scheduler`] says when it runs; [`syscall`] serves it; [`process`] knows who waits for it.
//!
//! # Invariants
//!
//! Each module says its own. For all of them: nothing that a guest
//! does, and no file, makes the kernel panic, run for ever or reach outside the guest's memory
//! and its file directory; a limit in [`limits`] ends in a failed call, never in a loss.

#![forbid(unsafe_code)]

pub mod abi;
pub mod args;
pub mod charges;
mod check;
mod checked;
pub mod console;
pub mod debugger;
pub mod elf;
mod entered;
mod errno;
pub mod events;
mod exits;
pub mod files;
pub mod inspect;
pub mod kernel;
pub mod limits;
pub mod loader;
pub mod messages;
pub mod options;
pub mod pause;
pub mod plan;
pub mod process;
mod repeats;
pub mod report;
pub mod residents;
pub mod scheduler;
mod service;
pub mod spawn;
pub mod stuck;
pub mod syscall;
mod turn;
mod turns;

pub use abi::{Abi, Signal};
pub use check::{Breach, Checking, RULE_BROKEN};
pub use entered::{Cause, Entered, EntryWatch};
pub use events::{MachineEvent, Origin, Recorder};
pub use files::{BadName, FileName, MAX_NAME};
pub use kernel::Kernel;
pub use options::{MachineError, MachineOptions};
pub use pause::{Pause, PauseFlag, Progress};
pub use process::Pid;
pub use report::{RunEnd, RunReport, RunStats};
pub use stuck::Stuck;
