//! The inspectors: the state of the kernel at a moment of a run, in familiar formats.
//!
//! # Invariants
//!
//! An inspector only reads: a run that is inspected at every fault is, to the byte, the run that is
//! not. The output is the same on every host. Each inspector has a file of its own, with its rows
//! as data, for JSON, and a text made from them.

pub mod address;
pub mod frames;
pub mod maps;
pub mod moment;
pub mod pagedir;
pub mod pagemap;
pub mod processes;
pub mod registers;
pub mod smaps;
pub mod spt;
pub mod swap;
pub mod watch;

use std::fmt;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Serialize;
use serde_json::Value;
use userprog::Kernel;
use userprog::process::Pid;
use vm::FileId;
use vm::User;

/// The inspectors, by their names on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Inspector {
    /// The processes
    Processes,
    /// The regions of an address space, as in /proc/PID/maps
    Maps,
    /// The regions with what they hold, as in /proc/PID/smaps
    Smaps,
    /// An entry for each touched page, as in /proc/PID/pagemap
    Pagemap,
    /// The page directory and page tables, with flags
    Pagedir,
    /// The supplemental page table: touched pages, their place and their users
    Spt,
    /// The frame table
    Frames,
    /// The swap map
    Swap,
    /// The registers
    Registers,
}

impl Inspector {
    /// Returns its output as text. Inspectors of a process show that of `pid`.
    pub fn render(self, kernel: &Kernel, pid: Pid) -> String {
        match self {
            Inspector::Processes => processes::render(kernel),
            Inspector::Maps => maps::render(kernel, pid),
            Inspector::Smaps => smaps::render(kernel, pid),
            Inspector::Pagemap => pagemap::render(kernel, pid),
            Inspector::Pagedir => pagedir::render(kernel, pid),
            Inspector::Spt => spt::render(kernel, pid),
            Inspector::Frames => frames::render(kernel),
            Inspector::Swap => swap::render(kernel),
            Inspector::Registers => registers::render(kernel, pid),
        }
    }

    /// Returns the same as data; null for a process that does not exist.
    pub fn json(self, kernel: &Kernel, pid: Pid) -> Value {
        match self {
            Inspector::Processes => data(&processes::rows(kernel)),
            Inspector::Maps => data(&maps::rows(kernel, pid)),
            Inspector::Smaps => data(&smaps::rows(kernel, pid)),
            Inspector::Pagemap => data(&pagemap::rows(kernel, pid)),
            Inspector::Pagedir => data(&pagedir::directory(kernel, pid)),
            Inspector::Spt => data(&spt::rows(kernel, pid)),
            Inspector::Frames => data(&frames::rows(kernel)),
            Inspector::Swap => data(&swap::map(kernel)),
            Inspector::Registers => data(&registers::values(kernel, pid)),
        }
    }

    /// Returns whether it shows one process, and not the machine.
    #[must_use]
    pub fn is_of_process(self) -> bool {
        !matches!(
            self,
            Inspector::Processes | Inspector::Frames | Inspector::Swap
        )
    }

    /// Returns its name on the command line.
    #[must_use]
    pub fn name(self) -> String {
        self.value().get_name().to_owned()
    }

    fn value(self) -> PossibleValue {
        self.to_possible_value().expect("no inspector is hidden")
    }
}

/// A page of a process: `PID:0xPAGE`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PageOf {
    /// The process.
    pub pid: u32,
    /// The page's first address.
    #[serde(serialize_with = "hex")]
    pub page: u32,
}

impl PageOf {
    fn new(kernel: &Kernel, user: User) -> PageOf {
        PageOf {
            pid: kernel.vm().owner(user.space).0,
            page: user.page.start().0,
        }
    }
}

impl fmt::Display for PageOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:#010x}", self.pid, self.page)
    }
}

/// Serializes an address as the fault log writes it.
fn hex<S: serde::Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{value:#010x}"))
}

fn data(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("rows are plain data")
}

/// Returns the users of a content, in order of process and page.
fn users(kernel: &Kernel, users: &[User]) -> Vec<PageOf> {
    let mut users: Vec<PageOf> = users
        .iter()
        .map(|user| PageOf::new(kernel, *user))
        .collect();
    users.sort_by_key(|user| (user.pid, user.page));
    users
}

/// Joins things with spaces.
fn spaced<T: fmt::Display>(things: &[T]) -> String {
    let things: Vec<String> = things.iter().map(T::to_string).collect();
    things.join(" ")
}

/// Returns a file's name in the guest, or `#N (removed)` if it was removed.
fn file_name(kernel: &Kernel, file: FileId) -> String {
    match kernel.name_of_file(file) {
        Some(name) => {
            let name = name.as_path().as_os_str().as_encoded_bytes();
            name.escape_ascii().to_string()
        }
        None => format!("{file} (removed)"),
    }
}

/// Returns the message for a process that does not exist.
fn nobody(pid: Pid) -> String {
    format!("There is no process {pid} at this moment.\n")
}
