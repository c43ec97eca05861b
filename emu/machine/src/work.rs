//! Guest work: the machine's only measure of time.
//!
//! # Invariants
//!
//! Work counts what the guest did, basic blocks executed and whatever the kernel charges for what
//! it did in the guest's name, so it is the same on every host and in every run.

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

    /// Stops at [`Work::MAX`], so that a limit after "no limit" is none.
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

    /// The work between two moments, none if `earlier` is the later one.
    fn sub(self, earlier: Work) -> Work {
        Work(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
