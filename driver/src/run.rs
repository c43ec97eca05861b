//! One machine, from the user's choices to the report.
//!
//! # Invariants
//!
//! A swap file is either a file that we created or one of exactly the size of the swap disk, so
//! that a mistyped name destroys nothing.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use machine::addr::PAGE_SIZE;
use machine::disk::{BlockDevice, FileDisk, MemoryDisk, SECTOR_SIZE};
use machine::paging::KernelHalf;
use machine::work::Work;
use thiserror::Error;
use userprog::{Checking, Kernel, MachineError, MachineOptions, Progress, RunEnd, RunReport};
use vm::reference_string::ReferenceString;
use vm::registry::Unknown;
use vm::touches::{RecordingOptions, TooLong};
use vm::{AliasPolicy, POLICIES, SLOT_ALLOCATORS};

use crate::listener::{self, Listener};
use protocol::settings::{Abi, Alias, Checks, DEFAULT_MAX_WORK, PageTables, Settings};

/// What a machine is made of.
#[derive(Debug)]
pub struct Machine<'a> {
    /// The user's choices.
    pub settings: &'a Settings,
    /// Where the swap disk is kept; None for memory.
    pub swap_file: Option<&'a Path>,
    /// The guest's files.
    pub files: Dir,
    /// The listeners to its events.
    pub listeners: Vec<Listener>,
}

/// Why a machine could not be made.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// The kernel refused.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// There is no policy or slot allocator of that name.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// The folder of files to be read cannot be opened.
    #[error("cannot open the folder {}: {error}", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The swap file cannot be opened or made.
    #[error("cannot use {} as swap file: {error}", path.display())]
    Swap {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// An existing file does not have the size of the swap disk.
    #[error(
        "{} is there already, and its size is {found} bytes, not the swap disk's {expected}; \
         name another file, or remove it", path.display()
    )]
    SwapSize {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The size of the swap disk.
        expected: u64,
    },
}

/// Runs a program on a fresh machine.
///
/// # Errors
/// [`SetUpError`] if the machine cannot be made. How the program ends is no error, but in the report.
///
/// # Examples
///
/// ```
/// use driver::guest::Guest;
/// use driver::run::{Machine, run};
/// use host::guest_dir::GuestDir;
/// use protocol::settings::Settings;
/// use userprog::RunEnd;
///
/// let guest = Guest::find("args-many", &["one".to_owned(), "two".to_owned()], &[])?;
/// let folder = GuestDir::temporary()?;
/// guest.put_into(&folder)?;
/// let settings = Settings { frames: "64".parse().ok(), ..Settings::default() };
/// let machine = Machine {
///     settings: &settings,
///     swap_file: None,
///     files: folder.handle()?,
///     listeners: Vec::new(),
/// };
/// let (console, keyboard) = (Box::new(std::io::sink()), Box::new(std::io::empty()));
/// let report = run(machine, &guest.command_line(), console, keyboard)?;
/// assert_eq!(report.end, RunEnd::Exited(0));
/// assert!(report.stats.vm.faults > 0 && report.stats.vm.evictions == 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(
    machine: Machine<'_>,
    command_line: &str,
    output: Box<dyn Write>,
    input: Box<dyn Read>,
) -> Result<RunReport, SetUpError> {
    Ok(power_on(machine, output, input)?.run(command_line.as_bytes()))
}

/// Runs a program until it ends, or until the run is asked to pause: then the power is cut.
pub fn to_its_end(kernel: &mut Kernel, command_line: &str) -> RunReport {
    if let Err(report) = kernel.begin(command_line.as_bytes()) {
        return *report;
    }
    match kernel.advance() {
        Progress::Ended(report) => report,
        Progress::Paused(_) => kernel.cut_power(),
    }
}

/// Runs a program on a fresh machine and records its reference string. The run is the same as
/// without, only slower.
///
/// # Errors
/// [`SetUpError`] if the machine cannot be made.
pub fn run_recorded(
    machine: Machine<'_>,
    command_line: &str,
    output: Box<dyn Write>,
    input: Box<dyn Read>,
    recording: RecordingOptions,
) -> Result<(RunReport, Result<ReferenceString, TooLong>), SetUpError> {
    let mut kernel = power_on(machine, output, input)?;
    let log = kernel.record_touches(recording)?;
    let report = kernel.run(command_line.as_bytes());
    Ok((report, log.take()))
}

