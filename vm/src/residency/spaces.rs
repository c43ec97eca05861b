//! Creating and destroying address spaces, and changing their regions.
//!
//! # Invariants
//!
//! A space that is destroyed has no page left. A change of regions is made completely or not at
//! all.

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
    /// Creates an empty address space.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is no frame for its page directory.
    pub(crate) fn create_space(&mut self, owner: Owner) -> Result<SpaceId, OutOfTables> {
        let directory = self.tables.create()?;
        Ok(self.spaces.add(AddressSpace::new(owner, directory)))
    }

    /// Destroys an address space.
    ///
    /// # Panics
    /// If one of its pages still has a content.
    pub(crate) fn destroy_space(&mut self, space: SpaceId) {
        let gone = self.spaces.remove(space);
        assert_eq!(gone.spt.touched(), 0, "{space:?} has pages");
        let flush = self.tables.destroy(gone.directory);
        // The frame of this directory may be the next one's, and CR3 would look unchanged.
        self.tlb.note(flush);
        debug_assert!(
            self.spaces.len() > 0 || self.contents.is_empty(),
            "contents of nobody"
        );
    }

    /// Sets whether the process of an address space is being scheduled.
    pub(crate) fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.spaces.get_mut(space).is_resident = is_resident;
    }

    /// Returns an unused number for a new mapping.
    pub(crate) fn new_map_id(&mut self, space: SpaceId) -> MapId {
        self.spaces.get_mut(space).new_map_id()
    }

    /// Adds a region to unused pages.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    ///
    /// # Panics
    /// If a page of it is in another region.
    pub(crate) fn add_region(
        &mut self,
        space: SpaceId,
        region: Region,
    ) -> Result<(), TooManyRegions> {
        let pages = region.pages();
        let mut there = self.spaces.get(space).spt.regions.within(pages.clone());
        assert!(there.next().is_none(), "{pages:?} of {space:?} is in use");
        drop(there);
        let replaced = self.spaces.replace_regions(space, &pages, vec![region]);
        replaced.map(drop)
    }

    /// Removes regions, pins and contents from a range of pages, contents as in
    /// [`Residency::release`]. Returns the release of each touched page, in order.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn unmap(
        &mut self,
        space: SpaceId,
        pages: &Range<Page>,
    ) -> Result<Vec<Unmapped>, TooManyRegions> {
        // First, since a hole in a region may be one region too many; the rest cannot fail.
        self.spaces.replace_regions(space, pages, Vec::new())?;
        let touched = self.touched(space, pages.clone()).into_iter();
        let emptied = touched.map(|page| {
            let user = User { space, page };
            // A pin that outlives its page would keep the frame from ever being freed.
            self.end_kept_pins(user);
            let released = self.release(user);
            Unmapped {
                entries: self.take_journal(),
                released,
            }
        });
        Ok(emptied.collect())
    }

    /// Copies the regions of one address space, and its count of mappings, to another without
    /// regions.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn copy_regions(
        &mut self,
        from: SpaceId,
        to: SpaceId,
    ) -> Result<(), TooManyRegions> {
        self.spaces.copy_regions(from, to)?;
        self.spaces.get_mut(to).next_map = self.spaces.get(from).next_map;
        Ok(())
    }

    /// Changes the rights of a range of pages, and the entries of those in frames. Returns the
    /// regions that are there now.
    ///
    /// # Errors
    /// [`TooManyRegions`]; nothing changed.
    pub(crate) fn protect(
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
        // After the regions, from which the rights follow.
        for page in self.touched(space, pages.clone()) {
            self.apply_rights(User { space, page });
        }
        Ok(changed)
    }
}
