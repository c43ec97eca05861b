//! Where what a page holds is, and what becomes of it when it loses its frame.

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

/// What became of a content that lost its frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Dropped: its source gives it again.
    Dropped,
    /// Written to swap.
    SwappedOut(Slot),
    /// Not written: it was not stored to since it came from this slot, which still has it.
    StillInSwap(Slot),
    /// Written back to its file.
    WrittenBack(FileId),
}
