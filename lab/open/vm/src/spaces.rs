//! Address spaces: the regions of each, and the frame of each of its pages.
//!
//! # Invariants
//!
//! Ids of address spaces are never reused.

use std::collections::BTreeMap;
use std::ops::Range;

use machine::addr::{Frame, Page};
use machine::paging::PageDirectory;

use crate::ids::{Owner, SpaceId, User};
use crate::space::region::Region;

/// An address space.
pub(crate) struct AddressSpace {
    /// Its owner.
    pub owner: Owner,
    /// Its page directory.
    pub directory: PageDirectory,
    /// Its regions, by their first pages.
    pub regions: BTreeMap<Page, Region>,
    /// The frames of its pages.
    pub frames: BTreeMap<Page, Frame>,
}

/// All address spaces.
#[derive(Default)]
pub(crate) struct Spaces {
    all: BTreeMap<SpaceId, AddressSpace>,
    made: u32,
}

impl Spaces {
    /// Adds an empty address space.
    pub(crate) fn add(&mut self, owner: Owner, directory: PageDirectory) -> SpaceId {
        let id = SpaceId(self.made);
        self.made += 1;
        let space = AddressSpace {
            owner,
            directory,
            regions: BTreeMap::new(),
            frames: BTreeMap::new(),
        };
        self.all.insert(id, space);
        id
    }

    /// Returns the ids of all address spaces, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SpaceId> {
        self.all.keys().copied()
    }

    /// Returns an address space.
    ///
    /// # Panics
    /// If there is none with that id.
    pub(crate) fn get(&self, id: SpaceId) -> &AddressSpace {
        self.all.get(&id).expect("a living address space")
    }

    /// Returns an address space, as [`Spaces::get`] does, to be changed.
    pub(crate) fn get_mut(&mut self, id: SpaceId) -> &mut AddressSpace {
        self.all.get_mut(&id).expect("a living address space")
    }

    /// Removes an address space.
    pub(crate) fn remove(&mut self, id: SpaceId) -> AddressSpace {
        self.all.remove(&id).expect("a living address space")
    }

    /// Returns all address spaces.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &AddressSpace> {
        self.all.values()
    }

    /// Returns the region that a page is in.
    pub(crate) fn region(&self, user: User) -> Option<&Region> {
        let mut found = self.regions_from(user.space, user.page);
        found.next().filter(|region| region.start <= user.page)
    }

    /// Returns the regions that overlap a range, in order.
    pub(crate) fn regions_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = &Region> {
        let found = self.regions_from(space, pages.start);
        found.take_while(move |region| region.start < pages.end)
    }

    /// Returns the regions that end after a page, in order.
    fn regions_from(&self, space: SpaceId, page: Page) -> impl Iterator<Item = &Region> {
        let regions = &self.get(space).regions;
        let around = regions.range(..page).next_back();
        let around = around.filter(move |(_, region)| page < region.end);
        let found = around.into_iter().chain(regions.range(page..));
        found.map(|(_, region)| region)
    }

    /// Returns the frame of a page of a region: each is in one.
    ///
    /// # Panics
    /// If the page is in no region.
    pub(crate) fn frame_in_region(&self, user: User) -> Frame {
        self.frame(user).expect("a page of a region is in a frame")
    }

    /// Returns the frame that a page is in.
    pub(crate) fn frame(&self, user: User) -> Option<Frame> {
        self.get(user.space).frames.get(&user.page).copied()
    }
}
