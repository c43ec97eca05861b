//! Why a page is not in a frame.

use crate::kill::Kill;

/// Why a page is not in a frame yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Denied {
    /// It never will be.
    Kill(Kill),
    /// Every frame that could be freed is being filled by a disk; the first will be at this time.
    Busy(u64),
}

impl<T: Into<Kill>> From<T> for Denied {
    fn from(kill: T) -> Denied {
        Denied::Kill(kill.into())
    }
}
