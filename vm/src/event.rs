//! The vocabulary of the fault log: what the virtual memory did, event by event.
//!
//! What always holds: an event says nothing that differs between hosts: no host address, no clock;
//! time is guest work.

use std::fmt;

use emu::addr::{Frame, Page, VirtAddr};
use emu::mmu::Access;

use crate::file::FileId;
use crate::kill::Kill;
use crate::space::Owner;
use crate::swap::Slot;

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A page fault, and what it led to.
    Fault {
        /// Whose.
        owner: Owner,
        /// The faulting address.
        addr: VirtAddr,
        /// What was tried there.
        access: Access,
        /// How it ended.
        outcome: Outcome,
    },
    /// A page lost its frame.
    Evicted {
        /// The frame.
        frame: Frame,
        /// The first of its users.
        owner: Owner,
        /// That user's page.
        page: Page,
        /// What became of the content.
        fate: Fate,
    },
    /// A page could not be written out; it stays in its frame.
    PageOutFailed {
        /// The frame.
        frame: Frame,
    },
    /// A dirty page could not be written back when its last mapping ended; its changes are lost.
    WriteBackFailed {
        /// The file.
        file: FileId,
        /// The file's page.
        page: u32,
    },
}

/// How a fault was resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A frame of zeros.
    ZeroFilled(Frame),
    /// Read from a file.
    FileRead(Frame, FileId),
    /// A frame that another page of the same content was using.
    Shared(Frame),
    /// Read from a swap slot.
    SwappedIn(Frame, Slot),
    /// A private copy of a shared page.
    Copied(Frame),
    /// A page of a file with no other user, taken out of the page cache for its own.
    Claimed(Frame),
    /// The entry only lacked rights that the page has by now.
    Upgraded(Frame),
    /// Not yet: all frames are being filled by disks.
    Waited,
    /// Not at all.
    Killed(Kill),
}

impl Outcome {
    /// Whether a disk had to be read.
    pub fn is_major(self) -> bool {
        matches!(self, Outcome::FileRead(..) | Outcome::SwappedIn(..))
    }
}

/// What became of an evicted content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Dropped: its source gives it again.
    Dropped,
    /// Written to swap.
    SwappedOut(Slot),
    /// Written back to its file.
    WrittenBack(FileId),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Fault {
                owner,
                addr,
                access,
                outcome,
            } => {
                let access = match access {
                    Access::Read => "read",
                    Access::Write => "write",
                    Access::Fetch => "fetch",
                };
                write!(f, "fault pid={} addr={addr} {access}: {outcome}", owner.0)
            }
            Event::Evicted {
                frame,
                owner,
                page,
                fate,
            } => {
                write!(
                    f,
                    "evict frame={frame} pid={} page={}: {fate}",
                    owner.0,
                    page.start()
                )
            }
            Event::PageOutFailed { frame } => {
                write!(f, "evict frame={frame}: page-out failed, the page stays")
            }
            Event::WriteBackFailed { file, page } => {
                write!(
                    f,
                    "write-back of page {page} of file {file} failed, its changes are lost"
                )
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::ZeroFilled(frame) => write!(f, "zero-fill frame={frame}"),
            Outcome::FileRead(frame, file) => write!(f, "file-read {file} frame={frame}"),
            Outcome::Shared(frame) => write!(f, "share frame={frame}"),
            Outcome::SwappedIn(frame, slot) => write!(f, "swap-in slot={slot} frame={frame}"),
            Outcome::Copied(frame) => write!(f, "copy frame={frame}"),
            Outcome::Claimed(frame) => write!(f, "claim frame={frame}"),
            Outcome::Upgraded(frame) => write!(f, "upgrade frame={frame}"),
            Outcome::Waited => write!(f, "wait for a frame"),
            Outcome::Killed(kill) => write!(f, "killed: {kill}"),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Dropped => write!(f, "dropped"),
            Fate::SwappedOut(slot) => write!(f, "swap-out slot={slot}"),
            Fate::WrittenBack(file) => write!(f, "write-back {file}"),
        }
    }
}
