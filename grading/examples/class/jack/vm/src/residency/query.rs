//! What can be asked of the residency; nothing here changes anything that a program, a policy or a
//! statistic could tell.

use std::ops::Range;

use machine::addr::{Frame, Page};
use machine::disk::DiskError;
use machine::memory::{FrameBytes, PhysMemory};
use machine::paging::{Change, PageTables};

use crate::alias::AliasPolicy;
use crate::ids::{Owner, Slot, SpaceId, User};
use crate::residency::Residency;
use crate::residency::content::{Content, Kind};
use crate::residency::frame::FrameTable;
use crate::residency::swap::SwapTable;
use crate::space::address_space::AddressSpace;
use crate::space::spt::ContentId;

impl Residency {
    /// An address space.
    pub fn space(&self, space: SpaceId) -> &AddressSpace {
        self.spaces.get(space)
    }

    /// All address spaces, in the order of their ids.
    pub fn spaces(&self) -> impl Iterator<Item = (SpaceId, &AddressSpace)> {
        self.spaces.iter()
    }

    /// The pages that hold a content, to go through all of them: those beyond a few are counted.
    pub fn walk(&self, content: ContentId) -> &[User] {
        self.contents.walk(content)
    }

    /// How many pages were gone through, beyond a few of each content, since this was last asked.
    pub fn take_walked(&self) -> u64 {
        self.contents.take_walked()
    }

    /// The page tables.
    pub fn tables(&self) -> &PageTables {
        &self.tables
    }

    /// RAM.
    pub fn memory(&self) -> &PhysMemory {
        &self.memory
    }

    /// The frame table.
    pub fn frames(&self) -> &FrameTable {
        &self.frames
    }

    /// The swap table.
    pub fn swap(&self) -> &SwapTable {
        &self.swap
    }

    /// How the kernel touches user memory.
    pub fn alias(&self) -> AliasPolicy {
        self.alias
    }

    /// What pages hold.
    pub fn content(&self, content: ContentId) -> &Content {
        self.contents.get(content)
    }

    /// What pages hold, if it is not gone: in a kernel with a mistake in it a table may still name it.
    pub fn find_content(&self, content: ContentId) -> Option<&Content> {
        self.contents.find(content)
    }

    /// How many contents there are.
    pub fn contents(&self) -> usize {
        self.contents.len()
    }

    /// The content of a page, if it was touched.
    pub fn content_of(&self, user: User) -> Option<ContentId> {
        self.spaces.get(user.space).spt.content(user.page)
    }

    /// The frame that a page is in, if it is in one.
    pub fn frame_of(&self, user: User) -> Option<Frame> {
        self.contents.get(self.content_of(user)?).frame()
    }

    /// Whether a content is of processes, and not of a file.
    pub fn is_private(&self, content: ContentId) -> bool {
        matches!(self.contents.get(content).kind, Kind::Private { .. })
    }

    /// Whether a page with a content is the only one that has it.
    pub fn is_sole_user(&self, user: User) -> bool {
        let content = self.touched_content(user);
        self.contents.get(content).users().len() == 1
    }

    /// The pages of a range that have a content.
    pub fn touched(&self, space: SpaceId, pages: Range<Page>) -> Vec<Page> {
        let contents = self.spaces.get(space).spt.contents(pages);
        contents.map(|(page, _)| page).collect()
    }

    /// Reads a slot in use. It takes the residency for itself only since a disk does.
    ///
    /// # Errors
    /// Whatever the device says.
    pub fn peek_slot(&mut self, slot: Slot, to: &mut FrameBytes) -> Result<(), DiskError> {
        self.swap.peek(slot, to)
    }

    /// Keeps a journal of the changes of entries, from here on.
    pub fn keep_journal(&mut self) {
        self.tables.keep_journal();
    }

    /// The changes of entries since this was last called, with whose they are.
    pub fn take_journal(&mut self) -> Vec<(Owner, Change)> {
        let changes = self.tables.take_journal().into_iter();
        let owned = changes.map(|change| {
            let mut spaces = self.spaces.iter();
            let space = spaces.find(|(_, space)| space.directory.root() == change.root);
            let (_, space) = space.expect("only the entries of living spaces change");
            (space.owner, change)
        });
        owned.collect()
    }

    /// The content of a touched page.
    pub(super) fn touched_content(&self, user: User) -> ContentId {
        let content = self.content_of(user);
        content.unwrap_or_else(|| panic!("{user:?} was never touched"))
    }

    /// What a frame in use holds.
    pub(super) fn held(&self, frame: Frame) -> ContentId {
        let content = self.frames.info(frame).content;
        content.unwrap_or_else(|| panic!("frame {frame} holds nothing"))
    }
}
