//! One step of a recording: an event in compact form.
//!
//! # Invariants
//!
//! A step has only what follows from its event and the executable.

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
    /// The guest work at which it happened, as its process sees it. Steps of a process that is
    /// served while a disk works for it may come before steps of others with a lower number.
    pub work: u64,
    /// The slot that its changes emptied, because the page came into a frame. This is the step of
    /// the page's fault, or of an eviction that made room for a copy of it.
    pub emptied: Option<Slot>,
    /// What happened.
    pub what: What,
}

/// The kernel changed the page-table entry of a user's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryChange {
    /// The address space.
    pub owner: Owner,
    /// The page.
    pub page: Page,
    /// The entry before, with the bits that the MMU had set.
    pub old: Pte,
    /// The entry after.
    pub new: Pte,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// Only changes of entries.
    Entries,
    /// A page fault, after the evictions that it led to.
    Fault(Fault),
    /// A program passed the kernel an address that it may not use.
    Refused {
        /// The address space.
        owner: Owner,
        /// The first address in question.
        addr: VirtAddr,
        /// The access that the kernel would have made.
        access: Access,
        /// Why it was refused.
        why: Text,
    },
    /// A page lost its frame.
    Evicted(Eviction),
    /// A page could not be written out.
    PageOutFailed {
        /// Its frame.
        frame: Frame,
    },
    /// A dirty page was written to its file without being evicted.
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
    /// The content of a frame has no user any more.
    FrameFreed {
        /// The frame.
        frame: Frame,
    },
    /// The content of a slot has no user any more.
    SlotFreed {
        /// The slot.
        slot: Slot,
    },
    /// An address space got a region.
    Mapped {
        /// The address space.
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
    /// An address space lost its regions in a range.
    Unmapped {
        /// The address space.
        owner: Owner,
        /// First page.
        start: Page,
        /// The page after the last.
        end: Page,
    },
    /// A process was started.
    Started {
        /// The process.
        pid: Pid,
        /// Its parent.
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
        /// The address of the instruction.
        eip: VirtAddr,
        /// The line of source.
        at: Option<Text>,
    },
    /// A process ended.
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
    /// The address space.
    pub owner: Owner,
    /// The instruction, or the one after the system call.
    pub eip: VirtAddr,
    /// Its line of source.
    pub at: Option<Text>,
    /// The faulting address.
    pub addr: VirtAddr,
    /// The symbol at that address.
    pub symbol: Option<Text>,
    /// The access.
    pub access: Access,
    /// The ring of the access.
    pub ring: Ring,
    /// The error code.
    pub code: PageFaultCode,
    /// The state of the page before.
    pub before: PageState,
    /// How it was resolved.
    pub outcome: Outcome,
}

impl What {
    /// Returns the address space that the step is about, if any.
    #[must_use]
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
