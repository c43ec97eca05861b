//! Address spaces come and go, and what may be in them changes.
//!
//! # Invariants
//!
//! A space that goes has no page left; regions change all or not at all.

use std::ops::Range;

use machine::addr::Page;
use machine::paging::OutOfTables;

use crate::ids::{MapId, Owner, SpaceId, User};
use crate::residency::Residency;
use crate::residency::change::Unmapped;
use crate::space::address_space::AddressSpace;
use crate::space::limits::TooManyRegions;
use crate::space::region::{Protection, Region};

impl Residency {
    /// A new address space, with nothing in it.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is no frame for its page directory.
    pub fn create_space(&mut self, owner: Owner) -> Result<SpaceId, OutOfTables> {
        let directory = self.tables.create()?;
        Ok(self.spaces.add(AddressSpace::new(owner, directory)))
    }

    /// Ends an address space.
    ///
    /// # Panics
    /// If one of its pages still has a content.
    pub fn destroy_space(&mut self, space: SpaceId) {
        let gone = self.spaces.remove(space);
        assert_eq!(gone.spt.touched(), 0, "{space:?} has pages");
        let flush = self.tables.destroy(gone.directory);
        self.tlb.note(flush);
        debug_assert!(
            self.spaces.len() > 0 || self.contents.is_empty(),
            "contents of nobody"
        );
    }

    /// Says whether the process of an address space has turns.
    pub fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.spaces.get_mut(space).is_resident = is_resident;
    }

    /// A number for a new mapping.
    pub fn new_map_id(&mut self, space: SpaceId) -> MapId {
        self.spaces.get_mut(space).new_map_id()
    }

    /// Adds a region where there is none.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    ///
    /// # Panics
    /// If there is one.
    pub fn add_region(&mut self, space: SpaceId, region: Region) -> Result<(), TooManyRegions> {
        let pages = region.pages();
        let mut there = self.spaces.get(space).spt.regions.within(pages.clone());
        assert!(there.next().is_none(), "{pages:?} of {space:?} is in use");
        drop(there);
        let replaced = self.spaces.replace_regions(space, &pages, vec![region]);
        replaced.map(drop)
    }

    /// Takes all that is in a range of pages away: its regions, its pins, and what its pages hold, as in
    /// [`Residency::release`]. Gives what became of each page that held something, in their order.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub fn unmap(
        &mut self,
        space: SpaceId,
        pages: &Range<Page>,
    ) -> Result<Vec<Unmapped>, TooManyRegions> {
        self.spaces.replace_regions(space, pages, Vec::new())?;
        let touched = self.touched(space, pages.clone()).into_iter();
        let emptied = touched.map(|page| {
            let user = User { space, page };
            self.end_kept_pins(user);
            let released = self.release(user);
            Unmapped {
                entries: self.take_journal(),
                released,
            }
        });
        Ok(emptied.collect())
    }

    /// Gives an address space that has no region those of another one, and its count of mappings.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub fn copy_regions(&mut self, from: SpaceId, to: SpaceId) -> Result<(), TooManyRegions> {
        self.spaces.copy_regions(from, to)?;
        self.spaces.get_mut(to).next_map = self.spaces.get(from).next_map;
        Ok(())
    }

    /// Changes what a program may do in a range of pages, and the entries of those in frames. Gives
    /// the regions that are there now.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub fn protect(
        &mut self,
        space: SpaceId,
        pages: &Range<Page>,
        protection: Protection,
    ) -> Result<Vec<Region>, TooManyRegions> {
        let parts = self.spaces.get(space).spt.regions.within(pages.clone());
        let changed: Vec<Region> = parts
            .map(|region| Region {
                protection,
                ..region.part(pages.clone())
            })
            .collect();
        self.spaces.replace_regions(space, pages, changed.clone())?;
        for page in self.touched(space, pages.clone()) {
            self.apply_rights(User { space, page });
        }
        Ok(changed)
    }
}
