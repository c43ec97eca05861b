//! The inner loop of page-shuffle in QEMU, if the host has one.
//!
//! QEMU's system emulation is preferred, since it has page tables and a TLB as the machine has;
//! user-mode emulation only adds a constant to each address.
//!
//! # Invariants
//!
//! A result is the difference between two runs that only differ in the number of passes, so QEMU's
//! start-up does not count; the exit code proves that the work was done. Time is CPU time of the
//! host, as elsewhere.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use tempfile::TempDir;
use thiserror::Error;

use super::compute::{BYTES, EXIT_PORT, PAGES, checksum, for_bare_metal, for_linux};
use super::elf::executable;

/// What a QEMU emulates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Emulates {
    /// A PC, down to its page tables.
    Pc,
    /// A process of Linux.
    Linux,
}

/// The commands of QEMU, the best for comparison first.
const NAMES: [(&str, Emulates); 3] = [
    ("qemu-system-i386", Emulates::Pc),
    ("qemu-i386", Emulates::Linux),
    ("qemu-i386-static", Emulates::Linux),
];
/// Passes of the shorter run, which are subtracted along with QEMU's start-up.
const FEW: u32 = 1;

impl Emulates {
    /// Returns the passes of the longer run: enough to take far longer than the start-up.
    fn many(self) -> u32 {
        match self {
            Emulates::Pc => 401,
            Emulates::Linux => 33,
        }
    }
}

/// Why there are no results for QEMU.
#[derive(Debug, Error)]
pub enum QemuError {
    /// No QEMU was found.
    #[error("there is no {} and no {}", NAMES[0].0, NAMES[1].0)]
    Missing,
    /// It could not be started.
    #[error("it cannot be run: {0}")]
    Host(#[from] io::Error),
    /// Its exit code is not the expected one.
    #[error("the program ended with {0}")]
    Wrong(String),
}

/// A QEMU and its programs.
#[derive(Debug)]
pub struct Qemu {
    name: &'static str,
    emulates: Emulates,
    folder: TempDir,
}

impl Qemu {
    /// Finds a QEMU that computes the right checksum.
    ///
    /// # Errors
    /// [`QemuError`] of the last one tried.
    pub fn new() -> Result<Qemu, QemuError> {
        let mut found = Err(QemuError::Missing);
        for (name, emulates) in NAMES.into_iter().filter(|(name, _)| is_there(name)) {
            found = Qemu::with(name, emulates);
            if found.is_ok() {
                break;
            }
        }
        found
    }

    fn with(name: &'static str, emulates: Emulates) -> Result<Qemu, QemuError> {
        let folder = tempfile::tempdir()?;
        for passes in [FEW, emulates.many()] {
            let code = match emulates {
                Emulates::Pc => for_bare_metal(passes),
                Emulates::Linux => for_linux(passes),
            };
            let path = folder.path().join(passes.to_string());
            fs::write(&path, executable(&code, PAGES))?;
            // QEMU, like Linux, runs what may be executed.
            fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        }
        let qemu = Qemu {
            name,
            emulates,
            folder,
        };
        qemu.elapsed()?;
        Ok(qemu)
    }

    /// Returns the name of its command.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the number of bytes shuffled in the time that [`Qemu::elapsed`] returns.
    pub fn bytes(&self) -> u32 {
        (self.emulates.many() - FEW) * BYTES
    }

    /// Measures the time for [`Qemu::bytes`].
    ///
    /// # Errors
    /// [`QemuError`] if the work was not done.
    pub fn elapsed(&self) -> Result<Duration, QemuError> {
        let [few, many] = [FEW, self.emulates.many()].map(|passes| self.run(passes));
        Ok(many?.saturating_sub(few?))
    }

    fn run(&self, passes: u32) -> Result<Duration, QemuError> {
        let before = time_of_children()?;
        let status = self.command(passes).status()?;
        let elapsed = time_of_children()?.saturating_sub(before);
        let sum = checksum(passes) & 0x7f;
        let expected = match self.emulates {
            // isa-debug-exit turns a written v into the exit code v * 2 + 1.
            Emulates::Pc => sum << 1 | 1,
            Emulates::Linux => sum,
        };
        match status.code() {
            Some(code) if code as u32 == expected => Ok(elapsed),
            _ => Err(QemuError::Wrong(status.to_string())),
        }
    }

    fn command(&self, passes: u32) -> Command {
        let program = self.folder.path().join(passes.to_string());
        let mut command = Command::new(self.name);
        match self.emulates {
            Emulates::Pc => command
                .args([
                    "-accel",
                    "tcg",
                    "-m",
                    "512",
                    "-nodefaults",
                    "-display",
                    "none",
                ])
                .args(["-no-reboot", "-device"])
                .arg(format!("isa-debug-exit,iobase={EXIT_PORT:#x},iosize=1"))
                .arg("-kernel")
                .arg(program),
            Emulates::Linux => command.arg(program),
        };
        quiet(&mut command);
        command
    }
}

/// Returns whether a command of QEMU's is there, and runs on this host.
pub(super) fn is_there(name: &str) -> bool {
    let mut command = Command::new(name);
    quiet(command.arg("--version"));
    command.status().is_ok_and(|status| status.success())
}

fn quiet(command: &mut Command) {
    command.stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
}

/// Returns the CPU time of all child processes that have ended.
pub(super) fn time_of_children() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let duration = |time: TimeVal| Duration::from_micros(time.num_microseconds() as u64);
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Qemu::new` succeeds only if the checksum is right.
    #[test]
    fn each_qemu_that_is_there_shuffles_as_page_shuffle_does() {
        for (name, emulates) in NAMES {
            if !is_there(name) {
                eprintln!("skipped: there is no {name}");
            } else if let Err(error) = Qemu::with(name, emulates) {
                panic!("{name}: {error}");
            }
        }
    }
}
