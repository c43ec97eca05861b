//! The vocabulary of the fault log: what the virtual memory did, event by event.
//!
//! # Invariants
//!
//! An event contains nothing that differs between hosts: no host address, no clock; time is guest
//! work. What a fault caused comes before the fault itself, which reports its outcome. The events
//! of [`Detail::Entries`], from the start, determine at any time which page is in which frame or
//! slot.

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::{Access, PageFaultCode, Ring};
use machine::pte::Pte;
use smallvec::SmallVec;

use crate::ids::{FileId, Owner, Slot};
pub use crate::place::Fate;

use crate::kill::{BadAccess, Kill};
use crate::space::region::{Protection, Region};

/// The level of detail of the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Detail {
    /// Every fault with its outcome, and every access that was refused.
    #[default]
    Faults,
    /// Also evictions and their reasons, write-back, and changes of regions.
    Evictions,
    /// Also every change that the kernel makes to a page-table entry.
    Entries,
}

/// Something that happened.
///
/// # Examples
///
/// ```
/// use vm::event::{Detail, Event, Eviction, Fate};
/// use vm::{Owner, replacement::Frame, slots::Slot};
///
/// let event = Event::Evicted(Eviction {
///     frame: Frame::new(8213),
///     owner: Owner(3),
///     page: machine::addr::Page::new(0x8050),
///     fate: Fate::SwappedOut(Slot::new(7)),
/// });
/// assert_eq!(
///     event.to_string(),
///     "evict frame=8213 pid=3 page=0x08050000: swap-out slot=7"
/// );
/// assert_eq!(event.detail(), Detail::Evictions);
/// ```
#[derive(Clone, Debug)]
pub enum Event {
    /// A page fault and its outcome.
    Fault(Fault),
    /// A program passed the kernel an address to which it has no right; nothing was accessed.
    Refused {
        /// The program's process.
        owner: Owner,
        /// The first bad address.
        addr: VirtAddr,
        /// The access that the kernel would have made.
        access: Access,
        /// The state of its page.
        state: PageState,
        /// Why the access was refused.
        why: BadAccess,
    },
    /// A page lost its frame.
    Evicted(Eviction),
    /// A page could not be written out; it stays in its frame.
    PageOutFailed {
        /// The frame.
        frame: Frame,
    },
    /// A dirty page was written back to its file without an eviction.
    WrittenBack {
        /// The frame that holds it.
        frame: Frame,
        /// The file.
        file: FileId,
        /// The file's page.
        page: u32,
    },
    /// A dirty page could not be written back when its last mapping ended; its changes are lost.
    WriteBackFailed {
        /// The file.
        file: FileId,
        /// The file's page.
        page: u32,
    },
    /// A frame was freed, because its content has no user any more.
    FrameFreed {
        /// The frame.
        frame: Frame,
    },
    /// A slot was freed, because its content has no user any more.
    SlotFreed {
        /// The slot.
        slot: Slot,
    },
    /// A region was added to an address space, or got other rights.
    Mapped {
        /// The owner of the address space.
        owner: Owner,
        /// The region.
        region: Region,
    },
    /// The regions in a range of an address space were removed.
    Unmapped {
        /// The owner of the address space.
        owner: Owner,
        /// First page.
        start: Page,
        /// The page after the last.
        end: Page,
    },
    /// The kernel changed the page-table entry of a user's page.
    Entry {
        /// The owner of the address space.
        owner: Owner,
        /// The page.
        page: Page,
        /// The old entry, with the bits that the hardware has set.
        old: Pte,
        /// The new entry.
        new: Pte,
    },
}

