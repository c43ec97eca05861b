//! Guest work: the machine's only measure of time.
//!
//! # Invariants
//!
//! Work counts basic blocks that the guest executed, and what the kernel charges for its own work
//! on behalf of the guest. So it is the same on every host and in every run.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An amount of guest work, or a moment: the work done since the machine started.
///
/// # Examples
///
/// ```
/// use machine::work::Work;
///
/// let (began, slice) = (Work(1_000), Work(250));
/// assert_eq!(began + slice, Work(1_250));
/// assert_eq!(Work(1_100) - began, Work(100));
/// assert_eq!(Work::MAX + slice, Work::MAX); // no limit stays none
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Work(pub u64);

impl Work {
    /// No work; the moment the machine starts.
    pub const ZERO: Work = Work(0);
    /// More than any machine does: no limit.
    pub const MAX: Work = Work(u64::MAX);
}

impl Add for Work {
    type Output = Work;

    /// Saturates at [`Work::MAX`], so that "no limit" plus something is still no limit.
    fn add(self, more: Work) -> Work {
        Work(self.0.saturating_add(more.0))
    }
}

impl AddAssign for Work {
    fn add_assign(&mut self, more: Work) {
        *self = *self + more;
    }
}

impl Sub for Work {
    type Output = Work;

    /// Returns the work between two moments, zero if `earlier` is the later one.
    fn sub(self, earlier: Work) -> Work {
        Work(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
