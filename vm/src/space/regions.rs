//! The regions of one address space, by their first pages.
//!
//! Finding, adding, splitting and joining a region takes logarithmic time; work on a range takes
//! that and one step for each region in it. The number of regions is limited, as in Linux
//! (`vm.max_map_count`): for each address space, and for all of them together, so that no guest can
//! exhaust the host's memory with them.
//!
//! # Invariants
//! - Regions do not overlap; each is stored under its first page.
//! - No two neighbours could be joined ([`Region::goes_on_as`]). So the regions follow from what
//!   may be in each page alone, and not from the history of mappings.

use std::collections::BTreeMap;
use std::ops::Range;

use machine::addr::Page;

use crate::space::limits::MAX_REGIONS;
use crate::space::region::{Backing, Region};

/// The regions of an address space.
#[derive(Clone, Default, Debug)]
pub struct Regions {
    by_start: BTreeMap<Page, Region>,
}

impl Regions {
    /// Returns the number of regions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_start.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_start.is_empty()
    }

    /// Returns the region that a page lies in.
    #[must_use]
    pub fn at(&self, page: Page) -> Option<&Region> {
        // The last region that starts at or before the page is the only one that can contain it.
        let (_, region) = self.by_start.range(..=page).next_back()?;
        (page < region.end).then_some(region)
    }

    /// Returns all regions, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Region> {
        self.by_start.values()
    }

    /// Returns the regions that overlap a range, in order.
    pub fn within(&self, pages: Range<Page>) -> impl Iterator<Item = &Region> + use<'_> {
        let first = self
            .at(pages.start)
            .map_or(pages.start, |first| first.start);
        // `max`: an empty range inside a region would be a range that ends before it starts.
        let range = first..pages.end.max(first);
        self.by_start.range(range).map(|(_, region)| region)
    }

    /// Adds a region, which may not overlap another, and joins it with its neighbours if they are
    /// alike.
    pub(crate) fn insert(&mut self, mut region: Region) {
        debug_assert!(
            region.is_sound() && self.within(region.pages()).next().is_none(),
            "{region:?}"
        );
        if let Some(next) = self.by_start.get(&region.end)
            && region.goes_on_as(next)
        {
            let end = next.end;
            self.by_start.remove(&region.end);
            region.end = end;
        }
        match self.by_start.range_mut(..region.start).next_back() {
            Some((_, before)) if before.goes_on_as(&region) => before.end = region.end,
            _ => {
                self.by_start.insert(region.start, region);
            }
        }
    }

    /// Cuts a range out of the regions, splitting those that reach over its ends. Returns what was
    /// cut.
    ///
    /// # Contract
    /// - Before: nothing; the range may lie anywhere, and be empty.
    /// - After: no region has a page of the range; what each page outside may hold is as it was. The
    ///   answer has the parts that lay in the range, in order; inserting them again undoes the cut.
    pub(crate) fn cut(&mut self, pages: Range<Page>) -> Vec<Region> {
        // lab 7.4: cut pages out of regions
        let starts: Vec<Page> = self.within(pages.clone()).map(|r| r.start).collect();
        let mut cut = Vec::with_capacity(starts.len());
        for start in starts {
            // One region may reach over both ends and leave two.
            let whole = self.by_start.remove(&start).expect("it was just seen");
            if whole.start < pages.start {
                let before = whole.part(whole.start..pages.start);
                self.by_start.insert(before.start, before);
            }
            if whole.end > pages.end {
                let behind = whole.part(pages.end..whole.end);
                self.by_start.insert(behind.start, behind);
            }
            cut.push(whole.part(pages.clone()));
        }
        cut
        // lab given
        // | // Until 7.4: only what lies in the range as a whole is taken out.
        // | let inside: Vec<Region> = self.within(pages.clone()).cloned().collect();
        // | let inside = inside.into_iter();
        // | let whole = inside.filter(|one| one.start >= pages.start && one.end <= pages.end);
        // | whole.filter_map(|one| self.by_start.remove(&one.start)).collect()
        // lab end
    }

    /// Checks the invariants of this file.
    ///
    /// # Panics
    /// If one is broken.
    pub(crate) fn check(&self) {
        let mut before: Option<&Region> = None;
        for (start, region) in &self.by_start {
            assert!(region.is_sound() && *start == region.start, "{region:?}");
            if let Some(before) = before.replace(region) {
                assert!(before.end <= region.start, "{before:?} and {region:?}");
                assert!(!before.goes_on_as(region), "{before:?} and {region:?}");
            }
        }
        assert!(self.len() <= MAX_REGIONS, "{} regions", self.len());
    }
}

impl Region {
    /// Returns the part of this region that lies in `pages`, which must overlap it.
    pub(crate) fn part(&self, pages: Range<Page>) -> Region {
        let start = self.start.max(pages.start);
        let end = self.end.min(pages.end);
        let mut part = Region {
            start,
            end,
            ..self.clone()
        };
        // The same pages of the file stay behind the same pages of the address space.
        if let Backing::File { first, .. } = &mut part.backing {
            *first += start.number() - self.start.number();
        }
        part
    }
}

