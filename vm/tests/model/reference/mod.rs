//! The naive model: every process has a map of its bytes, every file is a vector.
//!
//! # Invariants
//! The model's predictions hold on any machine that has enough memory. Two things are unspecified:
//! the bytes past a file's end once a program has stored there, and whether a page that was pinned
//! when its file was truncated before it can still be accessed.

mod area;
mod file;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use machine::addr::PAGE_SIZE;
use vm::{Access, BadAccess, Kill, Protection, Sharing};

pub(crate) use area::{AREA_PAGES, AREAS, area_start};
use area::{Area, Backing, locate};
use file::File;

/// The number of files.
pub(crate) const FILES: usize = 3;

/// The value of a byte, or `None` if it is unspecified.
pub(crate) type Byte = Option<u8>;

/// The predicted result of an access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Granted,
    Refused(Kill),
    /// It is granted, or refused as past the end of the file.
    Open,
}

/// What the machine should contain.
pub(crate) struct Reference {
    files: Vec<File>,
    processes: BTreeMap<usize, [Option<Area>; AREAS]>,
}

impl Reference {
    pub(crate) fn new() -> Reference {
        let sizes = [3 * PAGE_SIZE + 100, PAGE_SIZE, 5000];
        let bytes = (1..).zip(sizes).map(|(seed, size)| pattern(seed, size));
        Reference {
            files: bytes.map(File::new).collect(),
            processes: BTreeMap::new(),
        }
    }

    pub(crate) fn file(&self, file: usize) -> &[u8] {
        self.files[file].bytes()
    }

    pub(crate) fn write_file(&mut self, file: usize, offset: u32, bytes: &[u8]) {
        self.files[file].write(offset as usize, bytes);
    }

    pub(crate) fn resize_file(&mut self, file: usize, len: usize) {
        let areas = self.processes.values().flatten().flatten();
        let pinned = areas.flat_map(|area| area.pinned_of(file)).collect();
        self.files[file].resize(len, pinned);
    }

    pub(crate) fn start(&mut self, process: usize) {
        self.processes.insert(process, Default::default());
    }

    pub(crate) fn fork(&mut self, parent: usize, child: usize) {
        let mut copy = self.processes[&parent].clone();
        for area in copy.iter_mut().flatten() {
            area.pins = Default::default();
        }
        self.processes.insert(child, copy);
    }

    pub(crate) fn exit(&mut self, process: usize) {
        self.processes.remove(&process);
    }

    /// Maps zeros. Returns whether the area was free.
    pub(crate) fn map_zeros(&mut self, process: usize, area: usize, pages: u32) -> bool {
        self.map(process, area, pages, Backing::Zero)
    }

    /// Maps pages of a file, which may be shorter. Returns whether the area was free.
    pub(crate) fn map_file(
        &mut self,
        process: usize,
        area: usize,
        file: usize,
        pages: Range<u32>,
        sharing: Sharing,
    ) -> bool {
        let first = pages.start;
        let backing = Backing::File {
            file,
            first,
            sharing,
        };
        self.map(process, area, pages.end - first, backing)
    }

    pub(crate) fn unmap(&mut self, process: usize, area: usize) {
        *self.area(process, area) = None;
    }

    /// Returns the predicted result of an access to a byte.
    pub(crate) fn verdict(&self, process: usize, addr: u32, access: Access) -> Verdict {
        let Some((area, page, _)) = self.find(process, addr) else {
            return Verdict::Refused(BadAccess::Unmapped.into());
        };
        if let Err(bad) = area.allows(page, access) {
            return Verdict::Refused(bad.into());
        }
        match area.file_page(page) {
            Some((file, page)) if self.files[file].lacks(page) => {
                match self.files[file].may_linger(page) {
                    true => Verdict::Open,
                    false => Verdict::Refused(Kill::PastEndOfFile),
                }
            }
            _ => Verdict::Granted,
        }
    }

    /// Returns the byte at an address that may be accessed.
    pub(crate) fn load(&self, process: usize, addr: u32) -> Byte {
        let (area, page, offset) = self.find(process, addr).expect("it may be accessed");
        self.byte(area, page, offset)
    }

    /// Stores to an address that may be stored to.
    pub(crate) fn store(&mut self, process: usize, addr: u32, byte: u8) {
        let (area, page, offset) = self.find(process, addr).expect("it may be accessed");
        if let Backing::File {
            file,
            first,
            sharing: Sharing::Shared,
        } = area.backing
        {
            let at = ((first + page) * PAGE_SIZE) as usize + offset;
            return self.files[file].store(at, byte);
        }
        let (number, ..) = locate(addr).expect("it was found");
        self.make_own(process, number, page);
        let area = self.area(process, number).as_mut().expect("it was found");
        let own = area.own.get_mut(&page).expect("it is its own by now");
        Rc::make_mut(own)[offset] = Some(byte);
    }

