//! What a transition did, for whoever counts, logs, records or replaces.

use std::io;

use machine::addr::Frame;
use machine::paging::Change;

use crate::ids::{FileId, Owner, Slot, User};
use crate::place::Fate;
use crate::residency::content::{Content, Place};
use crate::residency::token::FreeFrame;
use crate::space::spt::ContentId;

/// A content came into a frame.
#[must_use = "the policy, the counters and the recording have to learn of it"]
#[derive(Debug)]
pub struct Loaded {
    /// Which.
    pub content: ContentId,
    /// Where it is now.
    pub frame: Frame,
    /// The slot it was in, if it came from swap.
    pub from: Option<Slot>,
}

/// A content lost its frame, which is nobody's now.
#[must_use = "the policy, the counters and the log have to learn of it"]
#[derive(Debug)]
pub struct Left {
    /// The frame, for whoever wanted it.
    pub free: FreeFrame,
    /// Which content.
    pub content: ContentId,
    /// The first of its pages.
    pub first: User,
    /// What became of it.
    pub fate: Fate,
    /// Whether bytes went to a device for it.
    pub wrote: bool,
    /// The content itself, if its source can give it again: its pages are untouched from now on.
    pub forgotten: Option<Content>,
}

/// A page gave up its content.
#[must_use = "the policy, the log and the owner of the file have to learn of it"]
#[derive(Debug)]
pub struct Released {
    /// Which content it had.
    pub content: ContentId,
    /// What was written back first: with its last page a dirty page of a file goes there.
    pub written: Option<WrittenBack>,
    /// What could not be written back and is lost.
    pub lost: Option<LostWrite>,
    /// The frame or slot that is free now, if nobody has the content any more.
    pub freed: Option<Place>,
}

/// A page that held something was unmapped.
#[must_use = "the policy, the log and the owner of the file have to learn of it"]
#[derive(Debug)]
pub struct Unmapped {
    /// The changes of entries until then since the journal was last taken.
    pub entries: Vec<(Owner, Change)>,
    /// What became of its content.
    pub released: Released,
}

/// A frame of a file's page went to the file.
#[derive(Debug)]
pub struct WrittenBack {
    /// The frame.
    pub frame: Frame,
    /// The file.
    pub file: FileId,
    /// The file's page.
    pub page: u32,
    /// Whether the file has bytes there at all: it may have been cut off since.
    pub wrote: bool,
}

/// A dirty page of a file that could not be written back.
#[derive(Debug)]
pub struct LostWrite {
    /// The file.
    pub file: FileId,
    /// The file's page.
    pub page: u32,
    /// What the file said.
    pub error: io::Error,
}
