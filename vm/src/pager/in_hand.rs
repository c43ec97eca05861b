//! The instruction in hand: what its faults brought in stays resident until it has been executed.
//!
//! An i386 instruction may need six pages at once: two of code, two that it reads and two that it
//! writes, as when MOVS and both its operands cross page boundaries. If the fault for one of them
//! could evict another, a machine with few frames would fault for ever without executing anything.
//!
//! # Invariants
//!
//! The frames in hand belong to pages for which one instruction of one process has faulted, and are
//! not evicted. They are let go with the first fault of another instruction, so at most one
//! instruction holds frames. A process that cannot get a frame beside those has no room for a
//! single instruction, and gets that as an error.

use machine::addr::Frame;
use smallvec::SmallVec;

use crate::ids::SpaceId;
use crate::residency::frame::FrameTable;

/// The most pages that an instruction may need at once.
pub(crate) const PAGES_AN_INSTRUCTION: u32 = 6;

/// The frames that the faults of one instruction have brought in.
#[derive(Debug, Default)]
pub(crate) struct InHand {
    space: Option<SpaceId>,
    frames: SmallVec<[Frame; PAGES_AN_INSTRUCTION as usize]>,
}

impl InHand {
    /// Returns whether a frame is in hand.
    pub(super) fn holds(&self, frame: Frame) -> bool {
        self.frames.contains(&frame)
    }

    /// Returns whether the frames in hand, if any, are another process's.
    pub(super) fn is_of_another(&self, space: SpaceId) -> bool {
        self.space != Some(space)
    }

    /// Takes a frame in hand, because a fault of a process asked for its content.
    ///
    /// # Contract
    /// - Before: the frame holds something. Nothing in hand is another process's.
    /// - After: the frame is in hand, once, beside what was there before.
    pub(super) fn take(&mut self, space: SpaceId, frame: Frame) {
        // lab 10.3: hold what an instruction has asked for
        self.space = Some(space);
        if !self.holds(frame) {
            self.frames.push(frame);
        }
        // lab given
        // | // Until 10.3: nothing is held.
        // lab end
    }

    /// Forgets a frame that holds nothing any more.
    pub(super) fn forget(&mut self, frame: Frame) {
        self.frames.retain(|held| *held != frame);
    }

    /// Lets all frames go.
    pub(super) fn let_go(&mut self) {
        *self = InHand::default();
    }

    /// Checks that each frame in hand holds a content.
    ///
    /// # Panics
    /// If a frame in hand holds nothing.
    pub(super) fn check(&self, frames: &FrameTable) {
        for frame in &self.frames {
            let content = frames.info(*frame).content();
            assert!(content.is_some(), "frame {frame} stays for nobody");
        }
    }
}
