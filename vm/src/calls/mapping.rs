//! Adding and removing regions: segments and the stack at exec, mapped files at any time.
//!
//! # Invariants
//! No two regions of an address space overlap, and their number is limited. The stack is one region
//! of its largest size, however far it has grown. Removing a region releases the contents of its
//! pages.

use std::ops::Range;

use machine::addr::{KERNEL_PAGE, PAGE_SIZE, Page};

use crate::ids::{MapId, SpaceId};
use crate::pager::Pager;
use crate::refused::{MapError, UnmapError};
use crate::residency::change::LostWrite;
use crate::space::region::{Backing, FileMapping, Protection, Purpose, Region, Sharing};

/// The largest size of a stack in pages: 8 MiB.
pub const STACK_PAGES: u32 = 8 * 1024 * 1024 / PAGE_SIZE;

impl From<LostWrite> for UnmapError {
    fn from(lost: LostWrite) -> UnmapError {
        UnmapError::WriteBack {
            page: lost.page,
            source: lost.error,
        }
    }
}

impl Pager {
    /// Adds a region to an address space. Nothing is read and no page table is allocated: its pages
    /// are loaded lazily.
    ///
    /// # Errors
    /// [`MapError`]; nothing changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use kit::Machine;
    /// use machine::addr::Page;
    /// use vm::{Backing, MapError, Protection, Purpose, Region, Sharing, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// let region = Region {
    ///     start: Page::new(0x0a000),
    ///     end: Page::new(0x0a004),
    ///     protection: Protection::READ | Protection::WRITE,
    ///     sharing: Sharing::Private,
    ///     purpose: Purpose::Data,
    ///     backing: Backing::Zero,
    /// };
    /// machine.vm.map(space, region.clone())?;
    /// assert_eq!(machine.vm.map(space, region), Err(MapError::Overlap));
    /// machine.store(space, 0x0a00_3fff, 7)?;
    /// assert_eq!(machine.load(space, 0x0a00_3fff)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map(&mut self, space: SpaceId, region: Region) -> Result<(), MapError> {
        if !region.is_sound() {
            return Err(MapError::BadRange);
        }
        let pages = region.pages();
        let regions = self.space(space).spt().regions();
        if regions.within(pages.clone()).next().is_some() {
            return Err(MapError::Overlap);
        }
        Ok(self.add_region(space, region)?)
    }

    /// Adds the region of a stack that starts at the end of user space.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: [`STACK_PAGES`] pages up to the end of user space are a region for the stack: zeros that
    ///   may be read and written, private to the process. No page of it is in a frame.
    ///
    /// # Errors
    /// [`MapError::Overlap`] if something is there already.
    ///
    /// # Examples
    ///
    // lab 3 example
    /// ```
    /// use kit::Machine;
    /// use machine::addr::VirtAddr;
    /// use vm::{Access, BadAccess, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// machine.vm.add_stack(space)?;
    /// let esp = VirtAddr(0xbffe_0000);
    /// machine.access(space, esp, Access::Write, esp)?;
    /// let far_below = VirtAddr(0xbff0_0000);
    /// let refused = machine.access(space, far_below, Access::Write, esp);
    /// assert_eq!(refused, Err(BadAccess::BelowStack.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_stack(&mut self, space: SpaceId) -> Result<(), MapError> {
        // lab 3.1: make room for a stack that grows
        self.map(
            space,
            Region {
                start: Page::new(KERNEL_PAGE.number() - STACK_PAGES),
                end: KERNEL_PAGE,
                protection: Protection::READ | Protection::WRITE,
                sharing: Sharing::Private,
                purpose: Purpose::Stack,
                backing: Backing::Zero,
            },
        )
        // lab given
        // | // Until 3.1: the stack has one page, and never more.
        // | let start = Page::new(KERNEL_PAGE.number() - 1);
        // | let page = Region {
        // |     start,
        // |     end: KERNEL_PAGE,
        // |     protection: Protection::READ | Protection::WRITE,
        // |     sharing: Sharing::Private,
        // |     purpose: Purpose::Stack,
        // |     backing: Backing::Zero,
        // | };
        // | self.map(space, page)
        // lab end
    }

    /// Maps a file. Returns the id with which the mapping is ended.
    ///
    /// # Contract
    /// - Before: nothing; the pages may be anywhere, used or past the end of user space.
    /// - After: the pages are a region that is backed by the file from its page `first` on. Nothing was
    ///   read. The number is not that of any other mapping that the address space ever had.
    ///
    /// # Errors
    /// [`MapError`]; nothing changed.
    ///
    /// # Examples
    ///
    // lab 7 example
    /// ```
    /// use kit::{Machine, MemFile};
    /// use vm::{FileRef, Sharing, VmOptions};
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// let disk = MemFile::new(1, b"old text".to_vec());
    /// let file: FileRef = disk.clone();
    /// let mapping = machine.mmap(space, 0x0a00_0000, &file, Sharing::Shared);
    ///
    /// machine.store(space, 0x0a00_0000, b'b')?;
    /// assert_eq!(disk.on_disk(), b"old text"); // not yet
    /// machine.vm.munmap(space, mapping)?;
    /// assert_eq!(disk.on_disk(), b"bld text");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mmap(&mut self, space: SpaceId, mapping: FileMapping) -> Result<MapId, MapError> {
        // lab 7.1: map a file
        // Checked: a program chooses both numbers, and their sum may exceed 2^32.
        let end = mapping.start.number().checked_add(mapping.pages);
        let end = end
            .filter(|end| *end <= KERNEL_PAGE.number())
            .ok_or(MapError::BadRange)?;
        let id = self.new_map_id(space);
        self.map(
            space,
            Region {
                start: mapping.start,
                end: Page::new(end),
                protection: mapping.protection,
                sharing: mapping.sharing,
                purpose: Purpose::Mapping(id),
                backing: Backing::File {
                    file: mapping.file,
                    first: mapping.first,
                },
            },
        )?;
        Ok(id)
        // lab given
        // | // Until 7.1: no file can be mapped.
        // | Err(MapError::BadRange)
        // lab end
    }

    /// Maps anonymous memory: private pages of zeros.
    ///
    /// # Errors
    /// [`MapError`]; nothing changed.
    pub fn mmap_zeros(
        &mut self,
        space: SpaceId,
        pages: Range<Page>,
        protection: Protection,
    ) -> Result<(), MapError> {
        let id = self.new_map_id(space);
        self.map(
            space,
            Region {
                start: pages.start,
                end: pages.end,
                protection,
                sharing: Sharing::Private,
                purpose: Purpose::Mapping(id),
                backing: Backing::Zero,
            },
        )
    }

    /// Ends a mapping; dirty pages of a shared one are written back.
    ///
    /// # Errors
    /// [`UnmapError`]; the mapping is gone, if there was one.
    pub fn munmap(&mut self, space: SpaceId, id: MapId) -> Result<(), UnmapError> {
        let regions = self.space(space).spt().regions();
        // Several, if `unmap` or `protect` has split the mapping.
        let parts: Vec<_> = regions
            .iter()
            .filter(|r| r.purpose == Purpose::Mapping(id))
            .map(Region::pages)
            .collect();
        if parts.is_empty() {
            return Err(UnmapError::NoSuchMapping);
        }
        let mut result = Ok(());
        for pages in parts {
            result = result.and(self.unmap(space, pages));
        }
        result
    }

    /// Removes regions and contents from a range of pages.
    ///
    /// # Errors
    /// [`UnmapError::WriteBack`] for the first page that could not be written back; the whole range
    /// is unmapped all the same. [`UnmapError::TooManyRegions`]; nothing changed.
    pub fn unmap(&mut self, space: SpaceId, pages: Range<Page>) -> Result<(), UnmapError> {
        let lost = self.take_away(space, pages)?;
        self.debug_check();
        lost.map_or(Ok(()), |lost| Err(lost.into()))
    }
}
