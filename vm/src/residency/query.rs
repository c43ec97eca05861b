//! Queries. Nothing here has an effect that a program, a policy or a statistic could observe.

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
    /// Returns an address space.
    pub(crate) fn space(&self, space: SpaceId) -> &AddressSpace {
        self.spaces.get(space)
    }

    /// Returns all address spaces, in the order of their ids.
    pub(crate) fn spaces(&self) -> impl Iterator<Item = (SpaceId, &AddressSpace)> {
        self.spaces.iter()
    }

    /// Returns the users of a content, for a caller that visits all of them. Visits beyond a few
    /// are counted.
    pub(crate) fn walk(&self, content: ContentId) -> &[User] {
        self.contents.walk(content)
    }

    /// Returns the number of counted visits of users since the last call.
    pub(crate) fn take_walked(&self) -> u64 {
        self.contents.take_walked()
    }

    /// Returns the page tables.
    pub(crate) fn tables(&self) -> &PageTables {
        &self.tables
    }

    /// Returns the machine's RAM.
    pub(crate) fn memory(&self) -> &PhysMemory {
        &self.memory
    }

    /// Returns the frame table.
    pub(crate) fn frames(&self) -> &FrameTable {
        &self.frames
    }

    /// Returns the swap table.
    pub(crate) fn swap(&self) -> &SwapTable {
        &self.swap
    }

    /// Returns how the kernel accesses user memory.
    pub(crate) fn alias(&self) -> AliasPolicy {
        self.alias
    }

    /// Returns a content.
    pub(crate) fn content(&self, content: ContentId) -> &Content {
        self.contents.get(content)
    }

    /// Returns a content if it still exists: in a faulty kernel, a table may name one that does
    /// not.
    pub(crate) fn find_content(&self, content: ContentId) -> Option<&Content> {
        self.contents.find(content)
    }

    /// Returns the number of contents.
    pub(crate) fn contents(&self) -> usize {
        self.contents.len()
    }

    /// Returns the content of a page, if it was touched.
    pub(crate) fn content_of(&self, user: User) -> Option<ContentId> {
        self.spaces.get(user.space).spt.content(user.page)
    }

    /// Returns the frame that a page is in, if it is in one.
    pub(crate) fn frame_of(&self, user: User) -> Option<Frame> {
        self.contents.get(self.content_of(user)?).frame()
    }

    /// Returns whether a content is private, and not a page of a file.
    pub(crate) fn is_private(&self, content: ContentId) -> bool {
        matches!(self.contents.get(content).kind, Kind::Private { .. })
    }

    /// Returns whether a touched page is the only user of its content.
    pub(crate) fn is_sole_user(&self, user: User) -> bool {
        let content = self.touched_content(user);
        self.contents.get(content).users().len() == 1
    }

    /// Returns the pages of a range that have a content.
    pub(crate) fn touched(&self, space: SpaceId, pages: Range<Page>) -> Vec<Page> {
        let contents = self.spaces.get(space).spt.contents(pages);
        contents.map(|(page, _)| page).collect()
    }

    /// Reads a slot in use. `self` is mutable only because reading a disk needs that.
    ///
    /// # Errors
    /// The error of the device.
    pub(crate) fn peek_slot(&mut self, slot: Slot, to: &mut FrameBytes) -> Result<(), DiskError> {
        self.swap.peek(slot, to)
    }

    /// Starts keeping a journal of the changes of page-table entries.
    pub(crate) fn keep_journal(&mut self) {
        self.tables.keep_journal();
    }

    /// Returns the changes of page-table entries since the last call, with their owners.
    pub(crate) fn take_journal(&mut self) -> Vec<(Owner, Change)> {
        let changes = self.tables.take_journal().into_iter();
        let owned = changes.map(|change| {
            // A search, but a journal exists only while something listens to entries.
            let mut spaces = self.spaces.iter();
            let space = spaces.find(|(_, space)| space.directory.root() == change.root);
            let (_, space) = space.expect("only the entries of living spaces change");
            (space.owner, change)
        });
        owned.collect()
    }

    /// Returns the content of a touched page.
    pub(super) fn touched_content(&self, user: User) -> ContentId {
        let content = self.content_of(user);
        content.unwrap_or_else(|| panic!("{user:?} was never touched"))
    }

    /// Returns the content of a frame in use.
    pub(super) fn held(&self, frame: Frame) -> ContentId {
        let content = self.frames.info(frame).content;
        content.unwrap_or_else(|| panic!("frame {frame} holds nothing"))
    }
}
