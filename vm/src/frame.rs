//! The frame table: what each frame of the user pool holds, and what is known of its use.
//!
//! What always holds:
//! - A frame is free or holds one content; its users are that content's.
//! - A frame with pins is never evicted.
//! - A frame is dirty if D is set in any entry that maps it, the kernel's alias included, or was
//!   set in one that has been cleared since the frame got its content: that is remembered here.
//!   Accessed likewise, until a replacement policy clears it everywhere at once.

use emu::addr::Frame;
use emu::layout::Layout;
use emu::paging::PageTables;
use emu::pte::{Pte, PteFlags};
use emu::tlb::Tlb;

use crate::content::{ContentId, Contents, User};
use crate::space::Spaces;
use crate::user_memory::AliasPolicy;

/// What the table knows of one frame.
#[derive(Clone, Copy, Default, Debug)]
pub struct FrameInfo {
    pub(crate) content: Option<ContentId>,
    pub(crate) pins: u32,
    /// Whether the instruction at work has asked for it.
    pub(crate) in_hand: bool,
    pub(crate) accessed: bool,
    pub(crate) dirty: bool,
    /// Guest work at which the transfer that fills the frame is done; 0 if there was none.
    pub(crate) ready_at: u64,
}

impl FrameInfo {
    /// What the frame holds.
    pub fn content(&self) -> Option<ContentId> {
        self.content
    }

    /// How many pins hold it in its place.
    pub fn pins(&self) -> u32 {
        self.pins
    }

    /// Whether an entry that has been cleared since had A set, or its content has just come in.
    pub fn was_accessed(&self) -> bool {
        self.accessed
    }

    /// Whether an entry that has been cleared since had D set.
    pub fn was_dirty(&self) -> bool {
        self.dirty
    }

    /// Guest work at which the transfer that fills the frame is done; 0 if there was none.
    pub fn ready_at(&self) -> u64 {
        self.ready_at
    }
}

/// All frames of the user pool.
pub struct FrameTable {
    first: Frame,
    frames: Vec<FrameInfo>,
    /// Free frames that held a content before, the last freed on top.
    freed: Vec<Frame>,
    /// How many frames were ever in use; those behind need no list.
    fresh: u32,
}

impl FrameTable {
    /// A table in which every user frame is free.
    pub fn new(layout: Layout) -> FrameTable {
        FrameTable {
            first: layout.first_user_frame(),
            frames: vec![FrameInfo::default(); layout.user_frames() as usize],
            freed: Vec::new(),
            fresh: 0,
        }
    }

    /// First frame of the pool.
    pub fn first(&self) -> Frame {
        self.first
    }

    /// How many frames the pool has.
    pub fn count(&self) -> u32 {
        self.frames.len() as u32
    }

    /// Frames that hold something.
    pub fn in_use(&self) -> u32 {
        self.fresh - self.freed.len() as u32
    }

    /// What is known of a frame.
    ///
    /// # Panics
    /// If it is not of the user pool.
    pub fn info(&self, frame: Frame) -> &FrameInfo {
        &self.frames[self.index(frame)]
    }

    pub(crate) fn info_mut(&mut self, frame: Frame) -> &mut FrameInfo {
        let index = self.index(frame);
        &mut self.frames[index]
    }

    /// All frames, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Frame, &FrameInfo)> {
        (self.first.number()..).map(Frame::new).zip(&self.frames)
    }

    /// A free frame, which now belongs to the caller until it holds a content or is given back.
    pub(crate) fn take_free(&mut self) -> Option<Frame> {
        if let Some(frame) = self.freed.pop() {
            return Some(frame);
        }
        let frame = self.first.number() + self.fresh;
        (self.fresh < self.count()).then(|| {
            self.fresh += 1;
            Frame::new(frame)
        })
    }

    /// Gives back a frame that holds nothing any more.
    pub(crate) fn give_back(&mut self, frame: Frame) {
        let info = self.info_mut(frame);
        assert!(
            info.pins == 0,
            "frame {frame} is freed with {} pins",
            info.pins
        );
        *info = FrameInfo::default();
        self.freed.push(frame);
    }

    fn index(&self, frame: Frame) -> usize {
        frame
            .index()
            .checked_sub(self.first.index())
            .expect("a frame of the user pool")
    }
}

/// The accessed and dirty bits of frames, over all entries that map them, to be read.
#[derive(Clone, Copy)]
pub(crate) struct FrameUse<'a> {
    pub frames: &'a FrameTable,
    pub contents: &'a Contents,
    pub spaces: &'a Spaces,
    pub tables: &'a PageTables,
    pub alias: AliasPolicy,
}

