//! Who has a content: page-table entries, users and frames, kept in step.
//!
//! What always holds after each function here: every user of a content in a frame that may be
//! reached has an entry for it, with no more rights than the page has by now; no other entry points
//! to the frame (invariants 1 and 2); what a cleared entry knew of A and D is remembered (3).

use std::io;

use emu::addr::{Frame, PAGE_SIZE, Page};
use emu::paging::OutOfTables;
use emu::pte::{Pte, PteFlags};
use smallvec::SmallVec;

use crate::content::{ContentId, FilePage, Kind, Part, Place, User};
use crate::disk_time::Disk;
use crate::event::Event;
use crate::file::FileId;
use crate::region::Protection;
use crate::space::SpaceId;
use crate::touches::place_of;
use crate::vm::Vm;

/// A dirty page of a file that could not be written back when its last user went.
#[derive(Debug)]
pub(crate) struct LostWrite {
    pub file: FileId,
    pub page: u32,
    pub error: io::Error,
}

/// The users of a content who had an entry for it.
pub(crate) type Mapped = SmallVec<[User; 4]>;

impl LostWrite {
    pub fn event(&self) -> Event {
        Event::WriteBackFailed {
            file: self.file,
            page: self.page,
        }
    }
}

impl Vm {
    /// Gives a page a content that is in place already. The page had none.
    ///
    /// # Errors
    /// [`OutOfTables`]; nothing has changed.
    pub(crate) fn attach(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
        let is_in_frame = self.contents.get(content).frame().is_some();
        if is_in_frame && self.rights(user, content).is_some() {
            self.check_table(user)?;
        }
        self.contents.add_user(content, user);
        self.name_content(user, content);
        let users = self.contents.get(content).users();
        if users.len() == 2 && self.is_private(content) {
            self.write_protect(users[0]);
        }
        self.map_checked(user, content);
        Ok(())
    }

    /// Gives a page a content of its own, in a frame that was taken for it and holds it. The page
    /// had none.
    pub(crate) fn attach_new(&mut self, user: User, frame: Frame, kind: Kind) {
        let key = match &kind {
            Kind::File(page) => Some(page.key()),
            Kind::Private { .. } => None,
        };
        let content = self.contents.add(Place::Frame(frame), kind, user);
        if let Some(key) = key {
            self.cache.insert(key, content);
        }
        self.settle(frame, content);
        self.name_content(user, content);
        self.map_checked(user, content);
    }

    /// Puts a content into a frame: the frame table's side of it.
    pub(crate) fn settle(&mut self, frame: Frame, content: ContentId) {
        let info = self.frames.info_mut(frame);
        debug_assert!(info.content.is_none(), "frame {frame} holds two contents");
        info.content = Some(content);
        // The access that brings a page in counts as its first use.
        (info.accessed, info.dirty) = (true, false);
        if let Some((_, flush)) = self.tables.update_alias(frame, unused) {
            self.tlb.note(flush);
        }
        self.tell_loaded(frame);
        self.stats.loads += 1;
        if let Some(recording) = &mut self.recording {
            let content_now = self.contents.get(content);
            let place = place_of(&self.spaces, content_now.users()[0]);
            recording.settled(frame, content, content_now, place);
        }
        self.stats.peak_frames = self.stats.peak_frames.max(u64::from(self.frames.in_use()));
    }

    /// Takes a page's content away from it. With the last user the content goes: what is dirty
    /// is written back to its file, its frame or slot is freed. An error is one of that write.
    pub(crate) fn detach(&mut self, space: SpaceId, page: Page) -> Result<(), LostWrite> {
        let user = User { space, page };
        let content = self
            .spaces
            .get(space)
            .spt
            .content(page)
            .expect("a touched page");
        let frame = self.contents.get(content).frame();
        if let Some(frame) = frame {
            self.unmap_user(user, frame);
            self.spaces.get_mut(space).resident -= 1;
        }
        let written = match (self.contents.get(content).users().len(), frame) {
            (1, Some(frame)) => self.write_back_if_dirty(content, frame),
            _ => Ok(()),
        };
        self.spaces.get_mut(space).spt.clear_content(page);
        if !self.contents.remove_user(content, user) {
            self.free_content(content);
        }
        written
    }

