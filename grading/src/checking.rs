//! When tests are run with the rules of the virtual memory checked (`vmlab run --check`).
//!
//! # Invariants
//!
//! Checking does not decide whether a test passes, unless all tests are checked: a test that failed
//! is run once more to learn about the cause.

use clap::ValueEnum;

use crate::verdict::Verdict;
use protocol::kernel_panic::Kind;
use protocol::settings::Checks;

/// Which tests are run with the rules checked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
pub enum Checking {
    /// All.
    Always,
    /// None, but that a program's memory holds what the program put there is checked in all, and
    /// the other rules in those that failed, once more.
    #[default]
    Bytes,
    /// Those that failed, once more.
    Failed,
    /// None.
    Never,
}

impl Checking {
    /// Returns what is checked in the first run of a test.
    #[must_use]
    pub fn at_first(self) -> Checks {
        match self {
            Checking::Always => Checks::Rules,
            Checking::Bytes => Checks::Bytes,
            Checking::Failed | Checking::Never => Checks::Nothing,
        }
    }

    /// Returns whether a test that failed is run once more.
    #[must_use]
    pub fn looks_again(self) -> bool {
        matches!(self, Checking::Bytes | Checking::Failed)
    }
}

/// Returns whether another run with the rules checked may show the cause of a failure. Nothing is
/// said of a hang, which costs as much again as it did (see [`crate::runner`]).
#[must_use]
pub fn may_tell_more(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Failed(_)
        | Verdict::Broken(_)
        | Verdict::WorkLimit(_)
        | Verdict::TooMuchOutput
        | Verdict::Stuck(_) => true,
        Verdict::KernelPanic(panic) => panic.kind() == Kind::Panic,
        _ => false,
    }
}

/// Returns whether a run with the rules checked shows more than the one before.
#[must_use]
pub fn tells_more(before: &Verdict, checked: &Verdict) -> bool {
    match checked {
        Verdict::Broken(_) => true,
        Verdict::KernelPanic(panic) => panic.kind() == Kind::Invariant && before != checked,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::BrokenRule;
    use protocol::kernel_panic::KernelPanic;

    fn panic(message: &str, frame: &str) -> Verdict {
        Verdict::KernelPanic(KernelPanic {
            message: message.to_owned(),
            place: "vm/src/residency/frame.rs:1".to_owned(),
            frames: vec![frame.to_owned()],
        })
    }

    #[test]
    fn what_names_its_cause_is_not_run_again() {
        let task = Verdict::NotWritten("4.3, x (vm/src/pager/evict.rs:63)".to_owned());
        for verdict in [Verdict::Passed, task, Verdict::Memory, Verdict::Hang(15)] {
            assert!(!may_tell_more(&verdict), "{verdict:?}");
        }
        for verdict in [Verdict::Failed(Vec::new()), panic("x", "in f")] {
            assert!(may_tell_more(&verdict), "{verdict:?}");
        }
    }

    #[test]
    fn a_rule_or_an_invariant_tells_more_and_the_same_panic_does_not() {
        let failed = Verdict::Failed(Vec::new());
        let rule = Verdict::Broken(BrokenRule {
            what: "no store is lost: x".to_owned(),
            complaints: Vec::new(),
        });
        let invariant = panic("frames in use", "check (vm/src/residency/check.rs:7)");
        assert!(tells_more(&failed, &rule) && tells_more(&failed, &invariant));
        assert!(!tells_more(&failed, &panic("x", "in f")));
        assert!(!tells_more(&failed, &Verdict::Passed));
    }
}
