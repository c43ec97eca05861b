//! The supplemental page table: what a page table entry cannot say about an address space.
//!
//! What always holds:
//! - Regions do not overlap. They say what may be where, at a cost that does not depend on their
//!   size.
//! - A page has an entry from the moment something is put into a frame for it until it is
//!   unmapped or its content is dropped for its source to give it again. The entry names its
//!   content; the content knows whether it is in a frame or in a swap slot.
//! - Every page with an entry is in a region.

use std::ops::Range;

use emu::addr::Page;

use crate::content::ContentId;
use crate::page_map::PageMap;
use crate::region::Region;

/// The supplemental page table of one address space.
#[derive(Default)]
pub struct Spt {
    /// In the order of their pages: looking one up is what every fault does.
    regions: Vec<Region>,
    contents: PageMap<ContentId>,
}

impl Spt {
    /// The region that a page lies in.
    pub fn region(&self, page: Page) -> Option<&Region> {
        let region = self.regions.get(self.first_behind(page))?;
        (region.start <= page).then_some(region)
    }

    /// All regions, in order.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter()
    }

    /// Whether any page of the range is in a region.
    pub fn overlaps(&self, pages: Range<Page>) -> bool {
        let region = self.regions.get(self.first_behind(pages.start));
        region.is_some_and(|region| region.start < pages.end)
    }

    /// Adds a region, which may not overlap another.
    pub(crate) fn add_region(&mut self, region: Region) {
        debug_assert!(
            region.is_sound() && !self.overlaps(region.pages()),
            "{region:?}"
        );
        self.regions.insert(self.first_behind(region.start), region);
    }

    /// Takes out whatever of the range is in regions, splitting those that reach over its ends.
    /// Their pages' entries are the caller's to take out as well, or to leave if it puts the
    /// regions back changed.
    pub(crate) fn cut(&mut self, pages: Range<Page>) -> Vec<Region> {
        let first = self.first_behind(pages.start);
        let count = self.regions[first..]
            .iter()
            .take_while(|region| region.start < pages.end)
            .count();
        let whole: Vec<Region> = self.regions.drain(first..first + count).collect();
        let before = whole.first().filter(|region| region.start < pages.start);
        let before = before.map(|region| region.part(region.start..pages.start));
        let behind = whole.last().filter(|region| region.end > pages.end);
        let behind = behind.map(|region| region.part(pages.end..region.end));
        self.regions
            .splice(first..first, before.into_iter().chain(behind));
        whole
            .iter()
            .map(|region| region.part(pages.clone()))
            .collect()
    }

    /// The number of the first region that ends behind the start of a page.
    fn first_behind(&self, page: Page) -> usize {
        self.regions.partition_point(|region| region.end <= page)
    }

    /// The content of a page, if it was touched.
    pub fn content(&self, page: Page) -> Option<ContentId> {
        self.contents.get(page)
    }

    /// The touched pages of a range with their contents, in order.
    pub fn contents(&self, pages: Range<Page>) -> impl Iterator<Item = (Page, ContentId)> + '_ {
        self.contents.range(pages)
    }

    /// All touched pages with their contents, in order.
    pub fn all_contents(&self) -> impl Iterator<Item = (Page, ContentId)> + '_ {
        self.contents.iter()
    }

    /// How many pages have a content.
    pub fn touched(&self) -> usize {
        self.contents.len()
    }

    pub(crate) fn set_content(&mut self, page: Page, content: ContentId) -> Option<ContentId> {
        debug_assert!(
            self.region(page).is_some(),
            "content outside all regions: {page}"
        );
        self.contents.insert(page, content)
    }

    pub(crate) fn clear_content(&mut self, page: Page) -> Option<ContentId> {
        self.contents.remove(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{Backing, Protection, Purpose, Sharing};
    use proptest::prelude::*;

    const PAGES: u32 = 24;

    fn region(start: u32, end: u32, protection: Protection) -> Region {
        Region {
            start: Page::new(start),
            end: Page::new(end),
            protection,
            sharing: Sharing::Private,
            purpose: Purpose::Data,
            backing: Backing::Zero,
        }
    }

    #[test]
    fn a_region_costs_the_same_however_large_it_is() {
        let mut spt = Spt::default();
        spt.add_region(region(16, 1 << 18, Protection::READ));
        assert_eq!(spt.regions().count(), 1);
        assert_eq!(spt.touched(), 0);
    }

    proptest! {
        /// Adding and cutting against a model that has one entry a page.
        #[test]
        fn regions_behave_as_one_entry_a_page(
            steps in prop::collection::vec((any::<bool>(), 0..PAGES, 1..8u32, 0..8u8), 1..60)
        ) {
            let mut spt = Spt::default();
            let mut model = vec![None; (PAGES + 8) as usize];
            for (add, start, len, rights) in steps {
                let (from, to) = (start as usize, (start + len) as usize);
                let pages = Page::new(start)..Page::new(start + len);
                let free = model[from..to].iter().all(Option::is_none);
                prop_assert_eq!(spt.overlaps(pages.clone()), !free);
                if add && free {
                    let protection = Protection::from_bits_truncate(rights);
                    spt.add_region(region(start, start + len, protection));
                    model[from..to].fill(Some(protection));
                } else if !add {
                    let cut: u32 = spt.cut(pages).iter().map(Region::len).sum();
                    let expected = model[from..to].iter().flatten().count();
                    prop_assert_eq!(cut as usize, expected);
                    model[from..to].fill(None);
                }
                for (page, expected) in model.iter().enumerate() {
                    let found = spt.region(Page::new(page as u32)).map(|r| r.protection);
                    prop_assert_eq!(found, *expected, "page {}", page);
                }
            }
        }
    }
}
