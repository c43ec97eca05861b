//! A machine for tests: a folder of files, a run, and its results.

pub mod side_by_side;

use std::io::Cursor;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use machine::disk::MemoryDisk;
use machine::work::Work;
use tempfile::TempDir;
use testkit::Console;
use userprog::{Kernel, MachineOptions, RunEnd, RunReport};

/// Sectors of the usual swap disk: 1024 slots.
const SWAP_SECTORS: u64 = 1024 * 8;

/// A machine to be built.
#[derive(Debug)]
pub struct Machine {
    folder: TempDir,
    input: Vec<u8>,
    options: MachineOptions,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Done {
    /// What was written to the console.
    pub console: Vec<u8>,
    /// How it ended.
    pub report: RunReport,
    /// The file directory after the run.
    pub folder: TempDir,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine::new()
    }
}

impl Machine {
    /// Returns the usual machine, without files, with a work limit.
    #[must_use]
    pub fn new() -> Machine {
        Machine::with_swap(SWAP_SECTORS)
    }

    /// Returns the usual machine with another swap disk.
    ///
    /// # Panics
    /// If the host refuses a temporary folder.
    #[must_use]
    pub fn with_swap(sectors: u64) -> Machine {
        let swap = Box::new(MemoryDisk::new(sectors));
        Machine {
            folder: tempfile::tempdir().unwrap(),
            input: Vec::new(),
            options: MachineOptions::new(swap).max_work(Work(20_000_000)),
        }
    }

    /// Puts a file into the guest's directory.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn file(self, name: &str, content: &[u8]) -> Machine {
        std::fs::write(self.path().join(name), content).unwrap();
        self
    }

    /// Sets the input of the keyboard.
    #[must_use]
    pub fn input(self, input: &[u8]) -> Machine {
        Machine {
            input: input.to_vec(),
            ..self
        }
    }

    /// Changes the options.
    pub fn options(self, choose: impl FnOnce(MachineOptions) -> MachineOptions) -> Machine {
        Machine {
            options: choose(self.options),
            ..self
        }
    }

    /// Returns the guest's directory on the host.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command line, and checks that nothing is left behind.
    #[must_use]
    pub fn run(self, line: &str) -> Done {
        self.run_by(|kernel| kernel.run(line.as_bytes()))
    }

    /// Runs a kernel by `run`, and checks that nothing is left behind.
    ///
    /// # Panics
    /// If the machine cannot be made, or something is left behind.
    pub fn run_by(self, run: impl FnOnce(&mut Kernel) -> RunReport) -> Done {
        let console = Console::default();
        let files = Dir::open_ambient_dir(self.path(), ambient_authority()).unwrap();
        let output = Box::new(console.clone());
        let input = Box::new(Cursor::new(self.input));
        let mut kernel = Kernel::new(self.options, files, output, input).unwrap();
        let report = run(&mut kernel);
        kernel.check_clean();
        Done {
            console: console.take(),
            report,
            folder: self.folder,
        }
    }
}

impl Done {
    /// Returns the console as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.console).into_owned()
    }

    /// Returns the exit status of the first program.
    ///
    /// # Panics
    /// If it has none, because the run ended otherwise.
    #[must_use]
    pub fn status(&self) -> i32 {
        match self.report.end {
            RunEnd::Exited(status) => status,
            ref end => panic!("{end:?}; console:\n{}", self.text()),
        }
    }

    /// Returns a file in the guest's directory after the run.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }
}
