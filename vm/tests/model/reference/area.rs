//! One place in an address space, and what a process has mapped there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{Access, BadAccess, Protection, Sharing};

use super::Byte;

/// The number of areas of a process.
pub(crate) const AREAS: usize = 6;
/// The number of pages of an area.
pub(crate) const AREA_PAGES: u32 = 4;

const READ_WRITE: Protection = Protection::READ.union(Protection::WRITE);

/// Returns the start of an area. Areas with odd numbers lie across the border of two page tables.
pub(crate) fn area_start(area: usize) -> u32 {
    let border = if area % 2 == 1 { 2 * PAGE_SIZE } else { 0 };
    0x1000_0000 + 0x40_0000 * (area as u32 + 1) - border
}

/// Returns the area that an address may be in, the page of it and the byte in the page.
pub(super) fn locate(addr: u32) -> Option<(usize, u32, usize)> {
    let area = (0..AREAS).rev().find(|area| addr >= area_start(*area))?;
    let within = addr - area_start(area);
    Some((area, within / PAGE_SIZE, (within % PAGE_SIZE) as usize))
}

/// What pages hold until they are stored to.
#[derive(Clone, Copy)]
pub(super) enum Backing {
    Zero,
    /// A file, from a page of it on.
    File {
        file: usize,
        first: u32,
        sharing: Sharing,
    },
}

#[derive(Clone)]
pub(super) struct Area {
    pub pages: u32,
    pub backing: Backing,
    /// The pages that are private to this process by now.
    pub own: BTreeMap<u32, Rc<Vec<Byte>>>,
    /// The rights to each page.
    pub rights: [Protection; AREA_PAGES as usize],
    /// The number of pins on each page.
    pub pins: [u32; AREA_PAGES as usize],
}

impl Area {
    pub(super) fn new(pages: u32, backing: Backing) -> Area {
        Area {
            pages,
            backing,
            own: BTreeMap::new(),
            rights: [READ_WRITE; AREA_PAGES as usize],
            pins: [0; AREA_PAGES as usize],
        }
    }

    /// Returns the file and its page that a page shows while it is not private to the process.
    pub(super) fn file_page(&self, page: u32) -> Option<(usize, u32)> {
        match self.backing {
            Backing::File { file, first, .. } if !self.own.contains_key(&page) => {
                Some((file, first + page))
            }
            _ => None,
        }
    }

    /// Returns the pages of a file that are pinned here.
    pub(super) fn pinned_of(&self, file: usize) -> impl Iterator<Item = u32> + '_ {
        let pinned = (0..self.pages).filter(|page| self.pins[*page as usize] > 0);
        pinned.filter_map(move |page| match self.file_page(page) {
            Some((its, number)) if its == file => Some(number),
            _ => None,
        })
    }

    /// Checks whether the rights to a page allow an access.
    pub(super) fn allows(&self, page: u32, access: Access) -> Result<(), BadAccess> {
        let rights = self.rights[page as usize];
        if rights.is_empty() {
            Err(BadAccess::NoAccess)
        } else if access == Access::Write && !rights.contains(Protection::WRITE) {
            Err(BadAccess::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// Returns the pins of the pages of a part that lie in the area.
    pub(super) fn pins_of(&mut self, pages: &Range<u32>) -> &mut [u32] {
        let end = pages.end.min(AREA_PAGES);
        &mut self.pins[pages.start as usize..end as usize]
    }
}
