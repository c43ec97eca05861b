//! One step of a recording: an event, as small as can be.
//!
//! # Invariants
//!
//! A step says nothing that cannot be had from its event and the executable that ran.

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::{Access, PageFaultCode, Ring};
use machine::pte::Pte;
use userprog::process::ExitStatus;
use userprog::{Origin, process::Pid};
use vm::Slot;
use vm::event::{Eviction, Outcome, PageState};
use vm::{FileId, Owner};

use super::Text;

/// An event, after changes of page-table entries.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The guest work at which it was, as the process that it is about sees it: while one is served
    /// for which disks still work, others' steps may bear a lower number.
    pub work: u64,
    /// Where its changes end among those of all steps; they begin where those of the step before
    /// end.
    pub entries_end: u32,
    /// The slot that its changes emptied: the page that was there came into a frame. That is so in the
    /// step of its fault, or in that of an eviction for a copy of it.
    pub emptied: Option<Slot>,
    /// What happened.
    pub what: What,
}

/// The kernel changed the page-table entry of a user's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryChange {
    /// Whose.
    pub owner: Owner,
    /// The page.
    pub page: Page,
    /// The entry before, with what the hardware had set in it.
    pub old: Pte,
    /// The entry from then on.
    pub new: Pte,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// Nothing but the changes of entries.
    Entries,
    /// A page fault, after the evictions that it led to.
    Fault(Fault),
    /// A program handed the kernel an address to which it has no right.
    Refused {
        /// Whose.
        owner: Owner,
        /// The first address in question.
        addr: VirtAddr,
        /// What the kernel would have done there.
        access: Access,
        /// Why it did not.
        why: Text,
    },
    /// A page lost its frame.
    Evicted(Eviction),
    /// A page could not be written out.
    PageOutFailed {
        /// Its frame.
        frame: Frame,
    },
    /// A dirty page was written to its file, other than by its eviction.
    WrittenBack {
        /// Its frame.
        frame: Frame,
        /// The file.
        file: FileId,
        /// The file's page.
        page: u32,
    },
    /// A dirty page could not be written back, and is lost.
    WriteBackFailed {
        /// The file.
        file: FileId,
        /// The file's page.
        page: u32,
    },
    /// Nobody has the content of a frame any more.
    FrameFreed {
        /// The frame.
        frame: Frame,
    },
    /// Nobody has the content of a slot any more.
    SlotFreed {
        /// The slot.
        slot: Slot,
    },
    /// An address space got a region.
    Mapped {
        /// Whose.
        owner: Owner,
        /// First page.
        start: Page,
        /// The page after the last.
        end: Page,
        /// What it is.
        area: Text,
        /// `rw-p`; `s` for shared with its file.
        rights: Text,
        /// Where its pages come from.
        from: Text,
    },
    /// An address space lost what it had in a range.
    Unmapped {
        /// Whose.
        owner: Owner,
        /// First page.
        start: Page,
        /// The page after the last.
        end: Page,
    },
    /// There is a new process.
    Started {
        /// The process.
        pid: Pid,
        /// Who started it.
        parent: Option<Pid>,
        /// Its name.
        name: Text,
        /// Whether it is a copy of its parent.
        origin: Origin,
    },
    /// Another process is on the CPU.
    Running {
        /// The process.
        pid: Pid,
    },
    /// A process made a system call.
    Called {
        /// The process.
        pid: Pid,
        /// The call.
        name: Text,
    },
    /// A process died of an exception other than a page fault.
    Died {
        /// The process.
        pid: Pid,
        /// The exception.
        exception: Text,
        /// Where.
        eip: VirtAddr,
        /// The line of source.
        at: Option<Text>,
    },
    /// A process is at its end.
    Ended {
        /// The process.
        pid: Pid,
        /// How.
        status: ExitStatus,
    },
}

/// A page fault.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Whose.
    pub owner: Owner,
    /// The instruction, or the one after the system call.
    pub eip: VirtAddr,
    /// Its line of source.
    pub at: Option<Text>,
    /// The faulting address.
    pub addr: VirtAddr,
    /// What lies there.
    pub symbol: Option<Text>,
    /// What was tried there.
    pub access: Access,
    /// By whom.
    pub ring: Ring,
    /// The error code.
    pub code: PageFaultCode,
    /// What the page was.
    pub before: PageState,
    /// How it ended.
    pub outcome: Outcome,
}

impl What {
    /// Whose step it is, if anybody's.
    pub fn owner(&self) -> Option<Owner> {
        match self {
            What::Fault(Fault { owner, .. })
            | What::Refused { owner, .. }
            | What::Evicted(Eviction { owner, .. })
            | What::Mapped { owner, .. }
            | What::Unmapped { owner, .. } => Some(*owner),
            What::Started { pid, .. }
            | What::Running { pid }
            | What::Called { pid, .. }
            | What::Died { pid, .. }
            | What::Ended { pid, .. } => Some(Owner(pid.0)),
            What::Entries
            | What::PageOutFailed { .. }
            | What::WrittenBack { .. }
            | What::WriteBackFailed { .. }
            | What::FrameFreed { .. }
            | What::SlotFreed { .. } => None,
        }
    }
}