/// Makes a fresh machine, on which nothing has run yet.
///
/// # Errors
/// [`SetUpError`] if the machine cannot be made.
pub fn power_on(
    machine: Machine<'_>,
    output: Box<dyn Write>,
    input: Box<dyn Read>,
) -> Result<Kernel, SetUpError> {
    let options = options(machine.settings, machine.swap_file)?;
    let mut kernel = Kernel::new(options, machine.files, output, input)?;
    listener::attach(machine.listeners, &mut kernel);
    Ok(kernel)
}

/// Returns whether the program succeeded.
#[must_use]
pub fn succeeded(report: &RunReport) -> bool {
    report.end == RunEnd::Exited(0)
}

fn options(settings: &Settings, swap_file: Option<&Path>) -> Result<MachineOptions, SetUpError> {
    let swap = swap_disk(settings.base.slots(), swap_file)?;
    let work = Work(settings.base.max_work.unwrap_or(DEFAULT_MAX_WORK));
    let mut options = MachineOptions::new(swap).max_work(work);
    if let Some(frames) = settings.frames {
        options = options.frames(frames.number());
    }
    if let Some(allocator) = &settings.base.slot_allocator {
        options = options.slot_allocator(SLOT_ALLOCATORS.find(allocator.as_str())?);
    }
    if let Some(pages) = settings.base.kernel_pages {
        options = options.kernel_pages(pages);
    }
    if let Some(way) = settings.base.page_tables {
        options = options.kernel_half(match way {
            PageTables::Shared => KernelHalf::Shared,
            PageTables::Kpti => KernelHalf::Isolated,
        });
    }
    if let Some(alias) = settings.base.alias {
        options = options.alias(match alias {
            Alias::Sync => AliasPolicy::Sync,
            Alias::User => AliasPolicy::UserAddress,
        });
    }
    if let Some(abi) = settings.base.abi {
        options = options.abi(match abi {
            Abi::Pintos => userprog::Abi::Pintos,
            Abi::Linux => userprog::Abi::Linux,
        });
    }
    if let Some(root) = &settings.base.root {
        let opened = Dir::open_ambient_dir(root, ambient_authority());
        options = options.root(opened.map_err(|error| SetUpError::Root {
            path: root.clone(),
            error,
        })?);
    }
    if let Some(seed) = settings.base.aslr {
        options = options.aslr(seed);
    }
    if let Some(policy) = &settings.policy {
        options = options.policy(POLICIES.find(policy.as_str())?);
    }
    options = options.checking(match settings.check {
        Checks::Nothing => Checking::Off,
        Checks::Bytes => Checking::Bytes,
        Checks::Rules => Checking::Rules,
    });
    if let Some(seed) = settings.seed {
        options = options.seed(seed);
    }
    if let Some(latency) = settings.base.disk_latency {
        options = options.disk_latency(Work(latency));
    }
    Ok(options)
}

fn swap_disk(slots: u32, file: Option<&Path>) -> Result<Box<dyn BlockDevice>, SetUpError> {
    let bytes = u64::from(slots) * u64::from(PAGE_SIZE);
    let sectors = bytes / SECTOR_SIZE as u64;
    let Some(path) = file else {
        return Ok(Box::new(MemoryDisk::new(sectors)));
    };
    let swap_error = |error| SetUpError::Swap {
        path: path.to_owned(),
        error,
    };
    if path.exists() {
        let found = path.metadata().map_err(swap_error)?.len();
        if found != bytes {
            return Err(SetUpError::SwapSize {
                path: path.to_owned(),
                found,
                expected: bytes,
            });
        }
    }
    Ok(Box::new(
        FileDisk::create(path, sectors).map_err(swap_error)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_the_swap_disk_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("precious");
        std::fs::write(&path, "text").unwrap();
        let refused = swap_disk(4, Some(&path)).err().unwrap();
        assert!(matches!(
            refused,
            SetUpError::SwapSize {
                found: 4,
                expected: 16384,
                ..
            }
        ));
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
    }

    #[test]
    fn a_swap_file_has_the_size_of_the_disk_and_can_be_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("swap");
        for _ in 0..2 {
            assert_eq!(swap_disk(4, Some(&path)).unwrap().sectors(), 32);
        }
        assert_eq!(path.metadata().unwrap().len(), 16384);
    }

    #[test]
    fn a_machine_can_have_no_swap() {
        assert_eq!(swap_disk(0, None).unwrap().sectors(), 0);
    }
}
