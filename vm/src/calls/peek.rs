//! How a debugger reads and writes a program's memory, wherever the bytes are, without side
//! effects.
//!
//! # Invariants
//!
//! [`Pager::peek`] has no effect that a program, a policy or a statistic could observe.
//! [`Pager::poke`] does what a store of the program itself would do at that moment; where that
//! would be a page fault it does nothing.

use machine::addr::{PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::memory::FrameBytes;
use machine::mmu::{self, Access, Ring};

use crate::ids::SpaceId;
use crate::pager::Pager;
use crate::pager::fault::{Source, is_past_end, source};
use crate::pager::load::read_part;
use crate::residency::content::{FilePage, Place};

/// The bytes of a page.
const PAGE_BYTES: usize = PAGE_SIZE as usize;

impl Pager {
    /// Does what [`Vm::peek`](crate::Vm::peek) documents.
    pub(crate) fn peek(&mut self, space: SpaceId, from: VirtAddr, to: &mut [u8]) -> usize {
        let mut done = 0;
        while done < to.len() {
            let at = u32::try_from(done)
                .ok()
                .and_then(|done| from.checked_add(done));
            let Some(at) = at.filter(|at| at.is_user()) else {
                break;
            };
            let bytes = (to.len() - done).min((PAGE_SIZE - at.offset()) as usize);
            let Some(page) = self.peek_page(space, at.page()) else {
                break;
            };
            let start = at.offset() as usize;
            to[done..done + bytes].copy_from_slice(&page[start..start + bytes]);
            done += bytes;
        }
        done
    }

    /// Does what [`Vm::poke`](crate::Vm::poke) documents.
    pub(crate) fn poke(&mut self, space: SpaceId, to: VirtAddr, from: &[u8]) -> usize {
        let mut done = 0;
        while done < from.len() {
            let at = u32::try_from(done)
                .ok()
                .and_then(|done| to.checked_add(done));
            let Some(at) = at.filter(|at| self.residency().grants(space, *at, Access::Write))
            else {
                break;
            };
            let root = self.user_root(space);
            // A walk of ring 3, so that A and D are set as by the program's own store.
            let walk = mmu::translate(
                self.residency().memory(),
                root,
                at,
                Access::Write,
                Ring::User,
            );
            let walk = walk.expect("the entry grants it");
            let bytes = (from.len() - done).min((PAGE_SIZE - at.offset()) as usize);
            self.residency()
                .memory()
                .write(walk.phys(at), &from[done..done + bytes]);
            done += bytes;
        }
        done
    }

    /// Returns the bytes of a page, or `None` if the program may not read it or its device fails.
    fn peek_page(&mut self, space: SpaceId, page: Page) -> Option<Box<FrameBytes>> {
        let mut bytes: Box<FrameBytes> = Box::new([0; PAGE_BYTES]);
        let spt = self.space(space).spt();
        let region = spt.region(page)?;
        // On the i386 what may be written or executed can be read.
        if region.protection.is_empty() {
            return None;
        }
        if let Some(content) = spt.content(page) {
            match self.content(content).place {
                Place::Frame(frame) => self
                    .residency()
                    .memory()
                    .read(frame.start(), &mut bytes[..]),
                Place::Slot(slot) => self.peek_slot(slot, &mut bytes).ok()?,
            }
            return Some(bytes);
        }
        match source(region, page) {
            Source::Zero => {}
            Source::File(file_page) => self.peek_file(&file_page, &mut bytes)?,
        }
        Some(bytes)
    }

    /// Reads a page of a file, including changes in the page cache.
    fn peek_file(&self, page: &FilePage, to: &mut FrameBytes) -> Option<()> {
        if is_past_end(page) {
            return None;
        }
        match self.residency().cached(&page.key()) {
            Some((_, frame)) => {
                self.residency()
                    .memory()
                    .read(PhysAddr(frame.start().0), to);
                Some(())
            }
            None => read_part(page, to).ok(),
        }
    }
}
