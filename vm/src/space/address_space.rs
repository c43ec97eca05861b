//! Address spaces.
//!
//! # Invariants
//! A [`SpaceId`] names an address space until it is destroyed. `resident` is the size of its
//! resident set: the number of its pages whose content is in a frame. Every pin in `pins` is a pin
//! on the frame that holds that page. The numbers of regions are at most [`MAX_REGIONS`] and
//! [`MAX_REGIONS_OF_ALL`].

use std::collections::BTreeMap;
use std::ops::Range;

use machine::addr::Page;
use machine::paging::PageDirectory;

use crate::ids::{MapId, Owner, SpaceId};
use crate::space::limits::{MAX_REGIONS, MAX_REGIONS_OF_ALL, TooManyRegions};
use crate::space::region::Region;
use crate::space::spt::Spt;

/// One address space: a page directory for the hardware, a supplemental page table for us.
#[derive(Debug)]
pub struct AddressSpace {
    pub(crate) owner: Owner,
    pub(crate) directory: PageDirectory,
    pub(crate) spt: Spt,
    pub(crate) resident: u32,
    /// Whether its process is being scheduled, and so keeps a minimum resident set.
    pub(crate) is_resident: bool,
    pub(crate) pins: BTreeMap<Page, u32>,
    pub(crate) next_map: u32,
}

impl AddressSpace {
    pub(crate) fn new(owner: Owner, directory: PageDirectory) -> AddressSpace {
        AddressSpace {
            owner,
            directory,
            spt: Spt::default(),
            resident: 0,
            is_resident: true,
            pins: BTreeMap::new(),
            next_map: 1,
        }
    }

    /// Returns its owner.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// Returns its page directory.
    pub fn directory(&self) -> &PageDirectory {
        &self.directory
    }

    /// Returns its supplemental page table.
    pub fn spt(&self) -> &Spt {
        &self.spt
    }

    /// Returns the size of its resident set, in pages.
    pub fn resident(&self) -> u32 {
        self.resident
    }

    /// Returns whether its process is being scheduled, and so keeps a minimum resident set.
    pub fn has_turns(&self) -> bool {
        self.is_resident
    }

    /// Returns the number of pins that the process holds on a page.
    pub fn pins(&self, page: Page) -> u32 {
        self.pins.get(&page).copied().unwrap_or(0)
    }

    /// Returns a number for a new mapping, not used before in this address space.
    pub(crate) fn new_map_id(&mut self) -> MapId {
        let id = MapId(self.next_map);
        self.next_map += 1;
        id
    }
}

/// All address spaces of the machine.
#[derive(Default, Debug)]
pub(crate) struct Spaces {
    slab: Vec<Option<AddressSpace>>,
    free: Vec<SpaceId>,
    /// The number of regions of all of them together.
    regions: usize,
}

impl Spaces {
    /// Adds an address space. Ids are reused, the last freed first.
    pub(crate) fn add(&mut self, space: AddressSpace) -> SpaceId {
        match self.free.pop() {
            Some(id) => {
                self.slab[id.0 as usize] = Some(space);
                id
            }
            None => {
                self.slab.push(Some(space));
                SpaceId(self.slab.len() as u32 - 1)
            }
        }
    }

    pub(crate) fn get(&self, id: SpaceId) -> &AddressSpace {
        self.slab[id.0 as usize]
            .as_ref()
            .expect("an id is used only while its space lives")
    }

    pub(crate) fn get_mut(&mut self, id: SpaceId) -> &mut AddressSpace {
        self.slab[id.0 as usize]
            .as_mut()
            .expect("an id is used only while its space lives")
    }

    pub(crate) fn remove(&mut self, id: SpaceId) -> AddressSpace {
        self.free.push(id);
        let space = self.slab[id.0 as usize].take().expect("removed once");
        self.regions -= space.spt.regions.len();
        space
    }

    /// Replaces the regions in a range of pages by others that lie in it. Returns the old ones.
    /// Contents of pages are left to the caller.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn replace_regions(
        &mut self,
        id: SpaceId,
        pages: &Range<Page>,
        new: Vec<Region>,
    ) -> Result<Vec<Region>, TooManyRegions> {
        let regions = &mut self.get_mut(id).spt.regions;
        let before = regions.len();
        // Counted after the fact: whether neighbours join or split is known only then.
        let old = regions.cut(pages.clone());
        new.into_iter().for_each(|region| regions.insert(region));
        let after = regions.len();
        let all = self.regions - before + after;
        if after > before && (after > MAX_REGIONS || all > MAX_REGIONS_OF_ALL) {
            // Regions follow from their pages alone, so this restores exactly what was there.
            let regions = &mut self.get_mut(id).spt.regions;
            regions.cut(pages.clone());
            old.into_iter().for_each(|region| regions.insert(region));
            return Err(TooManyRegions);
        }
        self.regions = all;
        Ok(old)
    }

    /// Copies the regions of one address space to another that has none.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn copy_regions(
        &mut self,
        from: SpaceId,
        to: SpaceId,
    ) -> Result<(), TooManyRegions> {
        let regions = &self.get(from).spt.regions;
        // The limit of a single space holds for the copy as it does for the original.
        if self.regions + regions.len() > MAX_REGIONS_OF_ALL {
            return Err(TooManyRegions);
        }
        let copy = regions.clone();
        self.regions += copy.len();
        self.get_mut(to).spt.regions = copy;
        Ok(())
    }

    /// Returns the counted number of regions of all address spaces.
    pub(crate) fn regions(&self) -> usize {
        self.regions
    }

    pub(crate) fn len(&self) -> usize {
        self.slab.len() - self.free.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SpaceId, &AddressSpace)> {
        let numbered = (0..).map(SpaceId).zip(&self.slab);
        numbered.filter_map(|(id, space)| Some((id, space.as_ref()?)))
    }
}
