//! What the pages of processes have before they are used, by the calls that mapped them.
//!
//! # Invariants
//! No two areas of a process overlap: a new one replaces what was there. Where there is none, a
//! page begins with zeros: the stack, the heap, anonymous mappings.

use std::collections::BTreeMap;
use std::ops::Range;

use machine::addr::Page;
use vm::{Backing, MapId, Region, Sharing};

use crate::check::Spot;
use crate::origin::{Given, Origin};

/// What a page has that its program has not used yet.
pub(super) enum Fresh {
    /// These bytes.
    Bytes(Given),
    /// Those of a private mapping of a file, to which anybody may write.
    OfFile,
    /// Those of a shared mapping, now and later.
    Shared,
}

#[derive(Clone)]
enum Kind {
    /// A part of a program, whose file does not change.
    Program(Origin),
    OfFile(MapId),
    Shared(MapId),
}

#[derive(Clone)]
struct Area {
    pages: Range<Page>,
    kind: Kind,
    /// The number of its first page in what it was cut from.
    skipped: u32,
}

/// The areas of all processes, by their first page.
#[derive(Default)]
pub(super) struct Areas(BTreeMap<Spot, Area>);

impl Areas {
    /// Records a region of a program.
    pub(super) fn map(&mut self, process: u32, region: &Region) {
        let pages = region.start..region.end;
        match &region.backing {
            Backing::Zero => self.cut(process, &pages),
            backing => self.add(process, pages, Kind::Program(Origin::of(backing))),
        }
    }

    /// Records a mapping of a file.
    pub(super) fn mmap(&mut self, process: u32, id: MapId, pages: Range<Page>, sharing: Sharing) {
        let kind = match sharing {
            Sharing::Private => Kind::OfFile(id),
            Sharing::Shared => Kind::Shared(id),
        };
        self.add(process, pages, kind);
    }

    /// Returns the pages of a mapping.
    pub(super) fn of_mapping(&self, process: u32, id: MapId) -> Vec<Range<Page>> {
        let all = self.0.range(Spot::all_of(process));
        let its = all.filter(|(_, area)| match area.kind {
            Kind::OfFile(its) | Kind::Shared(its) => its.0 == id.0,
            Kind::Program(_) => false,
        });
        its.map(|(_, area)| area.pages.clone()).collect()
    }

    /// Removes what is in a range of pages.
    pub(super) fn cut(&mut self, process: u32, pages: &Range<Page>) {
        let before_end = ..Spot::new(process, pages.end);
        let overlapping: Vec<Spot> = self
            .0
            .range(before_end)
            .rev()
            .take_while(|(spot, area)| spot.process == process && area.pages.end > pages.start)
            .map(|(spot, _)| *spot)
            .collect();
        for spot in overlapping {
            let Some(area) = self.0.remove(&spot) else {
                continue;
            };
            for rest in [area.pages.start..pages.start, pages.end..area.pages.end] {
                if rest.start < rest.end {
                    let cut_off = rest.start.number() - area.pages.start.number();
                    let part = Area {
                        skipped: area.skipped + cut_off,
                        pages: rest,
                        kind: area.kind.clone(),
                    };
                    self.0.insert(Spot::new(process, part.pages.start), part);
                }
            }
        }
    }

    /// Gives a child what its parent has.
    pub(super) fn fork(&mut self, parent: u32, child: u32) {
        let all = self.0.range(Spot::all_of(parent));
        let all: Vec<Area> = all.map(|(_, area)| area.clone()).collect();
        for area in all {
            self.0.insert(Spot::new(child, area.pages.start), area);
        }
    }

    /// Removes those of a process.
    pub(super) fn end(&mut self, process: u32) {
        let all = self.0.range(Spot::all_of(process));
        let all: Vec<Spot> = all.map(|(spot, _)| *spot).collect();
        all.iter().for_each(|spot| drop(self.0.remove(spot)));
    }

    /// Returns what a page has that was not used.
    pub(super) fn fresh(&self, spot: Spot) -> Fresh {
        let before = self.0.range(..=spot).next_back();
        let its = before
            .filter(|(first, area)| first.process == spot.process && spot.page < area.pages.end);
        let Some((_, area)) = its else {
            return zeros();
        };
        match &area.kind {
            Kind::Shared(_) => Fresh::Shared,
            Kind::OfFile(_) => Fresh::OfFile,
            Kind::Program(origin) => {
                let number = spot.page.number() - area.pages.start.number() + area.skipped;
                origin.page(number).map_or(Fresh::OfFile, Fresh::Bytes)
            }
        }
    }

    fn add(&mut self, process: u32, pages: Range<Page>, kind: Kind) {
        self.cut(process, &pages);
        let first = Spot::new(process, pages.start);
        let skipped = 0;
        self.0.insert(
            first,
            Area {
                pages,
                kind,
                skipped,
            },
        );
    }
}

fn zeros() -> Fresh {
    Origin::Nothing.page(0).map_or(Fresh::OfFile, Fresh::Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::region;

    fn first_byte(areas: &Areas, process: u32, page: u32) -> Option<u8> {
        match areas.fresh(Spot::new(process, Page::new(page))) {
            Fresh::Bytes(given) => Some(given.bytes[0]),
            Fresh::OfFile | Fresh::Shared => None,
        }
    }

    #[test]
    fn what_is_left_of_a_program_has_its_own_pages_of_the_file() {
        let mut areas = Areas::default();
        areas.map(1, &region(Sharing::Private, true));
        areas.cut(1, &(Page::new(0x101)..Page::new(0x103)));
        areas.fork(1, 2);
        areas.end(1);
        let bytes = [0xff, 0x100, 0x101, 0x102, 0x103, 0x104, 0x105];
        assert_eq!(
            bytes.map(|page| first_byte(&areas, 2, page)),
            [0, 1, 0, 0, 4, 5, 0].map(Some)
        );
        assert_eq!(first_byte(&areas, 1, 0x100), Some(0));
    }

    #[test]
    fn what_is_left_of_a_mapping_is_found_by_its_number() {
        let pages = |range: Range<u32>| Page::new(range.start)..Page::new(range.end);
        let mut areas = Areas::default();
        areas.mmap(1, MapId(7), pages(0x200..0x204), Sharing::Shared);
        areas.cut(1, &pages(0x201..0x203));
        assert_eq!(
            areas.of_mapping(1, MapId(7)),
            [pages(0x200..0x201), pages(0x203..0x204)]
        );
        assert_eq!(areas.of_mapping(2, MapId(7)), []);
        assert_eq!(first_byte(&areas, 1, 0x203), None);
        assert_eq!(first_byte(&areas, 1, 0x202), Some(0));
    }
}
