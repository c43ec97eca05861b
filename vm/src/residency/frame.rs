//! The frame table: the content of each frame of the user pool, and the record of its use.
//!
//! # Invariants
//!
//! - A frame is free or holds one content; its users are that content's.
//! - A frame with pins is never evicted.
//! - A frame is dirty if D is set in any entry that maps it, the kernel's alias included, or was
//!   set in an entry that has been cleared since the frame got its content, which is recorded here.
//!   The same holds for A, until a replacement policy clears it everywhere at once.

use machine::addr::Frame;
use machine::layout::Layout;

use crate::replacement::FramePool;
use crate::space::spt::ContentId;

/// The frame table's record of one frame.
#[derive(Clone, Copy, Default, Debug)]
pub struct FrameInfo {
    pub(super) content: Option<ContentId>,
    pub(super) pins: u32,
    pub(super) accessed: bool,
    pub(super) dirty: bool,
    /// Guest work at which the transfer that fills the frame is done; 0 if there was none.
    pub(super) ready_at: u64,
}

impl FrameInfo {
    /// Returns the content of the frame, if it holds one.
    #[must_use]
    pub fn content(&self) -> Option<ContentId> {
        self.content
    }

    /// Returns the number of pins.
    #[must_use]
    pub fn pins(&self) -> u32 {
        self.pins
    }

    /// Returns whether A was set in an entry that has been cleared, or the content has just come
    /// in.
    #[must_use]
    pub fn was_accessed(&self) -> bool {
        self.accessed
    }

    /// Returns whether D was set in an entry that has been cleared.
    #[must_use]
    pub fn was_dirty(&self) -> bool {
        self.dirty
    }

    /// Returns the guest work at which the transfer that fills the frame is done; 0 if there was
    /// none.
    #[must_use]
    pub fn ready_at(&self) -> u64 {
        self.ready_at
    }
}

/// All frames of the user pool.
///
/// # Examples
///
/// ```
/// use kit::Machine;
/// use vm::VmOptions;
///
/// let mut machine = Machine::new(8, 64, VmOptions::default());
/// let space = machine.space();
/// machine.zeros(space, 0x0a00_0000, 1);
/// machine.store(space, 0x0a00_0000, 7)?;
///
/// let frame = machine.frame(space, 0x0a00_0000).expect("just stored to");
/// let table = machine.vm.frames();
/// assert_eq!((table.in_use(), table.count()), (1, 8));
/// let info = table.info(frame);
/// assert!(info.content().is_some());
/// assert_eq!(info.pins(), 0);
/// assert!(machine.vm.is_dirty(frame)); // by its entry: the table only knows of cleared ones
/// # Ok::<(), vm::Kill>(())
/// ```
#[derive(Debug)]
pub struct FrameTable {
    first: Frame,
    frames: Vec<FrameInfo>,
    /// Free frames that held a content before, the last freed on top.
    freed: Vec<Frame>,
    /// The number of frames that were ever in use; those behind them are free and need no list.
    fresh: u32,
}

impl FrameTable {
    /// Creates a table in which every user frame is free.
    #[must_use]
    pub fn new(layout: Layout) -> FrameTable {
        FrameTable {
            first: layout.first_user_frame(),
            frames: vec![FrameInfo::default(); layout.user_frames() as usize],
            freed: Vec::new(),
            fresh: 0,
        }
    }

    /// Returns the range of frames in the pool.
    #[must_use]
    pub fn pool(&self) -> FramePool {
        FramePool {
            first: self.first,
            count: self.count(),
        }
    }

    /// Returns the first frame of the pool.
    #[must_use]
    pub fn first(&self) -> Frame {
        self.first
    }

    /// Returns the number of frames in the pool.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.frames.len() as u32
    }

    /// Returns the number of frames that are not free.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.fresh - self.freed.len() as u32
    }

    /// Returns the record of a frame.
    ///
    /// # Panics
    /// If it is not in the user pool.
    #[must_use]
    pub fn info(&self, frame: Frame) -> &FrameInfo {
        &self.frames[self.index(frame)]
    }

    pub(super) fn info_mut(&mut self, frame: Frame) -> &mut FrameInfo {
        let index = self.index(frame);
        &mut self.frames[index]
    }

    /// Returns all frames, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Frame, &FrameInfo)> {
        (self.first.number()..).map(Frame::new).zip(&self.frames)
    }

    /// Allocates a free frame, which belongs to the caller until it holds a content or is given
    /// back.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: the frame is one of the pool, holds nothing, has no pin, and is not handed out
    ///   again before [`FrameTable::give_back`]; [`FrameTable::in_use`] is one more. `None` exactly
    ///   if no frame is free; then nothing has changed.
    pub(super) fn take_free(&mut self) -> Option<Frame> {
        // lab 1.1: hand out a free frame
        // Used ones first: a machine with many frames touches no more of the host's than it needs.
        if let Some(frame) = self.freed.pop() {
            debug_assert!(self.info(frame).content.is_none(), "{frame} is not free");
            return Some(frame);
        }
        if self.fresh == self.count() {
            return None;
        }
        let frame = Frame::new(self.first.number() + self.fresh);
        self.fresh += 1;
        Some(frame)
        // lab given
        // | // Until 1.1: frames are handed out one after the other, and none a second time.
        // | let next = self.iter().nth(self.fresh as usize);
        // | let frame = next.map(|(frame, _)| frame);
        // | self.fresh += u32::from(frame.is_some());
        // | frame
        // lab end
    }

    /// Frees a frame.
    ///
    /// # Contract
    /// - Before: the frame was taken with [`FrameTable::take_free`]. What it held, if anything, is gone.
    /// - After: its record has no content and no use; it can be taken again; [`FrameTable::in_use`]
    ///   is one less.
    ///
    /// # Panics
    /// If it has a pin.
    pub(super) fn give_back(&mut self, frame: Frame) {
        let pins = self.info(frame).pins;
        assert!(pins == 0, "frame {frame} is freed with {pins} pins");
        // lab 1.2: take a frame back
        *self.info_mut(frame) = FrameInfo::default();
        self.freed.push(frame);
        // lab given
        // | // Until 1.2: a frame that was used once is lost.
        // | *self.info_mut(frame) = FrameInfo::default();
        // lab end
    }

    fn index(&self, frame: Frame) -> usize {
        frame
            .index()
            .checked_sub(self.first.index())
            .expect("a frame of the user pool")
    }
}

// lab 1 tests
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
