//! Copying an address space without copying its pages.
//!
//! # Invariants
//! After a fork, parent and child name the same contents, in frames or in swap;
//! no entry for a private content with several users allows a store; shared mappings stay shared.
//! Only what is pinned is copied at once, since a pin promises its owner that very frame.

use machine::addr::Page;
use machine::work::Work;

use crate::ids::{Owner, SpaceId, User};
use crate::pager::Pager;
use crate::pager::denied::Denied;
use crate::refused::ForkError;

impl Pager {
    /// A copy of an address space, for `owner`; `made` as for [`Pager::create_space`].
    ///
    /// # Errors
    /// [`ForkError`]; the parent is as it was.
    ///
    /// # Examples
    ///
    // lab 8 example
    /// ```
    /// use kit::Machine;
    /// use vm::VmOptions;
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let parent = machine.space();
    /// machine.zeros(parent, 0x0a00_0000, 1);
    /// machine.store(parent, 0x0a00_0000, 7)?;
    ///
    /// let child = machine.fork(parent);
    /// assert_eq!(machine.load(child, 0x0a00_0000)?, 7);
    /// assert_eq!(machine.vm.usage().frames_in_use, 1);
    /// machine.store(child, 0x0a00_0000, 8)?; // copied now
    /// assert_eq!(machine.vm.usage().frames_in_use, 2);
    /// assert_eq!(machine.load(parent, 0x0a00_0000)?, 7);
    /// # Ok::<(), vm::Kill>(())
    /// ```
    pub fn fork_space(
        &mut self,
        parent: SpaceId,
        owner: Owner,
        made: Work,
    ) -> Result<SpaceId, ForkError> {
        self.let_go();
        let child = self.create_space(owner, made)?;
        let result = self.share_all(parent, child);
        if let Err(error) = result {
            self.destroy_space(child);
            return Err(error);
        }
        self.debug_check();
        Ok(child)
    }

    /// Gives a new address space the regions and the contents of its parent.
    ///
    /// # Contract
    /// - Before: the child has no region and no page.
    /// - After: the child has the parent's regions, and each of its pages that has a content has the
    ///   parent's, in a frame or in swap; nothing was read or written for it. Neither can store to a
    ///   private one without a fault. The child has a copy of what the parent has pinned in a private
    ///   page, and keeps no pin. On an error the child is as far as it got, and the parent as it was.
    ///
    /// # Errors
    /// [`ForkError`].
    fn share_all(&mut self, parent: SpaceId, child: SpaceId) -> Result<(), ForkError> {
        // lab 8.4: share all pages with a child
        self.inherit_regions(parent, child)?;
        let contents = self.space(parent).spt().all_contents();
        let pages: Vec<Page> = contents.map(|(page, _)| page).collect();
        for page in pages {
            let original = User {
                space: parent,
                page,
            };
            // Copying a pinned page may evict another one of the parent's and drop its content.
            let Some(content) = self.residency().content_of(original) else {
                continue;
            };
            let user = User { space: child, page };
            let residency = self.residency();
            if residency.is_private(content) && residency.is_pinned(original) {
                self.copy_pinned(user, original)?;
            } else {
                self.inherit(user, content)?;
            }
        }
        Ok(())
        // lab given
        // | // Until 8.4: there is no room for a second process.
        // | Err(machine::paging::OutOfTables.into())
        // lab end
    }

    fn copy_pinned(&mut self, user: User, original: User) -> Result<(), ForkError> {
        let frame = self.frame_of(original).expect("pinned in its frame");
        loop {
            match self.adopt_copy(user, frame) {
                Ok(_) => return Ok(()),
                Err(Denied::Kill(kill)) => return Err(ForkError::Copy(kill)),
                Err(Denied::Busy(until)) => self.sleep_until(until),
            }
        }
    }
}
