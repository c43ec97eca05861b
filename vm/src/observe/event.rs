//! The vocabulary of the fault log: what the virtual memory did, event by event.
//!
//! # Invariants
//!
//! An event says nothing that differs between hosts: no host address, no clock; time is guest work.
//! What a fault led to comes before the fault itself, which tells how it ended. Whoever has seen
//! the events of [`Detail::Entries`] from the start knows, at any time, which page is in which
//! frame or slot.

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::{Access, PageFaultCode, Ring};
use machine::pte::Pte;
use smallvec::SmallVec;

use crate::ids::{FileId, Owner, Slot};
pub use crate::place::Fate;

use crate::kill::{BadAccess, Kill};
use crate::space::region::{Protection, Region};

/// How much is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Detail {
    /// Every fault with what it led to, and every access that was refused.
    #[default]
    Faults,
    /// Pages that lost their frame and why, traffic of files, and regions that come and go as well.
    Evictions,
    /// Every change that the kernel makes to a page-table entry as well.
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
    /// A page fault, and what it led to.
    Fault(Fault),
    /// A program handed the kernel an address to which it has no right; nothing was accessed.
    Refused {
        /// Whose program.
        owner: Owner,
        /// The first address in question.
        addr: VirtAddr,
        /// What the kernel would have done there.
        access: Access,
        /// What its page is.
        state: PageState,
        /// Why it did not.
        why: BadAccess,
    },
    /// A page lost its frame.
    Evicted(Eviction),
    /// A page could not be written out; it stays in its frame.
    PageOutFailed {
        /// The frame.
        frame: Frame,
    },
    /// A dirty page was written to its file, other than by its eviction.
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
    /// The content of a frame is gone: nobody has it any more.
    FrameFreed {
        /// The frame.
        frame: Frame,
    },
    /// The content of a slot is gone, other than by being read back: nobody has it any more.
    SlotFreed {
        /// The slot.
        slot: Slot,
    },
    /// An address space got a region, or one with other rights in the place of an old one.
    Mapped {
        /// Whose.
        owner: Owner,
        /// The region.
        region: Region,
    },
    /// An address space lost whatever regions it had in a range.
    Unmapped {
        /// Whose.
        owner: Owner,
        /// First page.
        start: Page,
        /// The page after the last.
        end: Page,
    },
    /// The kernel changed the page-table entry of a user's page.
    Entry {
        /// Whose.
        owner: Owner,
        /// The page.
        page: Page,
        /// The entry before, with what the hardware had set in it.
        old: Pte,
        /// The entry from now on.
        new: Pte,
    },
}

/// A page fault, and what it led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The number of the fault, counted over the whole machine from 1.
    pub number: u64,
    /// Whose.
    pub owner: Owner,
    /// The instruction that faulted, or the one after the system call that the kernel serves.
    pub eip: VirtAddr,
    /// The program's stack pointer.
    pub esp: VirtAddr,
    /// The faulting address, as in CR2.
    pub addr: VirtAddr,
    /// What was tried there.
    pub access: Access,
    /// By whom: the program, or the kernel for a system call of the program's.
    pub ring: Ring,
    /// The error code that the hardware pushes.
    pub code: PageFaultCode,
    /// What the page was before.
    pub before: PageState,
    /// How it ended.
    pub outcome: Outcome,
    /// Whose pages lost their frames for it: one at the most, or two where a page came from swap
    /// and was copied.
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
    /// What became of the content.
    pub fate: Fate,
}

/// What a page is, to a reader of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageState {
    /// What it lies in; `None` if in no region.
    pub area: Option<Area>,
    /// What a program may do there.
    pub rights: Protection,
    /// Where its content is.
    pub place: PagePlace,
}

/// What a region is to a reader of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    /// A segment of the executable that cannot be written.
    Code,
    /// A segment that can, with its part of the file.
    Data,
    /// The part of such a segment that begins as zeros.
    Bss,
    /// The room of the stack.
    Stack,
    /// A mapping, by its number.
    Mapping(u32),
}

/// Where the content of a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PagePlace {
    /// Nowhere: the page is in no region.
    Unmapped,
    /// Nowhere yet: its region says zeros or file.
    Untouched,
    /// On the swap device.
    Slot(Slot),
    /// In a frame.
    Frame(Frame),
}

/// How a fault was resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A frame of zeros.
    ZeroFilled(Frame),
    /// A frame of zeros for a page of the stack that was never touched: the stack has grown.
    StackGrown(Frame),
    /// Read from a file, from this offset in bytes.
    FileRead(Frame, FileId, u64),
    /// A frame that another page of the same content was using.
    Shared(Frame),
    /// Read from a swap slot.
    SwappedIn(Frame, Slot),
    /// Read from a swap slot for several pages, and copied into a second frame for the one that is
    /// stored to.
    SwappedInAndCopied(Frame, Slot, Frame),
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

impl Event {
    /// The least detail at which it is told.
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
    /// Whether a disk had to be read.
    pub fn is_major(self) -> bool {
        matches!(
            self,
            Outcome::FileRead(..) | Outcome::SwappedIn(..) | Outcome::SwappedInAndCopied(..)
        )
    }

    /// The frame that the page is in now, if it came to that.
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
