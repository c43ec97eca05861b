//! The inspectors: what the kernel knows at a moment of a run, in the forms that people know.
//!
//! # Invariants
//!
//! An inspector only reads; a run that was looked at at every fault is, to the byte, the run that
//! was not. What it shows differs between no two hosts. Each has a file of its own, with its rows
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
use serde::Serialize;
use serde_json::Value;
use userprog::Kernel;
use userprog::process::Pid;
use vm::FileId;
use vm::User;

/// The inspectors, by the names of the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Inspector {
    /// Who is there
    Processes,
    /// The regions of an address space, as in /proc/PID/maps
    Maps,
    /// What they hold, as in /proc/PID/smaps
    Smaps,
    /// An entry for each touched page, as in /proc/PID/pagemap
    Pagemap,
    /// The page directory and page tables, with flags
    Pagedir,
    /// The supplemental page table: touched pages, where they are and whose
    Spt,
    /// The frame table
    Frames,
    /// The swap map
    Swap,
    /// The registers
    Registers,
}

impl Inspector {
    /// What it shows, for a person. Those of a process show that of `pid`.
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

    /// The same as data; null for a process that is not there.
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

    /// Whether it shows something of one process, not of the machine.
    pub fn is_of_process(self) -> bool {
        !matches!(
            self,
            Inspector::Processes | Inspector::Frames | Inspector::Swap
        )
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no inspector is hidden");
        value.get_name().to_owned()
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

/// Addresses in JSON: as the fault log writes them.
fn hex<S: serde::Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{value:#010x}"))
}

fn data(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("rows are plain data")
}

/// The users of a content, in the order of processes and pages.
fn users(kernel: &Kernel, users: &[User]) -> Vec<PageOf> {
    let mut users: Vec<PageOf> = users
        .iter()
        .map(|user| PageOf::new(kernel, *user))
        .collect();
    users.sort_by_key(|user| (user.pid, user.page));
    users
}

/// Things with spaces between them.
fn spaced<T: fmt::Display>(things: &[T]) -> String {
    let things: Vec<String> = things.iter().map(T::to_string).collect();
    things.join(" ")
}

/// A file's name as the guest has it, `#N (removed)` if it has none any more.
fn file_name(kernel: &Kernel, file: FileId) -> String {
    match kernel.name_of_file(file) {
        Some(name) => {
            let name = name.as_path().as_os_str().as_encoded_bytes();
            name.escape_ascii().to_string()
        }
        None => format!("{file} (removed)"),
    }
}

/// What is said of a process that is not there.
fn nobody(pid: Pid) -> String {
    format!("There is no process {pid} at this moment.\n")
}
