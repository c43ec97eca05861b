//! The supplemental page table: what a hardware page table cannot say about an address space
//! ("Supplemental Page Table" in the Pintos documentation).
//!
//! # Invariants
//! - [`Regions`] say what may be where, at a cost that does not depend on their size.
//! - A page has an entry from the moment it is brought into a frame until it is unmapped, or its
//!   content is dropped because its region can produce it again. The entry is the id of its
//!   content; the content knows whether it is in a frame or in a swap slot.
//! - Every page with an entry is in a region.

use std::num::NonZeroU32;
use std::ops::Range;

use machine::addr::Page;

use crate::space::page_map::PageMap;
use crate::space::region::Region;
use crate::space::regions::Regions;

/// Names a content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ContentId(NonZeroU32);

impl ContentId {
    /// Returns the id of the content at an index of the table of contents.
    pub(crate) fn of_index(index: usize) -> ContentId {
        let number = u32::try_from(index + 1).expect("fewer contents than pages");
        ContentId(NonZeroU32::new(number).expect("one more than an index"))
    }

    /// Returns its index in the table of contents.
    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The supplemental page table of one address space.
#[derive(Default, Debug)]
pub struct Spt {
    pub(crate) regions: Regions,
    contents: PageMap<ContentId>,
}

impl Spt {
    /// Returns the region that a page lies in.
    #[must_use]
    pub fn region(&self, page: Page) -> Option<&Region> {
        self.regions.at(page)
    }

    /// Returns all regions.
    #[must_use]
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// Returns the content of a page, if it was touched.
    #[must_use]
    pub fn content(&self, page: Page) -> Option<ContentId> {
        self.contents.get(page)
    }

    /// Returns the touched pages of a range with their contents, in order.
    pub fn contents(&self, pages: Range<Page>) -> impl Iterator<Item = (Page, ContentId)> + '_ {
        self.contents.range(pages)
    }

    /// Returns all touched pages with their contents, in order.
    pub fn all_contents(&self) -> impl Iterator<Item = (Page, ContentId)> + '_ {
        self.contents.iter()
    }

    /// Returns the number of pages that have a content.
    #[must_use]
    pub fn touched(&self) -> usize {
        self.contents.len()
    }

    /// Sets the content of a page. Returns the old one.
    pub(crate) fn set_content(&mut self, page: Page, content: ContentId) -> Option<ContentId> {
        debug_assert!(
            self.region(page).is_some(),
            "content outside all regions: {page}"
        );
        self.contents.insert(page, content)
    }

    /// Makes a page untouched. Returns the content it had.
    pub(crate) fn clear_content(&mut self, page: Page) -> Option<ContentId> {
        self.contents.remove(page)
    }
}
