//! A sandboxed program: what it may open is listed, its resources are limited, and it reaches no other process
//! and no network.
//!
//! The box is this program, called as `vmlab-class boxed`: it builds the walls around itself, then execs the other.
//!
//! # Invariants
//! - Walls and limits are set before the other program's first instruction, and hold for all that it starts.
//! - If the host has no such walls, only the limits apply: `--require-sandbox` refuses such a host.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use host::command::UsageError;
use nix::sys::resource::{Resource, setrlimit};
use protocol::exit::Exit;

/// The CPU time that the program may use.
pub const CPU_LIMIT: Duration = Duration::from_secs(120);
/// The memory that it may have, in bytes.
pub const MEMORY_LIMIT: u64 = 4 << 30;
/// The maximum size of a file that it writes, in bytes.
const FILE_LIMIT: u64 = 512 << 20;

/// What programs of the host's system need to run.
pub const SYSTEM: [&str; 6] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
];
/// The file that takes all and has nothing.
pub const NOTHING: &str = "/dev/null";

/// What a program in a box may open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Openings {
    /// Files and folders that it may read and run.
    pub read: Vec<PathBuf>,
    /// Files and folders that it may change.
    pub write: Vec<PathBuf>,
    /// Whether it is not started if the host cannot build all walls.
    pub required: bool,
    /// Whether its limits are final.
    pub limits: Limits,
}

/// Whether a program in a box may set limits of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limits {
    /// No: a compiler has the box's.
    Final,
    /// Yes: a grader has smaller ones for each machine program that it starts.
    Own,
}

/// Executes a program in a sandbox
#[derive(Args, Debug)]
pub struct BoxedArgs {
    /// A file or folder that it may read and run
    #[arg(long)]
    read: Vec<PathBuf>,

    /// A file or folder that it may change
    #[arg(long)]
    write: Vec<PathBuf>,

    /// Start nothing if the host cannot build all walls
    #[arg(long)]
    required: bool,

    /// It may set limits of its own
    #[arg(long)]
    own_limits: bool,

    /// The program and its arguments
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

/// Returns the command that starts a program in the box; its arguments are added to it.
///
/// # Errors
/// The path of this program is unknown.
pub fn command(openings: &Openings, program: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("boxed");
    for path in &openings.read {
        command.arg("--read").arg(path);
    }
    for path in &openings.write {
        command.arg("--write").arg(path);
    }
    if openings.required {
        command.arg("--required");
    }
    if openings.limits == Limits::Own {
        command.arg("--own-limits");
    }
    command.arg("--").arg(program);
    Ok(command)
}

impl BoxedArgs {
    /// Executes the program; returns only on failure.
    ///
    /// # Errors
    /// A message, if a limit or a wall cannot be set, or the program not be started.
    pub fn execute(&self) -> Result<Exit, UsageError> {
        let limits = [
            (Resource::RLIMIT_CPU, CPU_LIMIT.as_secs()),
            (Resource::RLIMIT_AS, MEMORY_LIMIT),
            (Resource::RLIMIT_FSIZE, FILE_LIMIT),
            (Resource::RLIMIT_CORE, 0),
        ];
        for (resource, limit) in limits {
            setrlimit(resource, limit, limit)?;
        }
        let openings = Openings {
            read: self.read.clone(),
            write: self.write.clone(),
            required: self.required,
            limits: match self.own_limits {
                true => Limits::Own,
                false => Limits::Final,
            },
        };
        if !close(&openings)? && openings.required {
            return Err(
                "this host cannot build all walls around the compiler (Landlock, seccomp)".into(),
            );
        }
        let Some((program, words)) = self.program.split_first() else {
            return Err("there is no program to execute".into());
        };
        Err(Command::new(program).args(words).exec().into())
    }
}

/// Builds the walls that this host has, and returns whether these are all.
#[cfg(target_os = "linux")]
fn close(openings: &Openings) -> Result<bool, UsageError> {
    Ok(files::close(openings)? & calls::close(openings.limits)?)
}

/// Does nothing: this host has no such walls.
#[cfg(not(target_os = "linux"))]
fn close(_: &Openings) -> Result<bool, UsageError> {
    Ok(false)
}
