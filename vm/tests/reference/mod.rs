//! The naive model: every process has a map of its bytes, every file is a vector.

use std::collections::BTreeMap;

use machine::addr::PAGE_SIZE;
use vm::{BadAccess, Protection, Sharing};

/// How many areas a process may map something into; each has room for 4 pages.
pub const AREAS: usize = 6;
/// How many files there are.
pub const FILES: usize = 3;

/// Where an area starts. Odd ones lie across the border between two page tables.
pub fn area_start(area: usize) -> u32 {
    let border = if area % 2 == 1 { 2 * PAGE_SIZE } else { 0 };
    0x1000_0000 + 0x40_0000 * (area as u32 + 1) - border
}

#[derive(Clone, Copy)]
enum Backing {
    Zero,
    File(usize, Sharing),
}

#[derive(Clone)]
struct Area {
    pages: u32,
    backing: Backing,
    /// The pages that are this process' own by now.
    own: BTreeMap<u32, Vec<u8>>,
    /// What may be done with each page.
    rights: [Protection; 4],
    /// How often each page is pinned.
    pins: [u32; 4],
}

const READ_WRITE: Protection = Protection::READ.union(Protection::WRITE);

/// What the machine should hold.
pub struct Reference {
    files: Vec<Vec<u8>>,
    processes: BTreeMap<usize, [Option<Area>; AREAS]>,
}

impl Reference {
    pub fn new() -> Reference {
        let sizes = [3 * PAGE_SIZE + 100, PAGE_SIZE, 5000];
        let files = (1..)
            .zip(sizes)
            .map(|(seed, size)| pattern(seed, size))
            .collect();
        let mut reference = Reference {
            files,
            processes: BTreeMap::new(),
        };
        reference.start(0);
        reference
    }

    pub fn file(&self, file: usize) -> &[u8] {
        &self.files[file]
    }

    pub fn write_file(&mut self, file: usize, offset: u32, bytes: &[u8]) {
        let end = offset as usize + bytes.len();
        let file = &mut self.files[file];
        if file.len() < end {
            file.resize(end, 0);
        }
        file[offset as usize..end].copy_from_slice(bytes);
    }

    pub fn start(&mut self, process: usize) {
        self.processes.insert(process, Default::default());
    }

    pub fn fork(&mut self, parent: usize, child: usize) {
        let mut copy = self.processes[&parent].clone();
        copy.iter_mut()
            .flatten()
            .for_each(|area| area.pins = [0; 4]);
        self.processes.insert(child, copy);
    }

    pub fn exit(&mut self, process: usize) {
        self.processes.remove(&process);
    }

    /// Says whether the area was free.
    pub fn map_zeros(&mut self, process: usize, area: usize, pages: u32) -> bool {
        self.map(process, area, pages, Backing::Zero)
    }

    /// Says whether the area was free and has room for the file.
    pub fn map_file(&mut self, process: usize, area: usize, file: usize, sharing: Sharing) -> bool {
        let pages = (self.files[file].len() as u32).div_ceil(PAGE_SIZE);
        pages <= 4 && self.map(process, area, pages, Backing::File(file, sharing))
    }

    pub fn unmap(&mut self, process: usize, area: usize) {
        self.areas(process)[area] = None;
    }

    pub fn load(&self, process: usize, addr: u32) -> Result<u8, BadAccess> {
        let (area, page, offset) = self.find(process, addr).ok_or(BadAccess::Unmapped)?;
        if area.rights[page as usize].is_empty() {
            return Err(BadAccess::NoAccess);
        }
        if let Some(own) = area.own.get(&page) {
            return Ok(own[offset]);
        }
        Ok(match area.backing {
            Backing::Zero => 0,
            Backing::File(file, _) => {
                let at = (page * PAGE_SIZE) as usize + offset;
                self.files[file].get(at).copied().unwrap_or(0)
            }
        })
    }

    pub fn load_range(&self, process: usize, addr: u32, length: u32) -> Result<Vec<u8>, BadAccess> {
        (addr..addr + length)
            .map(|addr| self.load(process, addr))
            .collect()
    }

    pub fn store(&mut self, process: usize, addr: u32, byte: u8) -> Result<(), BadAccess> {
        let (area, page, offset) = self.find(process, addr).ok_or(BadAccess::Unmapped)?;
        may(area.rights[page as usize], true)?;
        if let Backing::File(file, Sharing::Shared) = area.backing {
            self.files[file][(page * PAGE_SIZE) as usize + offset] = byte;
            return Ok(());
        }
        let start = addr - offset as u32;
        let mut own = self.load_range(process, start, PAGE_SIZE)?;
        own[offset] = byte;
        let (number, _) = locate(addr).expect("it was found");
        let area = self.areas(process)[number].as_mut().expect("it was found");
        area.own.insert(page, own);
        Ok(())
    }

    pub fn is_mapped(&self, process: usize, area: usize, first: u32, count: u32) -> bool {
        let area = self.processes[&process][area].as_ref();
        area.is_some_and(|area| first + count <= area.pages)
    }

