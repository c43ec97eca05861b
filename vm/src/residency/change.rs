//! What a transition did: input for counters, log, recording and replacement policy.

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
pub(crate) struct Loaded {
    /// The content.
    pub content: ContentId,
    /// The frame it is in now.
    pub frame: Frame,
    /// The slot it was in, if it came from swap.
    pub from: Option<Slot>,
}

/// A content lost its frame, which is unused now.
#[must_use = "the policy, the counters and the log have to learn of it"]
#[derive(Debug)]
pub(crate) struct Left {
    /// The frame.
    pub free: FreeFrame,
    /// The content.
    pub content: ContentId,
    /// The first of its users.
    pub first: User,
    /// Where the content went.
    pub fate: Fate,
    /// Whether bytes were written to a device for it.
    pub wrote: bool,
    /// The content itself, if its region can produce it again: its pages are untouched from now on.
    pub forgotten: Option<Content>,
}

/// A page gave up its content.
#[must_use = "the policy, the log and the owner of the file have to learn of it"]
#[derive(Debug)]
pub(crate) struct Released {
    /// The content it had.
    pub content: ContentId,
    /// The write-back, if the page was the last user of a dirty page of a file.
    pub written: Option<WrittenBack>,
    /// What could not be written back and is lost.
    pub lost: Option<LostWrite>,
    /// The frame or slot that is free now, if the page was the last user of the content.
    pub freed: Option<Place>,
}

/// A page that held something was unmapped.
#[must_use = "the policy, the log and the owner of the file have to learn of it"]
#[derive(Debug)]
pub(crate) struct Unmapped {
    /// The changes of page-table entries since the journal was last taken.
    pub entries: Vec<(Owner, Change)>,
    /// The release of its content.
    pub released: Released,
}

/// A page of a file was written back to the file.
#[derive(Debug)]
pub(crate) struct WrittenBack {
    /// The frame.
    pub frame: Frame,
    /// The file.
    pub file: FileId,
    /// The file's page.
    pub page: u32,
    /// Whether any byte was written: the file may have been truncated before the page.
    pub wrote: bool,
}

/// A dirty page of a file that could not be written back.
#[derive(Debug)]
pub struct LostWrite {
    /// The file.
    pub file: FileId,
    /// The file's page.
    pub page: u32,
    /// The error of the file.
    pub error: io::Error,
}
