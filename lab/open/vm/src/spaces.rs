//! Address spaces: what may be in each, and which frame each of its pages is in.
//!
//! # Invariants
//!
//! The id of an address space is never that of another one, before or after it.

use std::collections::BTreeMap;
use std::ops::Range;

use machine::addr::{Frame, Page};
use machine::paging::PageDirectory;

use crate::ids::{Owner, SpaceId, User};
use crate::space::region::Region;

/// An address space.
pub struct AddressSpace {
    /// Whose it is.
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
pub struct Spaces {
    all: BTreeMap<SpaceId, AddressSpace>,
    made: u32,
}

impl Spaces {
    /// A new one, which is empty.
    pub fn add(&mut self, owner: Owner, directory: PageDirectory) -> SpaceId {
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

    /// Those that there are, in order.
    pub fn ids(&self) -> impl Iterator<Item = SpaceId> {
        self.all.keys().copied()
    }

    /// One that there is.
    ///
    /// # Panics
    /// If there is none of that id.
    pub fn get(&self, id: SpaceId) -> &AddressSpace {
        self.all.get(&id).expect("a living address space")
    }

    /// As [`Spaces::get`].
    pub fn get_mut(&mut self, id: SpaceId) -> &mut AddressSpace {
        self.all.get_mut(&id).expect("a living address space")
    }

    /// Takes one out.
    pub fn remove(&mut self, id: SpaceId) -> AddressSpace {
        self.all.remove(&id).expect("a living address space")
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &AddressSpace> {
        self.all.values()
    }

    /// The region that a page is in.
    pub fn region(&self, user: User) -> Option<&Region> {
        let mut found = self.regions_from(user.space, user.page);
        found.next().filter(|region| region.start <= user.page)
    }

    /// The regions that have pages in a range, in order.
    pub fn regions_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = &Region> {
        let found = self.regions_from(space, pages.start);
        found.take_while(move |region| region.start < pages.end)
    }

    /// The regions that end behind a page, in order.
    fn regions_from(&self, space: SpaceId, page: Page) -> impl Iterator<Item = &Region> {
        let regions = &self.get(space).regions;
        let around = regions.range(..page).next_back();
        let around = around.filter(move |(_, region)| page < region.end);
        let found = around.into_iter().chain(regions.range(page..));
        found.map(|(_, region)| region)
    }

    /// The frame that a page is in.
    pub fn frame(&self, user: User) -> Option<Frame> {
        self.get(user.space).frames.get(&user.page).copied()
    }
}
