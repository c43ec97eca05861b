//! What inspectors see: plain data, whatever the tables behind it are.
//!
//! # Invariants
//!
//! A page is in a view exactly if something is kept for it, in a frame or in a slot.

use machine::addr::{Frame, Page};

use crate::ids::{FileId, Slot, User};
pub use crate::place::Place;

/// What kind of thing a page holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// The processes' own: nothing but swap can keep it.
    Private {
        /// It began as zeros and, unless its frame is dirty, is still zero.
        pristine: bool,
    },
    /// A page of a file, which has it or will get it.
    File {
        /// The file.
        file: FileId,
        /// The file's page; the first, if it was put together from several.
        page: u32,
    },
}

/// A page of an address space for which something is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageView {
    /// Which.
    pub page: Page,
    /// What it holds.
    pub held: Held,
    /// Where that is.
    pub place: Place,
    /// How many pins its process holds on it.
    pub pins: u32,
    /// All pages that hold the same, this one among them.
    pub users: Vec<User>,
}

/// A frame in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameView {
    /// Which.
    pub frame: Frame,
    /// What it holds.
    pub held: Held,
    /// All pages that hold it.
    pub users: Vec<User>,
    /// How many pins hold it in its place.
    pub pins: u32,
    /// Whether an entry that has been cleared since had A set.
    pub was_accessed: bool,
    /// Whether an entry that has been cleared since had D set.
    pub was_dirty: bool,
    /// Guest work at which a disk has filled it; 0 if none does.
    pub ready_at: u64,
}

/// A swap slot in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotView {
    /// Which.
    pub slot: Slot,
    /// All pages that hold what is in it.
    pub users: Vec<User>,
}

/// A slot with a copy of what is in a frame, which is free for whoever needs one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CopyView {
    /// The slot.
    pub slot: Slot,
    /// The frame.
    pub frame: Frame,
}

/// How much memory there is, and how much of it is in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// The first frame for programs; they follow each other.
    pub first: Frame,
    /// Frames for programs.
    pub frames: u32,
    /// Those that hold something.
    pub frames_in_use: u32,
    /// Slots of the swap device.
    pub slots: u32,
    /// Those that hold what is in no frame.
    pub slots_in_use: u32,
}