    /// Makes the bytes of a page in a private mapping private to its process.
    pub(crate) fn make_own(&mut self, process: usize, number: usize, page: u32) {
        let area = self.processes[&process][number].as_ref();
        let area = area.expect("it is mapped");
        if area.own.contains_key(&page) {
            return;
        }
        let offsets = 0..PAGE_SIZE as usize;
        let bytes = offsets
            .map(|offset| self.byte(area, page, offset))
            .collect();
        let area = self.area(process, number).as_mut().expect("it is mapped");
        area.own.insert(page, Rc::new(bytes));
    }

    pub(crate) fn is_mapped(&self, process: usize, area: usize, pages: &Range<u32>) -> bool {
        let area = self.processes[&process][area].as_ref();
        area.is_some_and(|area| pages.end <= area.pages)
    }

    pub(crate) fn protect(
        &mut self,
        process: usize,
        area: usize,
        pages: &Range<u32>,
        to: Protection,
    ) {
        let area = self.area(process, area).as_mut().expect("it is mapped");
        area.rights[pages.start as usize..pages.end as usize].fill(to);
    }

    /// Pins pages; those of private mappings that are pinned for a store become private.
    pub(crate) fn pin(
        &mut self,
        process: usize,
        number: usize,
        pages: &Range<u32>,
        access: Access,
    ) {
        let area = self.area(process, number).as_mut().expect("it is mapped");
        area.pins_of(pages).iter_mut().for_each(|pins| *pins += 1);
        let is_shared = matches!(
            area.backing,
            Backing::File {
                sharing: Sharing::Shared,
                ..
            }
        );
        if access == Access::Write && !is_shared {
            for page in pages.clone() {
                self.make_own(process, number, page);
            }
        }
    }

    /// Unpins pages. Returns whether all of them were pinned.
    pub(crate) fn unpin(&mut self, process: usize, area: usize, pages: &Range<u32>) -> bool {
        let Some(area) = self.area(process, area) else {
            return false;
        };
        let pins = area.pins_of(pages);
        let pinned = pages.end <= AREA_PAGES && pins.iter().all(|pins| *pins > 0);
        if pinned {
            pins.iter_mut().for_each(|pins| *pins -= 1);
        }
        pinned
    }

    pub(crate) fn has_pins(&mut self, process: usize, area: usize, pages: &Range<u32>) -> bool {
        let area = self.area(process, area).as_mut();
        area.is_some_and(|area| area.pins_of(pages).iter().any(|pins| *pins > 0))
    }

    pub(crate) fn any_pins(&self) -> bool {
        let areas = self.processes.values().flatten().flatten();
        areas.flat_map(|area| area.pins).any(|pins| pins > 0)
    }

    /// Makes private pages that are not pinned untouched again.
    pub(crate) fn dont_need(&mut self, process: usize, area: usize, pages: &Range<u32>) {
        if let Some(area) = self.area(process, area) {
            let pins = area.pins;
            area.own
                .retain(|page, _| !pages.contains(page) || pins[*page as usize] > 0);
        }
    }

    /// Returns some addresses of every mapped page.
    pub(crate) fn mapped_addresses(&self, process: usize) -> Vec<u32> {
        let areas = self.processes[&process].iter().enumerate();
        let mapped = areas.filter_map(|(n, area)| Some((area_start(n), area.as_ref()?.pages)));
        mapped
            .flat_map(|(start, pages)| (start..start + pages * PAGE_SIZE).step_by(1021))
            .collect()
    }

    fn map(&mut self, process: usize, area: usize, pages: u32, backing: Backing) -> bool {
        let area = self.area(process, area);
        let free = area.is_none();
        if free {
            *area = Some(Area::new(pages, backing));
        }
        free
    }

    fn byte(&self, area: &Area, page: u32, offset: usize) -> Byte {
        match (area.own.get(&page), area.backing) {
            (Some(own), _) => own[offset],
            (None, Backing::Zero) => Some(0),
            (None, Backing::File { file, first, .. }) => {
                self.files[file].byte(((first + page) * PAGE_SIZE) as usize + offset)
            }
        }
    }

    fn area(&mut self, process: usize, area: usize) -> &mut Option<Area> {
        &mut self.processes.get_mut(&process).expect("it lives")[area]
    }

    fn find(&self, process: usize, addr: u32) -> Option<(&Area, u32, usize)> {
        let (number, page, offset) = locate(addr)?;
        let area = self.processes[&process][number].as_ref()?;
        (page < area.pages).then_some((area, page, offset))
    }
}

fn pattern(seed: u32, size: u32) -> Vec<u8> {
    (0..size)
        .map(|n| (n.wrapping_mul(seed * 7919) >> 5) as u8)
        .collect()
}
