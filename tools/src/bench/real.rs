//! Real programs of Linux: on the machine, and in QEMU's user-mode emulation.
//!
//! # Invariants
//!
//! Both run the same file with the same input, and what they print is the same, by its sum. Both times are CPU time
//! of the host for all of it, start-up included. They take turns.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::clock::{Moment, median};
use super::qemu::{QemuError, is_there, time_of_children};
use super::{BenchError, Effort};
use crate::policies::output::Console;
use crate::workloads::input::Made;
use driver::guest::Guest;
use driver::run::{self, Machine};
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use host::packages::Catalogue;
use host::program::{GuestFile, Program};
use host::sha256::Sum;
use protocol::settings::{Abi, Base, Settings};

/// The sets of packages.
const BUSYBOX: &str = "busybox";
const QEMU: &str = "qemu-user";
/// Where the programs are in these.
const BUSYBOX_PATH: &str = "bin/busybox";
const QEMU_PATH: &str = "usr/bin/qemu-i386-static";
/// QEMU's commands, where it is installed.
const COMMANDS: [&str; 2] = ["qemu-i386", "qemu-i386-static"];
/// Frames enough for all that the programs do.
const FRAMES: &str = "64M";
/// The name of the input.
const INPUT: &str = "input";
/// Lines that are more than 4 MiB, which is how much is compressed.
const TEXT_LINES: u32 = 80_000;
const TEXT_BYTES: usize = 4 << 20;
const LINES: u32 = 100_000;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// gzip of 4 MiB of text.
    Gzip,
    /// sort of 100,000 numbers.
    Sort,
    /// awk, with sums by group over a table of 100,000 rows.
    Awk,
}

/// The seconds that a task takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Times {
    /// The task.
    pub task: Task,
    /// On the machine.
    pub here: f64,
    /// In QEMU; None if there is none.
    pub qemu: Option<f64>,
}

/// The results, and what is missing for others.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Real {
    /// A line for each task; none, if the programs are missing.
    pub times: Vec<Times>,
    /// What is missing, with the way to get it.
    pub missing: Option<String>,
}

impl Task {
    const ALL: [Task; 3] = [Task::Gzip, Task::Sort, Task::Awk];

    /// Returns its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Task::Gzip => "gzip",
            Task::Sort => "sort",
            Task::Awk => "awk",
        }
    }

    /// Returns what it does, in words.
    pub fn title(self) -> &'static str {
        match self {
            Task::Gzip => "busybox gzip of 4 MiB",
            Task::Sort => "busybox sort of 100,000 numbers",
            Task::Awk => "busybox awk, sums over 100,000 rows",
        }
    }

    fn arguments(self) -> Vec<String> {
        let words: &[&str] = match self {
            Task::Gzip => &["gzip", "-c", INPUT],
            Task::Sort => &["sort", "-n", INPUT],
            Task::Awk => &[
                "awk",
                "-F,",
                "{ sum[$2] += $5; seen[$3]++ } END { for (at = 0; at < 200; at++) print at, sum[at], seen[\"ce\"] }",
                INPUT,
            ],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn input(self) -> Vec<u8> {
        let seed = 1;
        match self {
            Task::Gzip => {
                let lines = TEXT_LINES;
                let mut text = Made::Words { lines, seed }.content();
                text.truncate(TEXT_BYTES);
                text
            }
            Task::Sort => Made::Numbers { lines: LINES, seed }.content(),
            Task::Awk => Made::Table { rows: LINES, seed }.content(),
        }
    }
}

/// A task, ready to be done.
struct Prepared {
    task: Task,
    guest: Guest,
    folder: TempDir,
    busybox: PathBuf,
}

/// Measures all tasks with programs of the packages that were fetched into a folder.
///
/// # Errors
/// [`BenchError`] if a task failed. Programs that are missing are no error, but told.
pub(super) fn measure(effort: Effort, packages: &Path) -> Result<Real, BenchError> {
    let catalogue = Catalogue::bundled().map_err(|error| BenchError::Real(error.to_string()))?;
    let found = |set: &str| catalogue.set(set)?.found(packages);
    let way_out = |what: &str| {
        let folder = packages.display();
        Some(format!(
            "{what} is not in {folder}: `vmlab workloads fetch` fetches it"
        ))
    };
    let Some(busybox) = found(BUSYBOX) else {
        return Ok(Real {
            times: Vec::new(),
            missing: way_out("Debian's busybox"),
        });
    };
    let busybox = busybox.join(BUSYBOX_PATH);
    let installed = COMMANDS.into_iter().find(|name| is_there(name));
    let fetched = found(QEMU).map(|folder| folder.join(QEMU_PATH));
    let qemu = installed.map(PathBuf::from).or(fetched);
    // A host of another kind cannot run what was fetched.
    let qemu = qemu.filter(|path| is_there(&path.display().to_string()));
    let rounds = match effort {
        Effort::Quick => 1,
        Effort::Full => 5,
    };
    let mut times = Vec::new();
    for task in Task::ALL {
        let prepared = Prepared::new(task, &busybox)?;
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (seconds, sum) = prepared.here()?;
            here.push(seconds);
            if let Some(qemu) = &qemu {
                let (seconds, expected) = prepared.in_qemu(qemu)?;
                there.push(seconds);
                if sum != expected {
                    let name = task.name();
                    let what = format!("{name} prints something else than in QEMU");
                    return Err(BenchError::Real(what));
                }
            }
        }
        times.push(Times {
            task,
            here: median(here),
            qemu: (!there.is_empty()).then(|| median(there)),
        });
    }
    Ok(Real {
        times,
        missing: match qemu {
            Some(_) => None,
            None => way_out("there is no qemu-i386, and Debian's qemu-user"),
        },
    })
}

