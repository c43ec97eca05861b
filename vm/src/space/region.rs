//! Regions: what may be in a range of pages, whether or not anything there was ever touched.
//!
//! # Invariants
//!
//! A region is not empty and lies in user space; one whose backing is [`Backing::Mixed`] is a
//! single page; splitting a region changes nothing about any page.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use bitflags::bitflags;
use machine::addr::{PAGE_SIZE, Page};

use crate::ids::MapId;
use crate::space::file::FileRef;

bitflags! {
    /// What a program may do in a region. i386 paging cannot forbid execution of what can be
    /// read, nor reading of what can be written; the finer rights are kept for the inspectors.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct Protection: u8 {
        /// Loads.
        const READ = 1;
        /// Stores.
        const WRITE = 2;
        /// Instruction fetches.
        const EXEC = 4;
    }
}

/// `rwx`, with `-` for what is not allowed.
impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (right, letter) in [(Self::READ, "r"), (Self::WRITE, "w"), (Self::EXEC, "x")] {
            f.write_str(if self.contains(right) { letter } else { "-" })?;
        }
        Ok(())
    }
}

/// Who sees stores to a region that is backed by a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    /// The process alone: a store makes a copy of its own.
    Private,
    /// All who map the file, and the file itself.
    Shared,
}

/// What a region is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A segment of the executable without the right to write.
    Code,
    /// A segment of the executable with that right.
    Data,
    /// The room for the stack. A page of it that was never touched is only there for an access
    /// that is not far below the stack pointer.
    Stack,
    /// A mapped file.
    Mapping(MapId),
}

/// A piece of a file within one page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Piece {
    /// Where in the page it starts, in bytes.
    pub at: u16,
    /// Its length in bytes; `at + bytes` is at most 4096.
    pub bytes: u16,
    /// Where in the file it comes from, in bytes.
    pub offset: u64,
}

/// What the pages of a region hold before anyone stores to them.
#[derive(Clone)]
pub enum Backing {
    /// Zeros.
    Zero,
    /// Whole pages of a file: page `start + i` holds the file's page `first + i`, with zeros
    /// past the file's end.
    File {
        /// The file.
        file: FileRef,
        /// The file's page that the region begins with.
        first: u32,
    },
    /// One page put together from pieces of a file, later ones over earlier ones, zero elsewhere.
    Mixed {
        /// The file.
        file: FileRef,
        /// Its pieces.
        pieces: Rc<[Piece]>,
    },
}

/// A file to be mapped.
pub struct FileMapping {
    /// Where.
    pub start: Page,
    /// How many pages.
    pub pages: u32,
    /// The file.
    pub file: FileRef,
    /// The file's page that goes to `start`.
    pub first: u32,
    /// What the program may do there.
    pub protection: Protection,
    /// Who sees its stores.
    pub sharing: Sharing,
}

/// What may be in a range of pages.
///
/// # Examples
///
/// ```
/// use machine::addr::Page;
/// use vm::event::Area;
/// use vm::{Backing, Protection, Purpose, Region, Sharing};
///
/// let bss = Region {
///     start: Page::new(0x8050),
///     end: Page::new(0x8060),
///     protection: Protection::READ | Protection::WRITE,
///     sharing: Sharing::Private,
///     purpose: Purpose::Data,
///     backing: Backing::Zero,
/// };
/// assert_eq!(bss.len(), 16);
/// assert_eq!(bss.protection.to_string(), "rw-");
/// assert_eq!(Area::of(&bss), Area::Bss);
///
/// // Two neighbours of a kind can be one region.
/// let more = Region { start: bss.end, end: Page::new(0x8061), ..bss.clone() };
/// assert!(bss.goes_on_as(&more));
/// ```
#[derive(Clone, Debug)]
pub struct Region {
    /// First page.
    pub start: Page,
    /// The page after the last.
    pub end: Page,
    /// What the program may do there.
    pub protection: Protection,
    /// Who sees its stores.
    pub sharing: Sharing,
    /// What it is for.
    pub purpose: Purpose,
    /// What its untouched pages hold.
    pub backing: Backing,
}

impl Region {
    /// Its pages.
    pub fn pages(&self) -> Range<Page> {
        self.start..self.end
    }

    /// How many pages it has.
    pub fn len(&self) -> u32 {
        self.end.number() - self.start.number()
    }

    /// Whether it has no page; such a region is never added to an address space.
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Whether stores go to the file and to all who map it.
    pub fn is_shared_file(&self) -> bool {
        self.sharing == Sharing::Shared && matches!(self.backing, Backing::File { .. })
    }

    /// The page of the file that backs `page` whole, with the file.
    pub fn file_page(&self, page: Page) -> Option<(&FileRef, u32)> {
        match &self.backing {
            Backing::File { file, first } => {
                Some((file, first + (page.number() - self.start.number())))
            }
            _ => None,
        }
    }

    /// Whether `next` begins where this one ends and is the same otherwise, so that both can be one.
    pub fn goes_on_as(&self, next: &Region) -> bool {
        let backing = match (&self.backing, &next.backing) {
            (Backing::Zero, Backing::Zero) => true,
            (
                Backing::File { file, first },
                Backing::File {
                    file: next_file,
                    first: next_first,
                },
            ) => file.id() == next_file.id() && first + self.len() == *next_first,
            _ => false,
        };
        let kind = |region: &Region| (region.protection, region.sharing, region.purpose);
        self.end == next.start && backing && kind(self) == kind(next)
    }

    /// Whether the region can be added to an address space.
    pub(crate) fn is_sound(&self) -> bool {
        let pieces_fit = match &self.backing {
            Backing::Mixed { pieces, .. } => {
                self.len() == 1
                    && pieces
                        .iter()
                        .all(|p| u32::from(p.at) + u32::from(p.bytes) <= PAGE_SIZE)
            }
            Backing::File { first, .. } => first.checked_add(self.len()).is_some(),
            Backing::Zero => true,
        };
        !self.is_empty()
            && self.start.is_user()
            && self.end <= machine::addr::KERNEL_PAGE
            && pieces_fit
    }
}

impl fmt::Debug for Backing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backing::Zero => write!(f, "Zero"),
            Backing::File { file, first } => write!(f, "File({}, page {first})", file.id()),
            Backing::Mixed { file, pieces } => write!(f, "Mixed({}, {pieces:?})", file.id()),
        }
    }
}
