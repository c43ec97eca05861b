//! The kernel: processes, scheduling, ELF loading, system calls and files, on top of the virtual
//! memory (crate `vm`) and the emulated machine (crate `emu`).
//!
//! [`Kernel`] is the interface of the crate. One loop runs a program until the CPU stops, handles
//! the reason (`service`), and runs a program again (`turns`). The path of a program through the
//! crate: [`spawn`] creates a process from a command line ([`args`]); [`loader`] checks the file
//! ([`elf`]), plans its pages ([`plan`]) and maps them into an address space; [`scheduler`] decides
//! when it runs; [`syscall`] serves its system calls; [`process`] records which process waits for
//! which.
//!
//! # Invariants
//!
//! Each module states its own. For all of them: nothing that a guest does, and no file, makes the
//! kernel panic, run for ever or access anything outside the guest's memory and its file directory.
//! Reaching a limit in [`limits`] results in a failed call, and nothing is lost.

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
mod limit;
pub mod limits;
pub mod loader;
pub mod messages;
pub mod options;
mod origin;
mod parts;
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
mod witness;

pub use abi::{Abi, Signal};
pub use check::{Breach, Checking, RULE_BROKEN};
pub use entered::{Cause, Entered, EntryWatch};
pub use events::{Call, MachineEvent, Origin, Recorder};
pub use files::{BadName, FileName, MAX_NAME};
pub use kernel::Kernel;
pub use options::{MachineError, MachineOptions};
pub use pause::{Pause, PauseFlag, Progress};
pub use process::Pid;
pub use report::{RunEnd, RunReport, RunStats};
pub use stuck::Stuck;
