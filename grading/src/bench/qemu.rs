//! The inner work of page-shuffle in QEMU, if the host has one.
//!
//! What always holds: a number is the difference between two runs that only differ in how often the
//! work is done, so that QEMU's start does not count; the exit status proves that it was done. Time
//! is that of the host's cores, as elsewhere.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use tempfile::TempDir;
use thiserror::Error;

use super::compute::{BYTES, PAGES, checksum, for_linux};
use super::elf::executable;

/// Names under which QEMU's emulation of an i386 Linux is installed.
const NAMES: [&str; 2] = ["qemu-i386", "qemu-i386-static"];
/// Passes of the shorter run, which are subtracted with QEMU's start.
const FEW: u32 = 1;
/// Passes of the longer run.
const MANY: u32 = 5;

/// How many bytes are shuffled in what [`Qemu::elapsed`] gives.
pub const ITERATIONS: u32 = (MANY - FEW) * BYTES;

/// Why QEMU gives no numbers.
#[derive(Debug, Error)]
pub enum QemuError {
    /// There is none.
    #[error("there is no {}", NAMES[0])]
    Missing,
    /// The host does not let it run.
    #[error("it cannot be run: {0}")]
    Host(#[from] io::Error),
    /// It did something else.
    #[error("the program ended with {0}")]
    Wrong(String),
}

/// A QEMU and its programs.
pub struct Qemu {
    name: &'static str,
    folder: TempDir,
}

impl Qemu {
    /// Finds one that does the work right.
    ///
    /// # Errors
    /// [`QemuError`] says what is in the way.
    pub fn new() -> Result<Qemu, QemuError> {
        let folder = tempfile::tempdir()?;
        for passes in [FEW, MANY] {
            let program = executable(&for_linux(passes), PAGES);
            let path = folder.path().join(passes.to_string());
            fs::write(&path, program)?;
            // QEMU, like Linux, runs what may be executed.
            fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        }
        let is_there = |name: &&str| {
            let mut command = Command::new(name);
            command.arg("--version").stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let name = NAMES.into_iter().find(is_there);
        let name = name.ok_or(QemuError::Missing)?;
        let qemu = Qemu { name, folder };
        qemu.elapsed()?;
        Ok(qemu)
    }

    /// The time for [`ITERATIONS`] bytes.
    ///
    /// # Errors
    /// [`QemuError`] if the work was not done.
    pub fn elapsed(&self) -> Result<Duration, QemuError> {
        let [few, many] = [FEW, MANY].map(|passes| self.run(passes));
        Ok(many?.saturating_sub(few?))
    }

    fn run(&self, passes: u32) -> Result<Duration, QemuError> {
        let before = time_of_children()?;
        let mut command = Command::new(self.name);
        command.arg(self.folder.path().join(passes.to_string()));
        let status = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        let elapsed = time_of_children()?.saturating_sub(before);
        match status.code() {
            Some(code) if code as u32 == checksum(passes) & 0x7f => Ok(elapsed),
            _ => Err(QemuError::Wrong(status.to_string())),
        }
    }
}

/// The time that child processes had a core, of all those that have ended.
fn time_of_children() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let duration = |time: TimeVal| Duration::from_micros(time.num_microseconds() as u64);
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That it is there at all means that the checksum is right.
    #[test]
    fn a_qemu_that_is_there_shuffles_as_page_shuffle_does() {
        match Qemu::new() {
            Ok(qemu) => assert_eq!(
                qemu.elapsed().map(|_| ()).map_err(|e| e.to_string()),
                Ok(())
            ),
            Err(QemuError::Missing) => eprintln!("skipped: {}", QemuError::Missing),
            Err(error) => panic!("{error}"),
        }
    }
}
