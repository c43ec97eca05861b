//! Processes of the host that are killed together with everything they started.
//!
//! # Invariants
//! - All processes of a group are killed when its [`ProcessGroup`] is dropped, and when a signal ends
//!   the command, as a group of its own gets no signals from the terminal.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::interrupt;

/// The groups that may have live processes.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// A process that leads a group of its own.
#[derive(Debug)]
pub struct ProcessGroup {
    /// The process.
    pub leader: Child,
    group: Pid,
}

impl ProcessGroup {
    /// Starts a process in a group of its own.
    ///
    /// # Errors
    /// Those of starting it; and that the command is being ended, when nothing is started any more.
    pub fn start(command: &mut Command) -> io::Result<ProcessGroup> {
        // Locked, so that `end_all` cannot run between its start and its entry in the list.
        let mut running = running();
        if interrupt::is_raised() {
            return Err(io::Error::new(
                io::ErrorKind::Interrupted,
                "the command is being ended",
            ));
        }
        let leader = command.process_group(0).spawn()?;
        let group = Pid::from_raw(leader.id().cast_signed());
        running.push(group);
        Ok(ProcessGroup { leader, group })
    }

    /// Asks the group to terminate, and waits up to `patience` for the leader, which may clean up.
    /// Processes that are left then are killed when this is dropped.
    pub fn ask_to_end(&mut self, patience: Duration) {
        signal(self.group, Signal::SIGTERM);
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline && matches!(self.leader.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Kills the group; not an error if all of it has already exited.
    pub fn end(&mut self) {
        end(self.group);
        if let Err(error) = self.leader.wait() {
            log::warn!("process {}: {error}", self.group);
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.end();
        running().retain(|group| *group != self.group);
    }
}

/// Kills all groups, when the command itself is being ended.
pub fn end_all() {
    running().drain(..).for_each(end);
}

fn end(group: Pid) {
    signal(group, Signal::SIGKILL);
}

fn signal(group: Pid, signal: Signal) {
    match killpg(group, signal) {
        // No process of the group is left.
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(error) => log::warn!("process group {group}: {error}"),
    }
}

fn running() -> MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::Stdio;

    use super::*;

    #[test]
    fn what_the_process_started_ends_with_it() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 600 & exit 0"])
            .stdout(Stdio::piped());
        let mut group = ProcessGroup::start(&mut command).unwrap();
        let mut output = group.leader.stdout.take().unwrap();
        group.leader.wait().unwrap();
        drop(group);
        // The stream ends when the last process that has it open exits.
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        assert_eq!(text, "");
    }
}