    /// Points the page-table entry of a content's user to its frame, if the page's region lets
    /// the hardware reach it at all.
    pub(crate) fn map_user(&mut self, user: User, content: ContentId) -> Result<(), OutOfTables> {
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

    /// Makes sure that there is a page table for a page's entry, or room for one. It stays so until
    /// an entry of another page is made: emptying entries only makes room.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is neither.
    pub(crate) fn check_table(&self, user: User) -> Result<(), OutOfTables> {
        let directory = &self.spaces.get(user.space).directory;
        let index = user.page.directory_index();
        let has_table = self.tables.directory_entry(directory, index).is_present();
        match has_table || self.tables.free_frames() > 0 {
            true => Ok(()),
            false => Err(OutOfTables),
        }
    }

    /// Points a user's entry to its content's frame after [`Vm::check_table`].
    pub(crate) fn map_checked(&mut self, user: User, content: ContentId) {
        let mapped = self.map_user(user, content);
        mapped.expect("it was made sure that there is a page table");
    }

    /// Points the entries of all users of a content to the frame it has just come into, that of the
    /// asking user first, for which there is a page table.
    ///
    /// Another one for which there is no page table, or that would be used before the disk has
    /// filled the frame, is left out: its process will fault and ask for itself.
    pub(crate) fn map_users(&mut self, asker: User, content: ContentId) {
        self.map_checked(asker, content);
        let frame = self
            .contents
            .get(content)
            .frame()
            .expect("it came into one");
        let is_filling = self.frames.info(frame).ready_at > self.disks.now();
        for index in 0..self.contents.walk(content).len() {
            let user = self.contents.get(content).users()[index];
            self.spaces.get_mut(user.space).resident += 1;
            if user != asker && !is_filling {
                self.tables_ran_out |= self.map_user(user, content).is_err();
            }
        }
    }

    /// Empties the entries of all users of a content that is leaving its frame. Gives those who had
    /// one.
    pub(crate) fn unmap_users(&mut self, content: ContentId, frame: Frame) -> Mapped {
        let mut mapped = Mapped::new();
        for index in 0..self.contents.walk(content).len() {
            let user = self.contents.get(content).users()[index];
            if self.unmap_user(user, frame).is_present() {
                mapped.push(user);
            }
            self.spaces.get_mut(user.space).resident -= 1;
        }
        mapped
    }

    /// Undoes [`Vm::unmap_users`]: the content stays in its frame.
    pub(crate) fn map_again(&mut self, content: ContentId, mapped: Mapped) {
        for index in 0..self.contents.walk(content).len() {
            let user = self.contents.get(content).users()[index];
            self.spaces.get_mut(user.space).resident += 1;
        }
        for user in mapped {
            self.map_checked(user, content);
        }
    }

    /// Empties the entry of one user; what the entry knew is remembered with the frame. Gives the
    /// entry that was.
    pub(crate) fn unmap_user(&mut self, user: User, frame: Frame) -> Pte {
        let directory = &self.spaces.get(user.space).directory;
        let (old, flush) = self.tables.unmap(directory, user.page);
        self.tlb.note(flush);
        self.remember(frame, old);
        old
    }

    /// Adds what an entry that is about to change knew of A and D to the frame's own.
    pub(crate) fn remember(&mut self, frame: Frame, old: Pte) {
        let info = self.frames.info_mut(frame);
        info.accessed |= old.has(PteFlags::ACCESSED);
        info.dirty |= old.has(PteFlags::DIRTY);
    }

    /// The flags that a user's entry for a content may have; `None` if no access is allowed.
    ///
    /// A store must fault if it may not happen at all or would be seen by others than it should:
    /// a private content is written by its only user, a file's page through a shared mapping.
    pub(crate) fn rights(&self, user: User, content: ContentId) -> Option<PteFlags> {
        let region = self.spaces.get(user.space).spt.region(user.page)?;
        if region.protection.is_empty() {
            return None;
        }
        let content = self.contents.get(content);
        let alone = match content.kind {
            Kind::Private { .. } => content.users().len() == 1,
            Kind::File(_) => region.is_shared_file(),
        };
        let writable = alone && region.protection.contains(Protection::WRITE);
        Some(if writable {
            PteFlags::USER_WRITE
        } else {
            PteFlags::USER_READ
        })
    }

    /// Writes a dirty page of a file back. Only whole pages in shared mappings are ever dirty.
    pub(crate) fn write_back_if_dirty(
        &mut self,
        content: ContentId,
        frame: Frame,
    ) -> Result<(), LostWrite> {
        let Kind::File(page) = &self.contents.get(content).kind else {
            return Ok(());
        };
        let page = page.clone();
        if !self.is_dirty(frame) {
            return Ok(());
        }
        self.write_back(&page, frame)?;
        self.emit(Event::WrittenBack {
            frame,
            file: page.file.id(),
            page: page.part.first_page(),
        });
        Ok(())
    }

    /// Writes a frame to its place in a file: the bytes that the file has there, no more.
    pub(crate) fn write_back(&mut self, page: &FilePage, frame: Frame) -> Result<(), LostWrite> {
        let Part::Whole(number) = page.part else {
            return Ok(());
        };
        let offset = u64::from(number) * u64::from(PAGE_SIZE);
        let left = page.file.len().saturating_sub(offset);
        let len = left.min(u64::from(PAGE_SIZE)) as usize;
        if len == 0 {
            return Ok(()); // it was cut off while the page was pinned
        }
        let written = self
            .memory
            .with_frame(frame, |bytes| page.file.write_at(offset, &bytes[..len]));
        written.map_err(|error| LostWrite {
            file: page.file.id(),
            page: number,
            error,
        })?;
        self.stats.write_backs += 1;
        self.disks.transfer(Disk::Files);
        Ok(())
    }

    pub(crate) fn is_private(&self, content: ContentId) -> bool {
        matches!(self.contents.get(content).kind, Kind::Private { .. })
    }

    /// Takes the right to store out of a user's entry, for its content is shared from now on.
    pub(crate) fn write_protect(&mut self, user: User) {
        let directory = &self.spaces.get(user.space).directory;
        let read_only = |entry: Pte| entry.without(PteFlags::WRITABLE);
        let (_, flush) = self.tables.update(directory, user.page, read_only);
        self.tlb.note(flush);
    }

    fn name_content(&mut self, user: User, content: ContentId) {
        let in_frame = self.contents.get(content).frame().is_some();
        let space = self.spaces.get_mut(user.space);
        let old = space.spt.set_content(user.page, content);
        debug_assert!(old.is_none(), "{user:?} had a content already");
        space.resident += u32::from(in_frame);
    }

    /// Frees a content that has no user any more, and its place.
    fn free_content(&mut self, content: ContentId) {
        if let Some(recording) = &mut self.recording {
            recording.freed(content);
        }
        let content = self.contents.remove(content);
        if let Kind::File(page) = &content.kind {
            self.cache.remove(&page.key());
        }
        match content.place {
            Place::Frame(frame) => self.free_frame(frame),
            Place::Slot(slot) => {
                self.swap.release(slot);
                self.emit(Event::SlotFreed { slot });
            }
        }
    }

    /// Gives back a frame whose content is gone.
    pub(crate) fn free_frame(&mut self, frame: Frame) {
        self.policy.released(frame);
        self.frames.give_back(frame);
        self.emit(Event::FrameFreed { frame });
    }
}

fn unused(alias: Pte) -> Pte {
    alias.without(PteFlags::ACCESSED.union(PteFlags::DIRTY))
}
