//! Where a content is, and where an eviction leaves it.

use machine::addr::Frame;

use crate::ids::{FileId, Slot};

/// Where a content is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In RAM.
    Frame(Frame),
    /// On the swap device.
    Slot(Slot),
}

/// Where an eviction left a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Dropped: its region can produce it again.
    Dropped,
    /// Written to swap.
    SwappedOut(Slot),
    /// Not written: it was not stored to since it was swapped in from this slot, which still has
    /// it.
    StillInSwap(Slot),
    /// Written back to its file.
    WrittenBack(FileId),
}