// lab 7 tests
#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FileId, MapId};
    use crate::space::file::{FileRef, FileSource};
    use crate::space::region::{Backing, Protection, Purpose, Sharing};
    use proptest::prelude::*;
    use std::rc::Rc;

    const PAGES: u32 = 40;

    struct NoFile(u64);

    impl FileSource for NoFile {
        fn id(&self) -> FileId {
            FileId(self.0)
        }
        fn len(&self) -> u64 {
            0
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            Ok(0)
        }
        fn write_at(&self, _: u64, _: &[u8]) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What one page may hold: rights, mapping, and the page of a file if it is backed by one.
    type PageModel = (u8, u32, Option<(u64, u32)>);

    fn region(start: u32, len: u32, rights: u8, map: u32, file: Option<(u64, u32)>) -> Region {
        Region {
            start: Page::new(start),
            end: Page::new(start + len),
            protection: Protection::from_bits_truncate(rights),
            sharing: Sharing::Private,
            purpose: Purpose::Mapping(MapId(map)),
            backing: file.map_or(Backing::Zero, |(id, first)| Backing::File {
                file: Rc::new(NoFile(id)) as FileRef,
                first,
            }),
        }
    }

    fn seen(regions: &Regions, page: u32) -> Option<PageModel> {
        let region = regions.at(Page::new(page))?;
        let Purpose::Mapping(MapId(map)) = region.purpose else {
            panic!("{region:?}");
        };
        let file = region.file_page(Page::new(page));
        let file = file.map(|(file, number)| (file.id().0, number));
        Some((region.protection.bits(), map, file))
    }

    /// Returns the number of regions of the model's pages if all that can be joined are.
    fn count(model: &[Option<PageModel>]) -> usize {
        let follows = |a: &PageModel, b: &PageModel| {
            let files = match (a.2, b.2) {
                (None, None) => true,
                (Some((id, page)), Some(next)) => (id, page + 1) == next,
                _ => false,
            };
            files && (a.0, a.1) == (b.0, b.1)
        };
        let begins = |at: &usize| match (at.checked_sub(1).and_then(|i| model[i]), model[*at]) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(page)) => !follows(&before, &page),
        };
        (0..model.len()).filter(begins).count()
    }

    #[derive(Clone, Debug)]
    enum Step {
        Add(u8, u32, Option<(u64, u32)>),
        Cut,
        Protect(u8),
    }

    fn step() -> impl Strategy<Value = (Step, u32, u32)> {
        let file = prop::option::of((0..2u64, 0..6u32));
        let step = prop_oneof![
            (0..3u8, 0..2u32, file).prop_map(|(r, m, f)| Step::Add(r, m, f)),
            Just(Step::Cut),
            (0..3u8).prop_map(Step::Protect),
        ];
        (step, 0..PAGES, 1..12u32)
    }

    proptest! {
        /// Compares with a model that has one entry for each page, and no regions.
        #[test]
        fn regions_behave_as_one_entry_a_page(
            steps in prop::collection::vec(step(), 1..80)
        ) {
            let mut regions = Regions::default();
            let mut model: Vec<Option<PageModel>> = vec![None; (PAGES + 12) as usize];
            for (step, start, len) in steps {
                let (from, to) = (start as usize, (start + len) as usize);
                let pages = Page::new(start)..Page::new(start + len);
                let within = count(&model[from..to]);
                prop_assert_eq!(regions.within(pages.clone()).count(), within);
                match step {
                    Step::Add(rights, map, file) if within == 0 => {
                        regions.insert(region(start, len, rights, map, file));
                        for (page, at) in (from..to).zip(0..) {
                            let file = file.map(|(id, first)| (id, first + at));
                            model[page] = Some((rights, map, file));
                        }
                    }
                    Step::Add(..) => {}
                    Step::Cut => {
                        let cut = regions.cut(pages);
                        prop_assert_eq!(cut.len(), within);
                        let pages: u32 = cut.iter().map(Region::len).sum();
                        prop_assert_eq!(pages as usize, model[from..to].iter().flatten().count());
                        model[from..to].fill(None);
                    }
                    Step::Protect(rights) => {
                        for region in regions.cut(pages) {
                            let protection = Protection::from_bits_truncate(rights);
                            regions.insert(Region { protection, ..region });
                        }
                        model[from..to].iter_mut().flatten().for_each(|page| page.0 = rights);
                    }
                }
                regions.check();
                prop_assert_eq!(regions.len(), count(&model));
                for (page, expected) in model.iter().enumerate() {
                    prop_assert_eq!(seen(&regions, page as u32), *expected, "page {}", page);
                }
            }
        }
    }
}
