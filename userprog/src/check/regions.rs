//! The regions of processes according to the events, and the initial bytes of their pages.
//!
//! # Invariants
//! No two regions of a process overlap: a new one replaces what was there.

use std::collections::BTreeMap;
use std::ops::Range;

use machine::addr::{PAGE_SIZE, Page};
use vm::{Backing, Owner, Region};

use super::spot::Spot;
use crate::origin::{Given, Origin};

/// The regions of all processes, by their first page.
#[derive(Default, Debug)]
pub(super) struct Regions(BTreeMap<Spot, Region>);

impl Regions {
    pub(super) fn add(&mut self, owner: Owner, region: Region) {
        self.cut(owner, region.pages());
        self.0.insert(Spot::of(owner, region.start), region);
    }

    /// Removes the regions in a range of pages.
    pub(super) fn cut(&mut self, owner: Owner, pages: Range<Page>) {
        let before_end = ..Spot::of(owner, pages.end);
        let overlapping: Vec<Spot> = self
            .0
            .range(before_end)
            .rev()
            .take_while(|(spot, region)| spot.owner() == owner && region.end > pages.start)
            .map(|(spot, _)| *spot)
            .collect();
        for spot in overlapping {
            let Some(region) = self.0.remove(&spot) else {
                continue;
            };
            for rest in [region.start..pages.start, pages.end..region.end] {
                if rest.start < rest.end {
                    let part = part(&region, rest);
                    self.0.insert(Spot::of(owner, part.start), part);
                }
            }
        }
    }

    pub(super) fn end(&mut self, owner: Owner) {
        let all: Vec<Spot> = self
            .0
            .range(Spot::all_of(owner.0))
            .map(|(spot, _)| *spot)
            .collect();
        all.iter().for_each(|spot| drop(self.0.remove(spot)));
    }

    pub(super) fn of(&self, spot: Spot) -> Option<&Region> {
        let (first, region) = self.0.range(..=spot).next_back()?;
        (first.process == spot.process && spot.page < region.end).then_some(region)
    }
}

fn part(region: &Region, pages: Range<Page>) -> Region {
    let mut part = Region {
        start: pages.start,
        end: pages.end,
        ..region.clone()
    };
    if let Backing::File { first, .. } = &mut part.backing {
        *first += pages.start.number() - region.start.number();
    }
    part
}

/// Returns the initial bytes of a page of a region; `None` if its file cannot be read.
pub(super) fn given(region: &Region, page: Page) -> Option<Given> {
    let number = page.number() - region.start.number();
    Origin::of(&region.backing).page(number)
}

/// Returns where the initial bytes of a page are from, in words.
pub(super) fn by(region: &Region, page: Page) -> String {
    match &region.backing {
        Backing::Zero => "zeros".to_owned(),
        Backing::File { file, first } => {
            let number = first + (page.number() - region.start.number());
            let offset = u64::from(number) * u64::from(PAGE_SIZE);
            format!("page {number} of file {} (offset {offset:#x})", file.id())
        }
        Backing::Mixed { file, .. } => {
            format!("pieces of file {} and zeros between", file.id())
        }
    }
}

#[cfg(test)]
mod tests {
    use vm::Sharing;

    use super::*;
    use crate::check::testing::region;

    const OWNER: Owner = Owner(1);

    fn at(regions: &Regions, page: u32) -> Option<u32> {
        let found = regions.of(Spot::of(OWNER, Page::new(page)));
        found.map(|region| region.start.number())
    }

    #[test]
    fn what_is_cut_out_leaves_both_ends() {
        let mut regions = Regions::default();
        regions.add(OWNER, region(Sharing::Private, true));
        regions.cut(OWNER, Page::new(0x101)..Page::new(0x103));
        let starts =
            [0xff, 0x100, 0x101, 0x102, 0x103, 0x104, 0x105].map(|page| at(&regions, page));
        let right = Some(0x103);
        assert_eq!(starts, [None, Some(0x100), None, None, right, right, None]);
        let part = regions.of(Spot::of(OWNER, Page::new(0x104))).unwrap();
        let given = given(part, Page::new(0x104)).unwrap();
        assert_eq!((given.bytes[0], given.count), (5, 4000));
    }

    #[test]
    fn a_region_takes_the_room_of_what_was_there_and_goes_with_its_process() {
        let mut regions = Regions::default();
        regions.add(OWNER, region(Sharing::Private, false));
        let new = Region {
            start: Page::new(0xfe),
            end: Page::new(0x104),
            ..region(Sharing::Private, false)
        };
        regions.add(OWNER, new);
        assert_eq!(
            [0xfe, 0x103, 0x104].map(|page| at(&regions, page)),
            [Some(0xfe), Some(0xfe), Some(0x104)]
        );
        regions.end(OWNER);
        assert_eq!(at(&regions, 0x100), None);
    }
}
