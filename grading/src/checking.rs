//! When tests are run with the rules of the virtual memory checked (`vmlab run --check`).
//!
//! # Invariants
//!
//! Checking does not decide whether a test passes, unless all tests are checked: a test that failed
//! is run once more to learn about the cause.

use clap::ValueEnum;

use crate::verdict::Verdict;
use protocol::kernel_panic::Kind;

/// Which tests are run with the rules checked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
pub enum Checking {
    /// All.
    Always,
    /// Those that failed, once more.
    #[default]
    Failed,
    /// None.
    Never,
}

/// Returns whether another run with the rules checked may show the cause of a failure.
pub fn may_tell_more(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Hang(_)
        | Verdict::Failed(_)
        | Verdict::WorkLimit(_)
        | Verdict::TooMuchOutput
        | Verdict::Stuck(_) => true,
        Verdict::KernelPanic(panic) => panic.kind() == Kind::Panic,
        _ => false,
    }
}

/// Returns whether a run with the rules checked shows more than the one before.
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
        for verdict in [Verdict::Passed, task, Verdict::Memory] {
            assert!(!may_tell_more(&verdict), "{verdict:?}");
        }
        for verdict in [
            Verdict::Failed(Vec::new()),
            Verdict::Hang(15),
            panic("x", "in f"),
        ] {
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
