//! What inspectors see: plain data that does not depend on the tables behind it.
//!
//! # Invariants
//!
//! A page is in a view exactly if it is in a frame or in a slot.

use machine::addr::{Frame, Page};

use crate::ids::{FileId, Slot, User};
pub use crate::place::Place;

/// The kind of content that a page holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// Anonymous memory or a private copy: only swap can keep it.
    Private {
        /// It began as zeros and, unless its frame is dirty, is still zero.
        pristine: bool,
    },
    /// A page of a file, to which it is written back if it is dirty.
    File {
        /// The file.
        file: FileId,
        /// The file's page; the first, if it was assembled from several.
        page: u32,
    },
}

/// A touched page of an address space.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageView {
    /// The page.
    pub page: Page,
    /// The kind of its content.
    pub held: Held,
    /// Where its content is.
    pub place: Place,
    /// The number of pins that its process holds on it.
    pub pins: u32,
    /// All pages that share its content, this one among them.
    pub users: Vec<User>,
}

/// A frame in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameView {
    /// The frame.
    pub frame: Frame,
    /// The kind of its content.
    pub held: Held,
    /// All pages that are mapped to it, or will be: the reverse map.
    pub users: Vec<User>,
    /// The number of pins on it.
    pub pins: u32,
    /// Whether an entry that has been cleared since had A set.
    pub was_accessed: bool,
    /// Whether an entry that has been cleared since had D set.
    pub was_dirty: bool,
    /// Guest work at which the disk has filled it; 0 if it was not filled from a disk.
    pub ready_at: u64,
}

/// A swap slot in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotView {
    /// The slot.
    pub slot: Slot,
    /// All pages that share the content in it.
    pub users: Vec<User>,
}

/// A slot of the swap cache: it has a copy of a page that is in a frame, and counts as free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CopyView {
    /// The slot.
    pub slot: Slot,
    /// The frame.
    pub frame: Frame,
}

/// The sizes of memory and swap, and how much of each is in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// The first frame of the user pool.
    pub first: Frame,
    /// Frames in the user pool, numbered consecutively.
    pub frames: u32,
    /// Those that hold a page.
    pub frames_in_use: u32,
    /// Slots of the swap device.
    pub slots: u32,
    /// Those that hold a page that is in no frame.
    pub slots_in_use: u32,
}
