//! The page-table entries that map contents: their rights, and how they are made and cleared.
//!
//! # Invariants
//!
//! An entry never grants more than its page has at the moment. The A and D bits of an entry that is
//! cleared are kept with the frame.

use machine::paging::OutOfTables;
use machine::pte::{Pte, PteFlags};

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::Access;

use crate::ids::{SpaceId, User};
use crate::residency::Residency;
use crate::residency::content::Kind;
use crate::space::region::Protection;
use crate::space::spt::ContentId;

impl Residency {
    /// Returns the flags that a user's entry for a content may have; `None` if no access is
    /// allowed.
    ///
    /// A store must fault if it is forbidden, or if processes that must not see it would: a private
    /// content is written by its only user, a page of a file through a shared mapping.
    ///
    /// # Contract
    /// - Before: `content` exists. `user` is one of its users, or is about to be.
    /// - After: nothing has changed. The flags are those that the entry may have *now*: they are
    ///   computed again whenever the users or the kind of the content, or the region, have changed.
    pub(crate) fn rights(&self, user: User, content: ContentId) -> Option<PteFlags> {
        let region = self.spaces.get(user.space).spt.region(user.page)?;
        if region.protection.is_empty() {
            return None;
        }
        let alone: bool = {
            // lab 8.1: say whose store may go unseen by the kernel
            let content = self.contents.get(content);
            match content.kind {
                Kind::Private { .. } => content.users().len() == 1,
                // In a private mapping the store has to fault, even by the only user: the page must
                // leave the cache first, or `read` would see it.
                Kind::File(_) => region.is_shared_file(),
            }
            // lab given
            // | // Until 8.1: nobody shares what is not the file's, so only the region has a say.
            // | true
            // lab end
        };
        let writable = alone && region.protection.contains(Protection::WRITE);
        Some(if writable {
            PteFlags::USER_WRITE
        } else {
            PteFlags::USER_READ
        })
    }

    /// Makes sure that there is a page table for a page's entry, or that one can be allocated. That
    /// holds until an entry of another page is made: clearing entries only frees page tables.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: nothing has changed. If the answer is `Ok`, [`PageTables::map`] for this page succeeds
    ///   next: the entry of the page directory is present, or a frame of the kernel's pool is free.
    ///
    /// [`PageTables::map`]: machine::paging::PageTables::map
    ///
    /// # Errors
    /// [`OutOfTables`] if there is neither.
    pub(crate) fn check_table(&self, user: User) -> Result<(), OutOfTables> {
        // lab 1.3: make sure of a page table
        // A free frame is enough: `map` is the next thing to take one.
        let directory = &self.spaces.get(user.space).directory;
        let index = user.page.directory_index();
        let has_table = self.tables.directory_entry(directory, index).is_present();
        match has_table || self.tables.free_frames() > 0 {
            true => Ok(()),
            false => Err(OutOfTables),
        }
        // lab given
        // | // Until 1.3: one hopes for the best.
        // | Ok(())
        // lab end
    }

    /// Gives the entry of a touched page the rights that the page now has, if its content is in a
    /// frame and its region allows any access.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub(crate) fn grant(&mut self, user: User) -> Result<(), OutOfTables> {
        let content = self.touched_content(user);
        self.map_user(user, content)
    }

    /// Returns the user's page-table entry of a page.
    pub(crate) fn entry(&self, space: SpaceId, page: Page) -> Pte {
        self.tables.entry(&self.spaces.get(space).directory, page)
    }

    /// Returns whether the entry of an address grants an access of ring 3 as it is.
    pub(crate) fn grants(&self, space: SpaceId, addr: VirtAddr, access: Access) -> bool {
        // Without NX a fetch needs no other bits than a load (SDM vol. 3, 4.6.1).
        let needed = match access {
            Access::Write => PteFlags::USER_WRITE,
            Access::Read | Access::Fetch => PteFlags::USER_READ,
        };
        self.entry(space, addr.page()).has(needed)
    }

    /// Points a user's entry to its content's frame, if it is in one, with the rights of the
    /// moment.
    pub(super) fn map_user(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
        let Some(frame) = self.contents.get(content).frame() else {
            return Ok(());
        };
        // A region without rights (PROT_NONE) keeps its pages, but no entry leads to them.
        let Some(flags) = self.rights(user, content) else {
            return Ok(());
        };
        let directory = &self.spaces.get(user.space).directory;
        let flush = self.tables.map(directory, user.page, frame, flags)?;
        // Also an entry that was present: unsharing replaces its frame, and a stale translation
        // would send the program's stores to the old one.
        self.tlb.note(flush);
        Ok(())
    }

    /// Points a user's entry to its content's frame after [`Residency::check_table`].
    pub(super) fn map_checked(&mut self, user: User, content: ContentId) {
        let mapped = self.map_user(user, content);
        mapped.expect("it was made sure that there is a page table");
    }

    /// Points a user's entry to its content's frame if a page table can be allocated. If not, the
    /// entry stays empty, and its process faults and gets the error.
    pub(super) fn map_if_possible(&mut self, user: User, content: ContentId) {
        self.entries_left_out |= self.map_user(user, content).is_err();
    }

    /// Clears the entry of one user, and keeps its A and D bits with the frame.
    ///
    /// # Contract
    /// - Before: the user's content is in `frame`. Its entry may be empty already.
    /// - After: the entry is empty, and its translation leaves the TLB before ring 3 runs again.
    ///   [`Residency::accessed`] and [`Residency::dirty`] return for the frame what they did
    ///   before.
    pub(super) fn unmap_user(&mut self, user: User, frame: Frame) {
        let directory = &self.spaces.get(user.space).directory;
        let (old, flush) = self.tables.unmap(directory, user.page);
        self.tlb.note(flush);
        // lab 5.3: remember what an entry knew
        // The CPU sets A and D in the entry alone (SDM vol. 3, 4.8), so they would be lost with it.
        // `|=`: other users' entries may be set, or have been cleared before.
        let info = self.frames.info_mut(frame);
        info.accessed |= old.has(PteFlags::ACCESSED);
        info.dirty |= old.has(PteFlags::DIRTY);
        // lab given
        // | // Until 5.3: what the entry knew goes with it.
        // lab end
    }

    /// Write-protects a user's entry.
    pub(super) fn write_protect(&mut self, user: User) {
        let directory = &self.spaces.get(user.space).directory;
        let read_only = |entry: Pte| entry.without(PteFlags::WRITABLE);
        // The TLB may still allow stores (SDM vol. 3, 4.10.4.2), and the next one must fault.
        let (_, flush) = self.tables.update(directory, user.page, read_only);
        self.tlb.note(flush);
    }

    /// Changes the entry of a touched page to what its region now allows.
    pub(super) fn apply_rights(&mut self, user: User) {
        let content = self.touched_content(user);
        let Some(frame) = self.contents.get(content).frame() else {
            return;
        };
        let present = self.entry(user.space, user.page).is_present();
        match self.rights(user, content) {
            None => self.unmap_user(user, frame),
            // Not by mapping anew, which can fail: taking a right away must not.
            Some(flags) if present && !flags.contains(PteFlags::WRITABLE) => {
                self.write_protect(user);
            }
            Some(_) => self.map_if_possible(user, content),
        }
    }
}
