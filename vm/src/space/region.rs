//! Regions: what a range of pages may hold, touched or not. Linux calls them VMAs.
//!
//! # Invariants
//!
//! A region is not empty and lies in user space. A region with [`Backing::Mixed`] is a single page.
//! Splitting a region changes nothing for any page.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use bitflags::bitflags;
use machine::addr::{PAGE_SIZE, Page};

use crate::ids::MapId;
use crate::space::file::FileRef;

bitflags! {
    /// What a program may do in a region. 32-bit paging cannot forbid execution of what can be
    /// read, nor reading of what can be written (SDM vol. 3, 4.6.1); inspectors show the finer
    /// rights.
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

/// Where stores to a region that is backed by a file are visible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    /// In the process alone: copy-on-write (`MAP_PRIVATE`).
    Private,
    /// In all mappings of the file, and in the file itself (`MAP_SHARED`).
    Shared,
}

/// What a region is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A segment of the executable without the right to write.
    Code,
    /// A segment of the executable with that right.
    Data,
    /// The stack, up to its largest size. A page that was never touched is only accessible near the
    /// stack pointer or above it.
    Stack,
    /// A mapped file.
    Mapping(MapId),
}

/// A piece of a file within one page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Piece {
    /// Its offset in the page, in bytes.
    pub at: u16,
    /// Its length in bytes; `at + bytes` is at most 4096.
    pub bytes: u16,
    /// Its offset in the file, in bytes.
    pub offset: u64,
}

/// What the pages of a region hold before they are stored to.
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
    /// One page assembled from pieces of a file, later ones over earlier ones, zero elsewhere. For
    /// segments that share a page.
    Mixed {
        /// The file.
        file: FileRef,
        /// Its pieces.
        pieces: Rc<[Piece]>,
    },
}

/// A file to be mapped.
pub struct FileMapping {
    /// The first page of the mapping.
    pub start: Page,
    /// The number of pages.
    pub pages: u32,
    /// The file.
    pub file: FileRef,
    /// The file's page that is mapped at `start`.
    pub first: u32,
    /// What the program may do there.
    pub protection: Protection,
    /// Where its stores are visible.
    pub sharing: Sharing,
}

impl std::fmt::Debug for FileMapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileMapping").finish_non_exhaustive()
    }
}

/// A range of pages with the same rights and the same backing.
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
    /// Where its stores are visible.
    pub sharing: Sharing,
    /// What it is for.
    pub purpose: Purpose,
    /// What its untouched pages hold.
    pub backing: Backing,
}

impl Region {
    /// Returns its pages.
    #[must_use]
    pub fn pages(&self) -> Range<Page> {
        self.start..self.end
    }

    /// Returns the number of pages.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.end.number() - self.start.number()
    }

    /// Returns whether it has no page; such a region is never added to an address space.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Returns whether stores go to the file and to all its mappings.
    #[must_use]
    pub fn is_shared_file(&self) -> bool {
        self.sharing == Sharing::Shared && matches!(self.backing, Backing::File { .. })
    }

    /// Returns the file and its page that backs `page` as a whole, if one does.
    #[must_use]
    pub fn file_page(&self, page: Page) -> Option<(&FileRef, u32)> {
        match &self.backing {
            Backing::File { file, first } => {
                Some((file, first + (page.number() - self.start.number())))
            }
            _ => None,
        }
    }

    /// Returns whether `next` begins where this region ends and continues it, so that both can be
    /// joined.
    #[must_use]
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
            // Mixed pages stay single pages.
            _ => false,
        };
        let kind = |region: &Region| (region.protection, region.sharing, region.purpose);
        self.end == next.start && backing && kind(self) == kind(next)
    }

    /// Returns whether the region can be added to an address space.
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