    /// Whether all of the pages may be accessed so.
    pub fn may_access(
        &self,
        process: usize,
        area: usize,
        first: u32,
        count: u32,
        store: bool,
    ) -> Result<(), BadAccess> {
        let area = self.processes[&process][area]
            .as_ref()
            .ok_or(BadAccess::Unmapped)?;
        (first..first + count).try_for_each(|page| {
            let within = page < area.pages;
            let rights = within
                .then(|| area.rights[page as usize])
                .ok_or(BadAccess::Unmapped)?;
            may(rights, store)
        })
    }

    pub fn protect(&mut self, process: usize, area: usize, first: u32, count: u32, to: Protection) {
        let area = self.areas(process)[area].as_mut().expect("it is mapped");
        area.rights[first as usize..(first + count) as usize].fill(to);
    }

    /// What a page that is pinned for a store holds is its process' own from then on.
    pub fn pin(&mut self, process: usize, area: usize, first: u32, count: u32, store: bool) {
        for page in first..first + count {
            let start = area_start(area) + page * PAGE_SIZE;
            let shared = |area: &Area| matches!(area.backing, Backing::File(_, Sharing::Shared));
            let bytes = self
                .load_range(process, start, PAGE_SIZE)
                .expect("it may be accessed");
            let area = self.areas(process)[area].as_mut().expect("it is mapped");
            area.pins[page as usize] += 1;
            if store && !shared(area) {
                area.own.insert(page, bytes);
            }
        }
    }

    /// Says whether all of the pages were pinned.
    pub fn unpin(&mut self, process: usize, area: usize, first: u32, count: u32) -> bool {
        let Some(area) = self.areas(process)[area].as_mut() else {
            return false;
        };
        let pages = first as usize..((first + count) as usize).min(4);
        let pinned = first + count <= 4 && area.pins[pages.clone()].iter().all(|pins| *pins > 0);
        if pinned {
            area.pins[pages].iter_mut().for_each(|pins| *pins -= 1);
        }
        pinned
    }

    pub fn has_pins(&self, process: usize, area: usize, first: u32, count: u32) -> bool {
        let area = self.processes[&process][area].as_ref();
        let end = (first + count).min(4) as usize;
        area.is_some_and(|area| area.pins[first as usize..end].iter().any(|pins| *pins > 0))
    }

    pub fn any_pins(&self) -> bool {
        let areas = self.processes.values().flatten().flatten();
        areas.flat_map(|area| area.pins).any(|pins| pins > 0)
    }

    /// Private pages that are not pinned are as if never touched.
    pub fn dont_need(&mut self, process: usize, area: usize, first: u32, count: u32) {
        let Some(area) = self.areas(process)[area].as_mut() else {
            return;
        };
        let pins = area.pins;
        area.own
            .retain(|page, _| !(first..first + count).contains(page) || pins[*page as usize] > 0);
    }

    /// Whether a byte is past the end of the file that a page maps, where stores may or may not
    /// stay, and nobody may rely on either.
    pub fn is_file_tail(&self, process: usize, addr: u32) -> bool {
        match self.find(process, addr) {
            Some((
                Area {
                    backing: Backing::File(file, _),
                    ..
                },
                page,
                offset,
            )) => (page * PAGE_SIZE) as usize + offset >= self.files[*file].len(),
            _ => false,
        }
    }

    /// Some addresses of every mapped page.
    pub fn mapped_addresses(&self, process: usize) -> Vec<u32> {
        let areas = self.processes[&process].iter().enumerate();
        let mapped = areas.filter_map(|(n, area)| Some((area_start(n), area.as_ref()?.pages)));
        mapped
            .flat_map(|(start, pages)| (start..start + pages * PAGE_SIZE).step_by(251))
            .collect()
    }

    fn map(&mut self, process: usize, area: usize, pages: u32, backing: Backing) -> bool {
        let area = &mut self.areas(process)[area];
        let free = area.is_none();
        if free {
            *area = Some(Area {
                pages,
                backing,
                own: BTreeMap::new(),
                rights: [READ_WRITE; 4],
                pins: [0; 4],
            });
        }
        free
    }

    fn areas(&mut self, process: usize) -> &mut [Option<Area>; AREAS] {
        self.processes.get_mut(&process).expect("it lives")
    }

    fn find(&self, process: usize, addr: u32) -> Option<(&Area, u32, usize)> {
        let (number, within) = locate(addr)?;
        let area = self.processes[&process][number].as_ref()?;
        let page = within / PAGE_SIZE;
        (page < area.pages).then_some((area, page, (within % PAGE_SIZE) as usize))
    }
}

/// The area that an address may be in, and how far.
fn locate(addr: u32) -> Option<(usize, u32)> {
    (0..AREAS)
        .rev()
        .find(|area| addr >= area_start(*area))
        .map(|area| (area, addr - area_start(area)))
}

/// Whether a page with these rights may be accessed so.
fn may(rights: Protection, store: bool) -> Result<(), BadAccess> {
    if rights.is_empty() {
        Err(BadAccess::NoAccess)
    } else if store && !rights.contains(Protection::WRITE) {
        Err(BadAccess::ReadOnly)
    } else {
        Ok(())
    }
}

fn pattern(seed: u32, size: u32) -> Vec<u8> {
    (0..size)
        .map(|n| (n.wrapping_mul(seed * 7919) >> 5) as u8)
        .collect()
}