impl Prepared {
    fn new(task: Task, busybox: &Path) -> Result<Prepared, BenchError> {
        let program = Program::of_file(busybox);
        let program = program.map_err(|error| BenchError::Real(error.to_string()))?;
        let content = task.input();
        let folder = tempfile::tempdir().map_err(QemuError::Host)?;
        fs::write(folder.path().join(INPUT), &content).map_err(QemuError::Host)?;
        let name = GuestName::new(INPUT).expect("the name is short");
        let guest = Guest::new(program, task.arguments(), vec![GuestFile { name, content }]);
        Ok(Prepared {
            task,
            guest,
            folder,
            busybox: busybox.canonicalize().map_err(QemuError::Host)?,
        })
    }

    /// Does it on a machine; returns the seconds, and the sum of what was printed.
    fn here(&self) -> Result<(f64, Sum), BenchError> {
        let dir = GuestDir::temporary()?;
        self.guest.put_into(&dir)?;
        let settings = Settings {
            frames: FRAMES.parse().ok(),
            base: Base {
                abi: Some(Abi::Linux),
                ..Base::default()
            },
            ..Settings::default()
        };
        let console = Console::default();
        let start = Moment::now();
        let machine = Machine {
            settings: &settings,
            swap_file: None,
            files: dir.handle()?,
            listeners: Vec::new(),
        };
        let (output, input) = (Box::new(console.clone()), Box::new(std::io::empty()));
        let report = run::run(machine, &self.guest.command_line(), output, input);
        let seconds = start.elapsed().as_secs_f64();
        let report = report.map_err(|error| BenchError::Real(error.to_string()))?;
        if !run::succeeded(&report) {
            let name = self.task.name();
            return Err(BenchError::Real(format!("{name} ended: {:?}", report.end)));
        }
        Ok((seconds, console.sum()))
    }

    /// Does it in QEMU.
    fn in_qemu(&self, qemu: &Path) -> Result<(f64, Sum), QemuError> {
        let output = self.folder.path().join("output");
        // A path that is relative holds here, and not in the folder where the input is.
        let qemu = qemu.canonicalize().unwrap_or_else(|_| qemu.to_owned());
        let mut command = Command::new(qemu);
        command
            .arg(&self.busybox)
            .args(self.task.arguments())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .stderr(Stdio::null());
        let before = time_of_children()?;
        let status = command.status()?;
        let elapsed = time_of_children()?.saturating_sub(before);
        if !status.success() {
            return Err(QemuError::Wrong(status.to_string()));
        }
        Ok((elapsed.as_secs_f64(), Sum::of(&fs::read(output)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_packages_it_says_how_to_get_them() {
        let folder = tempfile::tempdir().unwrap();
        let real = measure(Effort::Quick, folder.path()).unwrap();
        assert!(real.times.is_empty());
        assert!(real.missing.unwrap().contains("vmlab workloads fetch"));
    }

    #[test]
    fn inputs_have_the_sizes_that_are_told() {
        assert_eq!(Task::Gzip.input().len(), 4 << 20);
        let lines = |task: Task| task.input().iter().filter(|byte| **byte == b'\n').count();
        assert_eq!((lines(Task::Sort), lines(Task::Awk)), (100_000, 100_001));
    }
}
