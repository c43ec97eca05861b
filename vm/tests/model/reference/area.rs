//! What a process has mapped in one place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{Access, BadAccess, Protection, Sharing};

use super::Byte;

/// How many areas a process may map something into.
pub const AREAS: usize = 6;
/// How many pages an area has room for.
pub const AREA_PAGES: u32 = 4;

const READ_WRITE: Protection = Protection::READ.union(Protection::WRITE);

/// Where an area starts. Odd ones lie across the border between two page tables.
pub fn area_start(area: usize) -> u32 {
    let border = if area % 2 == 1 { 2 * PAGE_SIZE } else { 0 };
    0x1000_0000 + 0x40_0000 * (area as u32 + 1) - border
}

/// The area that an address may be in, the page of it and the byte of that.
pub fn locate(addr: u32) -> Option<(usize, u32, usize)> {
    let area = (0..AREAS).rev().find(|area| addr >= area_start(*area))?;
    let within = addr - area_start(area);
    Some((area, within / PAGE_SIZE, (within % PAGE_SIZE) as usize))
}

/// What pages hold until they are stored to.
#[derive(Clone, Copy)]
pub enum Backing {
    Zero,
    /// A file, from a page of it on.
    File {
        file: usize,
        first: u32,
        sharing: Sharing,
    },
}

#[derive(Clone)]
pub struct Area {
    pub pages: u32,
    pub backing: Backing,
    /// The pages that are this process' own by now.
    pub own: BTreeMap<u32, Rc<Vec<Byte>>>,
    /// What may be done with each page.
    pub rights: [Protection; AREA_PAGES as usize],
    /// How often each page is pinned.
    pub pins: [u32; AREA_PAGES as usize],
}

impl Area {
    pub fn new(pages: u32, backing: Backing) -> Area {
        Area {
            pages,
            backing,
            own: BTreeMap::new(),
            rights: [READ_WRITE; AREA_PAGES as usize],
            pins: [0; AREA_PAGES as usize],
        }
    }

    /// The file and the page of it that a page shows which is not the process' own.
    pub fn file_page(&self, page: u32) -> Option<(usize, u32)> {
        match self.backing {
            Backing::File { file, first, .. } if !self.own.contains_key(&page) => {
                Some((file, first + page))
            }
            _ => None,
        }
    }

    /// The pages of a file that are pinned here.
    pub fn pinned_of(&self, file: usize) -> impl Iterator<Item = u32> + '_ {
        let pinned = (0..self.pages).filter(|page| self.pins[*page as usize] > 0);
        pinned.filter_map(move |page| match self.file_page(page) {
            Some((its, number)) if its == file => Some(number),
            _ => None,
        })
    }

    /// Whether the rights to a page allow an access.
    pub fn allows(&self, page: u32, access: Access) -> Result<(), BadAccess> {
        let rights = self.rights[page as usize];
        if rights.is_empty() {
            Err(BadAccess::NoAccess)
        } else if access == Access::Write && !rights.contains(Protection::WRITE) {
            Err(BadAccess::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// The pins of those of the pages for which there is room.
    pub fn pins_of(&mut self, pages: &Range<u32>) -> &mut [u32] {
        let end = pages.end.min(AREA_PAGES);
        &mut self.pins[pages.start as usize..end as usize]
    }
}
