//! Loading regions into frames: at exec, and at fork as copies.
//!
//! # Invariants
//!
//! A region that could not be loaded leaves nothing behind.

use machine::addr::{KERNEL_PAGE, PAGE_SIZE, Page};
use machine::memory::FrameBytes;
use machine::work::Work;

use crate::ids::{Owner, SpaceId, User};
use crate::kill::Kill;
use crate::observe::event::Event;
use crate::pager::{Pager, rights};
use crate::refused::{ForkError, MapError};
use crate::space::region::{Backing, Protection, Purpose, Region, Sharing};
use crate::tell::LOG_TARGET;

/// The stack: one page, which does not grow.
const STACK: Page = Page::new(KERNEL_PAGE.number() - 1);

impl Pager {
    /// Adds a region to an address space, with a frame for each of its pages.
    ///
    /// # Errors
    /// [`MapError`]: the pages are in use, or one cannot be brought in; nothing has changed.
    pub fn map(&mut self, space: SpaceId, region: Region) -> Result<(), MapError> {
        if !region.is_sound() {
            return Err(MapError::BadRange);
        }
        if self.regions_within(space, region.pages()).next().is_some() {
            return Err(MapError::Overlap);
        }
        Ok(self.add(space, region, Pager::fill)?)
    }

    /// Adds a stack at the end of the user's half.
    ///
    /// # Errors
    /// As [`Pager::map`].
    pub fn add_stack(&mut self, space: SpaceId) -> Result<(), MapError> {
        let stack = Region {
            start: STACK,
            end: KERNEL_PAGE,
            protection: Protection::READ | Protection::WRITE,
            purpose: Purpose::Stack,
            sharing: Sharing::Private,
            backing: Backing::Zero,
        };
        self.map(space, stack)
    }

    /// Copies an address space, page by page, for a process that was created at `made`.
    ///
    /// # Errors
    /// [`ForkError`]; nothing is left of the copy.
    pub fn fork_space(
        &mut self,
        parent: SpaceId,
        owner: Owner,
        made: Work,
    ) -> Result<SpaceId, ForkError> {
        let child = self.create_space(owner, made)?;
        let regions: Vec<Region> = self.regions(parent).cloned().collect();
        for region in regions {
            let copy = |pager: &mut Pager, _: &Region, page, to: &mut FrameBytes| {
                let from = pager.spaces.frame_in_region(User {
                    space: parent,
                    page,
                });
                pager.memory.read(from.start(), to);
                Ok(())
            };
            if let Err(kill) = self.add(child, region, copy) {
                self.destroy_space(child);
                return Err(ForkError::Copy(kill));
            }
        }
        Ok(child)
    }

    /// Adds a region whose pages are filled by `fill`.
    ///
    /// # Errors
    /// Why a page could not be brought in; nothing has changed.
    fn add(
        &mut self,
        space: SpaceId,
        region: Region,
        mut fill: impl FnMut(&mut Pager, &Region, Page, &mut FrameBytes) -> Result<(), Kill>,
    ) -> Result<(), Kill> {
        // Asked before the first page, so that a region that does not fit costs no file access.
        if self.frames.free() < region.len() as usize {
            return Err(Kill::OutOfFrames);
        }
        let owner = self.owner(space);
        self.tell(Event::Mapped {
            owner,
            region: region.clone(),
        });
        for page in region.start.until(region.end) {
            let mut bytes = [0; PAGE_SIZE as usize];
            let filled = fill(self, &region, page, &mut bytes);
            let put = filled.and_then(|()| self.put(User { space, page }, &region, &bytes));
            if let Err(kill) = put {
                // All or nothing: the pages before this one must not stay.
                region
                    .start
                    .until(page)
                    .for_each(|page| self.take_out(User { space, page }));
                let (start, end) = (region.start, region.end);
                self.tell(Event::Unmapped { owner, start, end });
                return Err(kill);
            }
        }
        let regions = &mut self.spaces.get_mut(space).regions;
        regions.insert(region.start, region);
        Ok(())
    }

    /// Puts a page into a frame.
    ///
    /// # Errors
    /// [`Kill`] if no frame or no page table is free; nothing has changed.
    fn put(&mut self, user: User, region: &Region, bytes: &FrameBytes) -> Result<(), Kill> {
        let frame = self.frames.take(user).ok_or(Kill::OutOfFrames)?;
        self.memory.write(frame.start(), bytes);
        let space = self.spaces.get_mut(user.space);
        if let Some(flags) = rights(region) {
            match self.tables.map(&space.directory, user.page, frame, flags) {
                Ok(flush) => self.tlb.note(flush),
                Err(error) => {
                    self.frames.free_again(frame);
                    return Err(error.into());
                }
            }
        }
        space.frames.insert(user.page, frame);
        self.stats.loads += 1;
        let in_use = self.frames.used().len() as u64;
        self.stats.peak_frames = self.stats.peak_frames.max(in_use);
        if let Some(touches) = &self.touches {
            touches.settled(frame, touches.number(user.page));
        }
        Ok(())
    }

    /// Fills in what a page of a region holds at first; `to` is zeroed.
    ///
    /// # Errors
    /// [`Kill::FileRead`] if its file cannot be read.
    fn fill(&mut self, region: &Region, page: Page, to: &mut FrameBytes) -> Result<(), Kill> {
        let (file, number, read) = match &region.backing {
            Backing::Zero => return Ok(()),
            Backing::File { file, first } => {
                let number = first + (page.number() - region.start.number());
                let start = u64::from(PAGE_SIZE) * u64::from(number);
                (file, number, file.read_at(start, to).map(drop))
            }
            Backing::Mixed { file, pieces } => {
                let read = pieces.iter().try_for_each(|piece| {
                    let (at, bytes) = (usize::from(piece.at), usize::from(piece.bytes));
                    file.read_at(piece.offset, &mut to[at..at + bytes])
                        .map(drop)
                });
                let offset = pieces.first().map_or(0, |piece| piece.offset);
                (file, (offset / u64::from(PAGE_SIZE)) as u32, read)
            }
        };
        self.stats.file_reads += u64::from(read.is_ok());
        read.map_err(|error| {
            log::warn!(target: LOG_TARGET, "page {number} of file {}: {error}", file.id());
            Kill::FileRead(number)
        })
    }
}
