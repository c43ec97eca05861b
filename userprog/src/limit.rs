//! The end of a run that does not end by itself.
//!
//! # Invariants
//! It depends on what the guest does and on nothing of the host: a run ends at the same instruction everywhere.

use machine::work::Work;

/// The work for each page fault. It is roughly what a page costs the host that is swapped out and in; as a charge it
/// would make the machine's clock go by faults.
const WORK_A_FAULT: u64 = 500;
/// The number of page faults that every run may have.
const FAULTS: u64 = 100_000;

/// The work and the page faults of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limit {
    /// The most work.
    pub work: Work,
    /// The most page faults.
    pub faults: u64,
}

impl Limit {
    /// Returns the limit of a run with so much work.
    pub(crate) fn of(work: Work) -> Limit {
        Limit {
            work,
            faults: FAULTS.max(work.0 / WORK_A_FAULT),
        }
    }

    /// Returns whether one of them is reached.
    pub(crate) fn is_reached(self, work: Work, faults: u64) -> bool {
        work >= self.work || faults >= self.faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_or_faults_reach_it() {
        let limit = Limit::of(Work(1_000_000_000));
        assert!(!limit.is_reached(Work(999_999_999), 1_999_999));
        assert!(limit.is_reached(Work(1_000_000_000), 0));
        assert!(limit.is_reached(Work(0), 2_000_000));
    }

    #[test]
    fn little_work_has_room_for_faults_and_no_limit_is_none() {
        let little = Limit::of(Work(1_000));
        assert!(!little.is_reached(Work(999), 99_999) && little.is_reached(Work(999), 100_000));
        assert!(!Limit::of(Work::MAX).is_reached(Work(u64::MAX - 1), u64::MAX / 501));
    }
}
