//! When tests are run with the rules of the virtual memory checked (`vmlab run --check`).
//!
//! What always holds: whether a test passes is not up to that, unless all are checked: a test that failed is
//! run once more for a word about the cause.

use clap::ValueEnum;

use crate::kernel_panic::Kind;
use crate::verdict::Verdict;

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

/// Whether another run with the rules checked may say what led to a failure.
pub fn may_tell_more(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Failed(_) | Verdict::WorkLimit(_) | Verdict::TooMuchOutput | Verdict::Stuck(_) => {
            true
        }
        Verdict::KernelPanic(panic) => panic.kind() == Kind::Panic,
        _ => false,
    }
}

/// Whether a run with the rules checked tells more than the one before.
pub fn tells_more(before: &Verdict, checked: &Verdict) -> bool {
    match checked {
        Verdict::Broken(_) => true,
        Verdict::KernelPanic(panic) => panic.kind() == Kind::Invariant && before != checked,
        _ => false,
    }
}
