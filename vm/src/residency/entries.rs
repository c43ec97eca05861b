//! Page-table entries of contents' users: which rights they may have, and making and emptying them.
//!
//! # Invariants
//!
//! An entry has no more rights than its page has by now; what an entry that goes knew of A and D is
//! remembered with the frame.

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
    /// The flags that a user's entry for a content may have; `None` if no access is allowed.
    ///
    /// A store must fault if it may not happen at all or would be seen by others than it should:
    /// a private content is written by its only user, a file's page through a shared mapping.
    ///
    /// # Contract
    /// - Before: `content` lives. `user` has it, or is about to.
    /// - After: nothing has changed. The flags are those that the entry may have *now*: they are asked
    ///   for again whenever the users or the kind of the content, or the region, have changed.
    pub fn rights(&self, user: User, content: ContentId) -> Option<PteFlags> {
        let region = self.spaces.get(user.space).spt.region(user.page)?;
        if region.protection.is_empty() {
            return None;
        }
        let alone: bool = {
            // lab 8.1: say whose store may go unseen by the kernel
            let content = self.contents.get(content);
            match content.kind {
                Kind::Private { .. } => content.users().len() == 1,
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

    /// Makes sure that there is a page table for a page's entry, or room for one. It stays so until
    /// an entry of another page is made: emptying entries only makes room.
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
    pub fn check_table(&self, user: User) -> Result<(), OutOfTables> {
        // lab 1.3: make sure of a page table
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

    /// Gives the entry of a touched page the rights that the page has by now, if its content is in a
    /// frame and the hardware may reach it at all.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub fn grant(&mut self, user: User) -> Result<(), OutOfTables> {
        let content = self.touched_content(user);
        self.map_user(user, content)
    }

    /// The user's page-table entry of an address.
    pub fn entry(&self, space: SpaceId, page: Page) -> Pte {
        self.tables.entry(&self.spaces.get(space).directory, page)
    }

    /// Whether the entry of an address allows a program's access as it is.
    pub fn grants(&self, space: SpaceId, addr: VirtAddr, access: Access) -> bool {
        let needed = match access {
            Access::Write => PteFlags::USER_WRITE,
            Access::Read | Access::Fetch => PteFlags::USER_READ,
        };
        self.entry(space, addr.page()).has(needed)
    }

    pub(super) fn map_user(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
        let Some(frame) = self.contents.get(content).frame() else {
            return Ok(());
        };
        let Some(flags) = self.rights(user, content) else {
            return Ok(());
        };
        let directory = &self.spaces.get(user.space).directory;
        let flush = self.tables.map(directory, user.page, frame, flags)?;
        self.tlb.note(flush);
        Ok(())
    }

    /// Points a user's entry to its content's frame after [`Residency::check_table`].
    pub(super) fn map_checked(&mut self, user: User, content: ContentId) {
        let mapped = self.map_user(user, content);
        mapped.expect("it was made sure that there is a page table");
    }

    /// Points a user's entry to its content's frame if there is room for it; if not, its process
    /// will fault and be told.
    pub(super) fn map_if_possible(&mut self, user: User, content: ContentId) {
        self.entries_left_out |= self.map_user(user, content).is_err();
    }

    /// Empties the entry of one user; what the entry knew is remembered with the frame.
    ///
    /// # Contract
    /// - Before: the user's content is in `frame`. Its entry may be empty already.
    /// - After: the entry is empty and the TLB will have forgotten it before ring 3 runs again.
    ///   [`Residency::accessed`] and [`Residency::dirty`] say of the frame what they said before.
    pub(super) fn unmap_user(&mut self, user: User, frame: Frame) {
        let directory = &self.spaces.get(user.space).directory;
        let (old, flush) = self.tables.unmap(directory, user.page);
        self.tlb.note(flush);
        // lab 5.3: remember what an entry knew
        let info = self.frames.info_mut(frame);
        info.accessed |= old.has(PteFlags::ACCESSED);
        info.dirty |= old.has(PteFlags::DIRTY);
        // lab given
        // | // Until 5.3: what the entry knew goes with it.
        // lab end
    }

    /// Takes the right to store out of a user's entry.
    pub(super) fn write_protect(&mut self, user: User) {
        let directory = &self.spaces.get(user.space).directory;
        let read_only = |entry: Pte| entry.without(PteFlags::WRITABLE);
        let (_, flush) = self.tables.update(directory, user.page, read_only);
        self.tlb.note(flush);
    }

    /// Makes the entry of a touched page say what its region allows now.
    pub(super) fn apply_rights(&mut self, user: User) {
        let content = self.touched_content(user);
        let Some(frame) = self.contents.get(content).frame() else {
            return;
        };
        let present = self.entry(user.space, user.page).is_present();
        match self.rights(user, content) {
            None => self.unmap_user(user, frame),
            Some(flags) if present && !flags.contains(PteFlags::WRITABLE) => {
                self.write_protect(user);
            }
            Some(_) => self.map_if_possible(user, content),
        }
    }
}
