//! The end of a run that does not end by itself.
//!
//! # Invariants
//! It depends on what the guest does and on nothing of the host: a run ends at the same instruction everywhere.

use std::fmt;

use machine::work::Work;

/// The most work, page faults and system calls of a run. A fault and a call cost the host more than the machine's
/// clock is charged for them, so a program that does little else would take long to get through its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limit {
    /// Work.
    pub work: Work,
    faults: u64,
    calls: u64,
}

/// The work for each page fault, roughly what a page costs the host that is swapped out and in.
const WORK_A_FAULT: u64 = 1000;
/// The work for each system call.
const WORK_A_CALL: u64 = 50;
/// The page faults that every run may have.
const FAULTS: u64 = 100_000;
/// The system calls that every run may have.
const CALLS: u64 = 1_000_000;

impl Limit {
    /// Returns the limit of a run with so much work.
    pub(crate) fn of(work: Work) -> Limit {
        Limit {
            work,
            faults: FAULTS.max(work.0 / WORK_A_FAULT),
            calls: CALLS.max(work.0 / WORK_A_CALL),
        }
    }

    /// Returns which limit is reached, if one is.
    pub(crate) fn reached(self, work: Work, faults: u64, calls: u64) -> Option<Reached> {
        if work >= self.work {
            Some(Reached::Work(self.work))
        } else if faults >= self.faults {
            Some(Reached::Faults(self.faults))
        } else {
            (calls >= self.calls).then_some(Reached::Calls(self.calls))
        }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reached {
    Work(Work),
    Faults(u64),
    Calls(u64),
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reached::Work(work) => write!(f, "the work limit of {work} is reached"),
            Reached::Faults(faults) => write!(f, "the limit of {faults} page faults is reached"),
            Reached::Calls(calls) => write!(f, "the limit of {calls} system calls is reached"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_faults_or_calls_reach_it() {
        let limit = Limit::of(Work(1_000_000_000));
        let before = (Work(999_999_999), 999_999, 19_999_999);
        assert_eq!(limit.reached(before.0, before.1, before.2), None);
        let reached = limit.reached(Work(1_000_000_000), 0, 0);
        assert_eq!(reached, Some(Reached::Work(limit.work)));
        assert_eq!(
            limit.reached(Work(0), 1_000_000, 0),
            Some(Reached::Faults(1_000_000))
        );
        assert_eq!(
            limit.reached(Work(0), 0, 20_000_000),
            Some(Reached::Calls(20_000_000))
        );
    }

    #[test]
    fn little_work_has_room_for_faults_and_calls_and_no_limit_is_none() {
        let little = Limit::of(Work(1_000));
        assert_eq!(little.reached(Work(999), 99_999, 999_999), None);
        assert!(little.reached(Work(999), 100_000, 0).is_some());
        let none = Limit::of(Work::MAX);
        assert_eq!(none.reached(Work(u64::MAX - 1), 1 << 50, 1 << 50), None);
    }
}
