//! Fork: copying an address space without copying its pages.
//!
//! # Invariants
//! After a fork, parent and child name the same contents, in frames or in swap. No entry for a
//! private content with several users allows a store. Shared mappings stay shared. Only pinned
//! private pages are copied at once, since a pin promises its owner that very frame.

use machine::addr::Page;
use machine::work::Work;

use crate::ids::{Owner, SpaceId, User};
use crate::pager::Pager;
use crate::pager::denied::Denied;
use crate::refused::ForkError;

impl Pager {
    /// Copies an address space for `owner`; `made` is as for [`Pager::create_space`].
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
        // The instruction that called fork has been executed, so nothing need stay for it.
        self.let_go();
        let child = self.create_space(owner, made)?;
        let result = self.share_all(parent, child);
        if let Err(error) = result {
            // What the child has got so far is shared, so this frees its own copies alone.
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
    ///   page, and keeps no pin. On an error the child is incomplete, and the parent is as it was.
    ///
    /// # Errors
    /// [`ForkError`].
    fn share_all(&mut self, parent: SpaceId, child: SpaceId) -> Result<(), ForkError> {
        // lab 8.4: share all pages with a child
        self.inherit_regions(parent, child)?;
        // Listed first: the contents change while pages are shared and copied.
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
            // Copy-on-write would give the parent a new frame at its next store, pinned or not.
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

    /// Gives the child a copy of a pinned page of its parent.
    fn copy_pinned(&mut self, user: User, original: User) -> Result<(), ForkError> {
        let frame = self.frame_of(original).expect("pinned in its frame");
        loop {
            match self.adopt_copy(user, frame) {
                Ok(_) => return Ok(()),
                Err(Denied::Kill(kill)) => return Err(ForkError::Copy(kill)),
                // Unlike a fault, a fork is not repeated: the wait is here.
                Err(Denied::Busy(until)) => self.sleep_until(until),
            }
        }
    }
}