/// A page fault and its outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The sequence number of the fault on this machine, from 1.
    pub number: u64,
    /// The process.
    pub owner: Owner,
    /// The instruction that faulted, or the one after the system call that the kernel serves.
    pub eip: VirtAddr,
    /// The program's stack pointer.
    pub esp: VirtAddr,
    /// The faulting address, as in CR2.
    pub addr: VirtAddr,
    /// The kind of access.
    pub access: Access,
    /// Who made the access: the program, or the kernel for a system call of the program.
    pub ring: Ring,
    /// The error code that the hardware pushes.
    pub code: PageFaultCode,
    /// The state of the page before the fault.
    pub before: PageState,
    /// The outcome.
    pub outcome: Outcome,
    /// The evictions that it caused: at most one, or two if a page was swapped in and copied.
    pub displaced: SmallVec<[Eviction; 1]>,
}

/// A page lost its frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Eviction {
    /// The frame.
    pub frame: Frame,
    /// The first of the page's users.
    pub owner: Owner,
    /// That user's page.
    pub page: Page,
    /// Where the content went.
    pub fate: Fate,
}

/// The state of a page in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageState {
    /// The kind of its region; `None` if it is in no region.
    pub area: Option<Area>,
    /// What a program may do there.
    pub rights: Protection,
    /// Where its content is.
    pub place: PagePlace,
}

/// The kind of a region in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    /// A read-only segment of the executable.
    Code,
    /// A writable segment, as far as it is backed by the file.
    Data,
    /// The zero-filled part of a writable segment.
    Bss,
    /// The stack.
    Stack,
    /// A mapping, by its number.
    Mapping(u32),
}

/// Where the content of a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PagePlace {
    /// Nowhere: the page is in no region.
    Unmapped,
    /// Nowhere yet: it is still as its region defines it.
    Untouched,
    /// On the swap device.
    Slot(Slot),
    /// In a frame.
    Frame(Frame),
}

/// The outcome of a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A frame of zeros.
    ZeroFilled(Frame),
    /// A frame of zeros for a page of the stack that was never touched: the stack has grown.
    StackGrown(Frame),
    /// Read from a file, from this offset in bytes.
    FileRead(Frame, FileId, u64),
    /// A frame that holds the content for other pages already.
    Shared(Frame),
    /// Read from a swap slot.
    SwappedIn(Frame, Slot),
    /// Read from a swap slot for several users, and copied to a second frame for the one that
    /// stores.
    SwappedInAndCopied(Frame, Slot, Frame),
    /// A private copy of a shared page: copy-on-write.
    Copied(Frame),
    /// A page of a file without other users, removed from the page cache to become private.
    Claimed(Frame),
    /// The entry only lacked rights that the page now has.
    Upgraded(Frame),
    /// Not resolved yet: all frames are being filled by disks.
    Waited,
    /// Not resolved.
    Killed(Kill),
}

impl Event {
    /// Returns the lowest level of detail at which it is logged.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self {
            Event::Fault(_)
            | Event::Refused { .. }
            | Event::PageOutFailed { .. }
            | Event::WriteBackFailed { .. } => Detail::Faults,
            Event::Evicted(_)
            | Event::WrittenBack { .. }
            | Event::FrameFreed { .. }
            | Event::SlotFreed { .. }
            | Event::Mapped { .. }
            | Event::Unmapped { .. } => Detail::Evictions,
            Event::Entry { .. } => Detail::Entries,
        }
    }
}

impl Outcome {
    /// Returns whether it is a major fault: a disk had to be read.
    #[must_use]
    pub fn is_major(self) -> bool {
        matches!(
            self,
            Outcome::FileRead(..) | Outcome::SwappedIn(..) | Outcome::SwappedInAndCopied(..)
        )
    }

    /// Returns the frame that the page is in now, if the fault was resolved.
    #[must_use]
    pub fn frame(self) -> Option<Frame> {
        match self {
            Outcome::ZeroFilled(frame)
            | Outcome::StackGrown(frame)
            | Outcome::FileRead(frame, ..)
            | Outcome::Shared(frame)
            | Outcome::SwappedIn(frame, _)
            | Outcome::SwappedInAndCopied(.., frame)
            | Outcome::Copied(frame)
            | Outcome::Claimed(frame)
            | Outcome::Upgraded(frame) => Some(frame),
            Outcome::Waited | Outcome::Killed(_) => None,
        }
    }
}
