//! Limits of a process that runs a test: it limits its own memory, and when its kernel does not
//! come to an end, it reports so itself, since only it knows what the kernel was doing.
//!
//! # Invariants
//! - The time that counts is the time that the process had a core of the host since its kernel was
//!   last entered; that it only waited counts as well, but far less. So neither other work on a host
//!   nor a slow one makes a verdict.
//! - Before the process ends itself, its black box is written; its console is out at any time.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::black_box::Handle;
use protocol::exit::Exit;
use protocol::record::{Failure, PATIENCE, ROOM, ROOM_AND_PATIENCE};

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

/// Ends the process when its kernel has had a core for so long without being entered, unless the process has come to
/// an end by itself.
pub fn limit_time(seconds: u32, black_box: Handle) {
    let limit = Duration::from_secs(seconds.into());
    let mut watch = Watch::new(limit, Time::now());
    thread::spawn(move || {
        while !watch.is_over(black_box.entries(), Time::now()) {
            thread::sleep(TICK);
        }
        black_box.write(Failure::Hang);
        anstream::eprintln!("vmlab: the kernel hung and was ended after {seconds} s");
        std::process::exit(Exit::Kernel.code().into());
    });
}

/// A moment, by two clocks.
#[derive(Clone, Copy, Debug)]
struct Time {
    /// The CPU time of this process.
    cpu: Duration,
    /// The host's.
    wall: Instant,
}

impl Time {
    fn now() -> Time {
        Time {
            cpu: time_of_process(),
            wall: Instant::now(),
        }
    }
}

/// Decides when a kernel hangs.
struct Watch {
    limit: Duration,
    start: Time,
    /// The number of entries into the kernel, and when it last changed.
    entries: u64,
    entered: Time,
}

impl Watch {
    fn new(limit: Duration, now: Time) -> Watch {
        Watch {
            limit,
            start: now,
            entries: 0,
            entered: now,
        }
    }

    /// Returns whether a kernel that was entered so often by now hangs.
    fn is_over(&mut self, entries: u64, now: Time) -> bool {
        if entries != self.entries {
            (self.entries, self.entered) = (entries, now);
        }
        now.cpu.saturating_sub(self.entered.cpu) >= self.limit
            || now.wall - self.entered.wall >= self.limit * PATIENCE
            || now.cpu.saturating_sub(self.start.cpu) >= self.limit * ROOM
            || now.wall - self.start.wall >= self.limit * ROOM_AND_PATIENCE
    }
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

    const LIMIT: Duration = Duration::from_secs(2);

    fn watch() -> (Watch, impl Fn(u64, u64) -> Time) {
        let start = Time::now();
        let after = move |cpu, wall| Time {
            cpu: start.cpu + Duration::from_secs(cpu),
            wall: start.wall + Duration::from_secs(wall),
        };
        (Watch::new(LIMIT, start), after)
    }

    #[test]
    fn a_kernel_that_is_entered_may_take_long_and_one_that_is_not_may_not() {
        let (mut watch, after) = watch();
        for entries in 1..40 {
            assert!(!watch.is_over(entries, after(entries, entries)));
        }
        assert!(!watch.is_over(39, after(40, 40)));
        assert!(watch.is_over(39, after(41, 41)));
    }

    #[test]
    fn one_that_gets_no_core_has_more_time() {
        let (mut idle, after) = watch();
        assert!(!idle.is_over(0, after(0, 59)));
        assert!(idle.is_over(0, after(0, 60)));
    }

    #[test]
    fn neither_has_all_time() {
        let (mut busy, after) = watch();
        assert!((1..60).all(|second| !busy.is_over(second, after(second, second))));
        assert!(busy.is_over(60, after(60, 60)));
        let (mut slow, after) = watch();
        assert!((1..24).all(|tenth| !slow.is_over(tenth, after(tenth, 10 * tenth))));
        assert!(slow.is_over(24, after(24, 240)));
    }
}