impl<'a> FrameUse<'a> {
    /// Whether the content of a frame has been used since that was last cleared.
    pub fn accessed(self, frame: Frame) -> bool {
        self.frames.info(frame).accessed || self.any_entry(frame, PteFlags::ACCESSED)
    }

    /// Whether the content of a frame has been stored to since it came into the frame.
    pub fn dirty(self, frame: Frame) -> bool {
        self.frames.info(frame).dirty || self.any_entry(frame, PteFlags::DIRTY)
    }

    fn any_entry(self, frame: Frame, flag: PteFlags) -> bool {
        self.users(frame).iter().any(|user| {
            let directory = &self.spaces.get(user.space).directory;
            self.tables.entry(directory, user.page).has(flag)
        }) || self.alias == AliasPolicy::Sync
            && self
                .tables
                .alias_entry(frame)
                .is_some_and(|entry| entry.has(flag))
    }

    fn users(self, frame: Frame) -> &'a [User] {
        match self.frames.info(frame).content {
            Some(content) => self.contents.walk(content),
            None => &[],
        }
    }
}

/// The accessed and dirty bits of frames, over all entries that map them, to be cleared too.
pub(crate) struct FrameBits<'a> {
    pub frames: &'a mut FrameTable,
    pub contents: &'a Contents,
    pub spaces: &'a Spaces,
    pub tables: &'a mut PageTables,
    pub tlb: &'a Tlb,
    pub alias: AliasPolicy,
}

impl<'a> FrameBits<'a> {
    /// Whether the content of a frame has been used since that was last cleared.
    pub fn accessed(&self, frame: Frame) -> bool {
        self.to_read().accessed(frame)
    }

    /// Whether the content of a frame has been stored to since it came into the frame.
    pub fn dirty(&self, frame: Frame) -> bool {
        self.to_read().dirty(frame)
    }

    /// Forgets that the content of a frame has been used, in every entry that maps it.
    pub fn clear_accessed(&mut self, frame: Frame) {
        self.frames.info_mut(frame).accessed = false;
        for user in self.users(frame) {
            let directory = &self.spaces.get(user.space).directory;
            let (_, flush) = self.tables.update(directory, user.page, not_accessed);
            self.tlb.note(flush);
        }
        if self.alias == AliasPolicy::Sync {
            if let Some((_, flush)) = self.tables.update_alias(frame, not_accessed) {
                self.tlb.note(flush);
            }
        }
    }

    /// Forgets that the content of a frame has been stored to, in every entry that maps it: it has
    /// just been written to its file. For no one else: dirty is never lost.
    pub fn clear_dirty(&mut self, frame: Frame) {
        self.frames.info_mut(frame).dirty = false;
        for user in self.users(frame) {
            let directory = &self.spaces.get(user.space).directory;
            let (_, flush) = self.tables.update(directory, user.page, not_dirty);
            self.tlb.note(flush);
        }
        if let Some((_, flush)) = self.tables.update_alias(frame, not_dirty) {
            self.tlb.note(flush);
        }
    }

    fn to_read(&self) -> FrameUse<'_> {
        FrameUse {
            frames: self.frames,
            contents: self.contents,
            spaces: self.spaces,
            tables: self.tables,
            alias: self.alias,
        }
    }

    fn users(&self, frame: Frame) -> &'a [User] {
        let contents: &'a Contents = self.contents;
        match self.frames.info(frame).content {
            Some(content) => contents.walk(content),
            None => &[],
        }
    }
}

fn not_dirty(entry: Pte) -> Pte {
    entry.without(PteFlags::DIRTY)
}

fn not_accessed(entry: Pte) -> Pte {
    entry.without(PteFlags::ACCESSED)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_frame_is_free_or_taken_never_both(
            steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..200)
        ) {
            let layout = Layout::new(8);
            let mut table = FrameTable::new(layout);
            let mut taken = BTreeSet::new();
            for (take, index) in steps {
                if take {
                    let frame = table.take_free();
                    prop_assert_eq!(frame.is_some(), taken.len() < 8);
                    if let Some(frame) = frame {
                        prop_assert!(frame >= layout.first_user_frame());
                        prop_assert!(taken.insert(frame), "handed out twice");
                    }
                } else if !taken.is_empty() {
                    let frame = *taken.iter().nth(index.index(taken.len())).unwrap();
                    taken.remove(&frame);
                    table.give_back(frame);
                }
                prop_assert_eq!(table.in_use() as usize, taken.len());
            }
        }
    }

    #[test]
    #[should_panic(expected = "freed with 1 pins")]
    fn a_pinned_frame_cannot_be_freed() {
        let mut table = FrameTable::new(Layout::new(8));
        let frame = table.take_free().unwrap();
        table.info_mut(frame).pins += 1;
        table.give_back(frame);
    }
}
