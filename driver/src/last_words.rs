//! Limits of a process that runs a test: it limits its own memory, and when its kernel does not
//! come to an end, it reports so itself, since only it knows what the kernel was doing.
//!
//! # Invariants
//! - The time that counts is the time that the process had a core of the host; that it only waited
//!   counts as well, but far less. So other work on a host makes no verdict.
//! - Before the process ends itself, its black box is written; its console is out at any time.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::black_box::Handle;
use protocol::exit::Exit;
use protocol::record::{Failure, PATIENCE};

/// Interval between two checks of the time.
const TICK: Duration = Duration::from_millis(50);

/// Limits the address space of this process to this many bytes.
///
/// # Errors
/// A message, if the host refuses.
pub fn limit_memory(bytes: u64) -> Result<(), String> {
    let resource = Resource::RLIMIT_AS;
    // A lower limit that the caller has set stays.
    getrlimit(resource)
        .map(|(_, most)| bytes.min(most))
        .and_then(|bytes| setrlimit(resource, bytes, bytes))
        .map_err(|error| format!("cannot limit the memory to {bytes} bytes: {error}"))
}

/// Ends the process when it has had a core for so long, unless it has come to an end by itself.
pub fn limit_time(seconds: u32, black_box: Handle) {
    let limit = Duration::from_secs(seconds.into());
    let start = Instant::now();
    thread::spawn(move || {
        while time_of_process() < limit && start.elapsed() < limit * PATIENCE {
            thread::sleep(TICK);
        }
        black_box.write(Failure::Hang);
        anstream::eprintln!("vmlab: the kernel hung and was ended after {seconds} s");
        std::process::exit(Exit::Kernel.code().into());
    });
}

/// Returns the CPU time of this process.
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
