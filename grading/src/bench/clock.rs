//! The clock of the measurements: time that this thread had a core of the host.
//!
//! What always holds: waiting for a core does not count, so that other work on a busy host makes
//! numbers less exact but not larger; work that the host's kernel does for the thread counts.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment on the thread's own clock.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Duration);

impl Moment {
    /// Now.
    pub fn now() -> Moment {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
        Moment(Duration::new(seconds, nanoseconds))
    }

    /// The time from an earlier moment to this one.
    pub fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The time from this moment to now.
    pub fn elapsed(self) -> Duration {
        Moment::now().since(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_does_not_count() {
        let start = Moment::now();
        std::thread::sleep(Duration::from_millis(100));
        assert!(start.elapsed() < Duration::from_millis(50));
    }
}
