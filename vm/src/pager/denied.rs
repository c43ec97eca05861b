//! Why a page could not be made resident.

use crate::kill::Kill;

/// Why a page could not be made resident.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Denied {
    /// It cannot be: the process must end.
    Kill(Kill),
    /// Every frame that could be freed is being filled by a disk. The first is ready at this time.
    Busy(u64),
}

impl<T: Into<Kill>> From<T> for Denied {
    fn from(kill: T) -> Denied {
        Denied::Kill(kill.into())
    }
}
