//! The clock of the measurements, which is the CPU time of this thread, and the median of samples.
//!
//! # Invariants
//!
//! Waiting for a core does not count, so other work on a busy host makes numbers less exact but
//! not larger. Work that the host's kernel does for the thread counts.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A point in this thread's CPU time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(Duration);

impl Moment {
    /// Returns the current moment.
    pub(super) fn now() -> Moment {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
        Moment(Duration::new(seconds, nanoseconds))
    }

    /// Returns the time from an earlier moment to this one.
    pub(super) fn since(self, earlier: Moment) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the time from this moment to now.
    pub(super) fn elapsed(self) -> Duration {
        Moment::now().since(self)
    }
}

/// Returns the median.
pub(super) fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    let middle = samples.len() / 2;
    if samples.len() % 2 == 1 {
        samples[middle]
    } else {
        (samples[middle - 1] + samples[middle]) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 100.0]), 3.0);
    }

    #[test]
    fn sleep_does_not_count() {
        let start = Moment::now();
        std::thread::sleep(Duration::from_millis(100));
        assert!(start.elapsed() < Duration::from_millis(50));
    }
}
