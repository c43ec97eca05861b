//! Copying an address space without copying its pages.
//!
//! # Invariants
//! After a fork, parent and child name the same contents, in frames or in swap;
//! no entry for a private content with several users allows a store; shared mappings stay shared.
//! Only what is pinned is copied at once, since a pin promises its owner that very frame.

use emu::addr::Page;
use emu::paging::OutOfTables;
use thiserror::Error;

use crate::ids::{ContentId, Owner, SpaceId, User};
use crate::kill::{Denied, Kill};
use crate::observe::event::{Detail, Event};
use crate::pager::Vm;
use crate::residency::content::Kind;
use crate::space::regions::TooManyRegions;

/// Why an address space could not be copied; nothing is left of the copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ForkError {
    /// The kernel has no frame for its directory or tables.
    #[error(transparent)]
    Tables(#[from] OutOfTables),
    /// There may be no more regions.
    #[error(transparent)]
    TooManyRegions(#[from] TooManyRegions),
    /// A pinned page could not be copied.
    #[error("copying a pinned page: {0}")]
    Pinned(Kill),
}

impl Vm {
    /// A copy of an address space, for `owner`.
    ///
    /// # Errors
    /// [`ForkError`]; the parent is as it was.
    pub fn fork_space(&mut self, parent: SpaceId, owner: Owner) -> Result<SpaceId, ForkError> {
        self.let_go();
        let child = self.create_space(owner)?;
        let result = self.share_all(parent, child);
        if let Err(error) = result {
            self.destroy_space(child);
            return Err(error);
        }
        self.debug_check();
        Ok(child)
    }

    fn share_all(&mut self, parent: SpaceId, child: SpaceId) -> Result<(), ForkError> {
        self.spaces.copy_regions(parent, child)?;
        let next_map = self.spaces.get(parent).next_map;
        self.spaces.get_mut(child).next_map = next_map;
        self.tell_regions(child);
        let pages: Vec<Page> = self
            .spaces
            .get(parent)
            .spt
            .all_contents()
            .map(|(page, _)| page)
            .collect();
        for page in pages {
            // Copying a pinned page may evict another one of the parent's and drop its content.
            let Some(content) = self.spaces.get(parent).spt.content(page) else {
                continue;
            };
            let user = User { space: child, page };
            if self.is_private(content)
                && self.is_pinned(User {
                    space: parent,
                    page,
                })
            {
                self.copy_pinned(user, content)?;
            } else {
                self.attach(user, content)?;
            }
        }
        Ok(())
    }

    /// Tells of all regions that a copy has, if anyone listens.
    fn tell_regions(&mut self, space: SpaceId) {
        if !self.is_heard(Detail::Faults) {
            return;
        }
        let owner = self.owner(space);
        let regions: Vec<_> = self.spaces.get(space).spt.regions.iter().cloned().collect();
        for region in regions {
            self.emit(Event::Mapped { owner, region });
        }
    }

    fn copy_pinned(&mut self, user: User, content: ContentId) -> Result<(), ForkError> {
        let frame = self
            .contents
            .get(content)
            .frame()
            .expect("pinned in its frame");
        let copy = loop {
            match self.copy_frame(user, frame) {
                Ok(copy) => break copy,
                Err(Denied::Kill(kill)) => return Err(ForkError::Pinned(kill)),
                Err(Denied::Busy(until)) => self.sleep_until(until),
            }
        };
        self.attach_new(user, copy, Kind::Private { pristine: false });
        Ok(())
    }
}
