//! The program `git`, with an untrusted bundle for its input.
//!
//! # Invariants
//! - No setting, hook, attribute or template of the host's, and none of the bundle's, has an effect.
//! - Git writes into a folder of its own only, which is deleted afterwards.
//! - The kernel of the host ends git when it needs more than the limits here: a pack of 64 MiB can unpack to
//!   any size, by compression and by deltas of deltas. `sh` sets them, since no process can set those of its
//!   child without code between fork and exec, which is `unsafe` in Rust. macOS knows no limit of memory.
//!   On disk there is the pack only, which git keeps as it is; objects are unpacked in memory.

use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::refusal::Refusal;

/// Limits of a process: seconds of processor time, blocks of 512 bytes in a file (256 MiB), KiB of memory (2 GiB).
const LIMITED: &str = "ulimit -t 30 && ulimit -f 524288 && { ulimit -v 2097152 2>/dev/null || :; } && exec git \"$@\"";

/// Settings for every command.
const SETTINGS: [&str; 8] = [
    "core.hooksPath=/dev/null",
    "transfer.fsckObjects=true",
    "fetch.fsckObjects=true",
    // One thread, so that the limits of memory and time are of one unpacking.
    "pack.threads=1",
    // Larger objects are checked in pieces; none of them is a source file.
    "core.bigFileThreshold=1m",
    "core.deltaBaseCacheLimit=16m",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// So much of what git says is passed on, in characters.
const MESSAGE: usize = 300;

/// A bare repository without anything, in a temporary folder.
pub(super) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// Makes it, and puts the bundle next to it under the name `bundle`.
    ///
    /// # Errors
    /// Git or the host failed.
    pub(super) fn new(bundle: &[u8]) -> Result<Repository, Refusal> {
        let host = |error| Refusal::host(Path::new("a temporary folder"), error);
        let folder = tempfile::tempdir().map_err(host)?;
        fs::write(folder.path().join("bundle"), bundle).map_err(host)?;
        let repository = Repository { folder };
        repository.run(&["init", "--quiet", "--bare", "--template=", "."])?;
        Ok(repository)
    }

    /// Runs a command of git to its end; what it prints.
    ///
    /// # Errors
    /// What git says, as that of a damaged bundle.
    pub(super) fn run(&self, words: &[&str]) -> Result<Vec<u8>, Refusal> {
        let output = self.command(words).stdin(Stdio::null()).output();
        let output = output.map_err(not_started)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(refusal(&output))
    }

    /// Starts a command whose input and output are pipes.
    ///
    /// # Errors
    /// Git cannot be started.
    pub(super) fn start(&self, words: &[&str]) -> Result<Running, Refusal> {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let child = command.stderr(Stdio::null()).spawn();
        Ok(Running(child.map_err(not_started)?))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", LIMITED, "git"]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let folder = self.folder.path();
        command.args(words).current_dir(folder).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_DIR", "."),
            ("LC_ALL", "C"),
        ]);
        command.env("HOME", folder).env("TMPDIR", folder);
        command
    }
}

/// A command of git that runs; it is killed when this is dropped.
pub(super) struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Either fails only if it has ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The refusal for a command that failed, from what git says in English.
fn refusal(output: &Output) -> Refusal {
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let says = |words: &str| message.contains(words);
    if says("lacks these prerequisite commits") {
        return Refusal::PartOfHistory;
    }
    // A part of git is killed at a limit of time or files; at that of memory, it ends itself.
    if output.status.signal().is_some() || says("died of signal") || says("Out of memory") {
        return Refusal::Bomb;
    }
    damaged(message.chars().take(MESSAGE).collect())
}

/// The refusal for a bundle that git does not take.
pub(super) fn damaged(why: String) -> Refusal {
    let kind = "git bundle";
    Refusal::Damaged { kind, why }
}

fn not_started(error: io::Error) -> Refusal {
    Refusal::host(Path::new("the program git"), error)
}
