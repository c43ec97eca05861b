//! What a process that runs a test does for its runner: it keeps to limits of the host, and when its
//! kernel does not come to an end it says so itself, since only it knows what there is to say.
//!
//! # Invariants
//! - The time that counts is the time that the process had a core of the host; that it only waited
//!   counts as well, but far less. So other work on a host makes no verdict.
//! - Before the process ends itself, its black box is written and its console is out.

use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::black_box::{Failure, Handle};
use crate::console::Flusher;
use crate::exit::Exit;

/// How often the time is looked at.
const TICK: Duration = Duration::from_millis(50);
/// How much longer a process may wait for the host than have a core of it.
pub const PATIENCE: u32 = 4;

/// The limits, as the runner hands them over.
#[derive(Args)]
pub struct LimitArgs {
    /// For `vmlab grade`: how many seconds of a core the run may take
    #[arg(long, value_name = "SECONDS", hide = true, requires = "black_box")]
    time_limit: Option<u32>,

    /// For `vmlab grade`: how many bytes of address space the process may have
    #[arg(long, value_name = "BYTES", hide = true)]
    memory_limit: Option<u64>,
}

impl LimitArgs {
    /// Keeps to the limit of memory from here on.
    ///
    /// # Errors
    /// A message, if the host does not take it.
    pub fn limit_memory(&self) -> Result<(), String> {
        let Some(bytes) = self.memory_limit else {
            return Ok(());
        };
        let resource = Resource::RLIMIT_AS;
        // Whoever started all this may have set a lower limit, which stays.
        getrlimit(resource)
            .map(|(_, most)| bytes.min(most))
            .and_then(|bytes| setrlimit(resource, bytes, bytes))
            .map_err(|error| format!("cannot limit the memory to {bytes} bytes: {error}"))
    }

    /// Ends the process when its time has passed, unless it has come to an end by itself.
    pub fn limit_time(&self, black_box: Handle, console: Flusher) {
        let Some(seconds) = self.time_limit else {
            return;
        };
        let limit = Duration::from_secs(seconds.into());
        let start = Instant::now();
        thread::spawn(move || {
            while time_of_process() < limit && start.elapsed() < limit * PATIENCE {
                thread::sleep(TICK);
            }
            black_box.write(Failure::Hang);
            console.flush();
            anstream::eprintln!("vmlab: the kernel hung and was ended after {seconds} s");
            std::process::exit(Exit::Kernel.code().into());
        });
    }
}

/// The time that this process had cores of the host.
fn time_of_process() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_counts_and_sleep_does_not() {
        let start = time_of_process();
        let until = Instant::now() + Duration::from_secs(30);
        while time_of_process() < start + Duration::from_millis(20) {
            assert!(Instant::now() < until, "the clock stands still");
        }
    }
}
