//! The instruction in hand: what its faults brought in stays until it was executed.
//!
//! An i386 instruction may need six pages at once: two of code, two that it reads and two that it
//! writes. If the fault for one of them could take another one's frame, a machine with few frames
//! would fault for ever without executing anything.
//!
//! # Invariants
//!
//! The frames in hand belong to pages that the faults of one instruction of one process have asked
//! for, and are not evicted. They are let go as soon as a fault is another instruction's, so that
//! never more than one instruction keeps others from memory. Who cannot have a frame beside those
//! has no room for one instruction, and is told that.

use machine::addr::Frame;
use smallvec::SmallVec;

use crate::ids::SpaceId;
use crate::residency::frame::FrameTable;

/// The pages that an instruction may need at once.
pub(crate) const PAGES_AN_INSTRUCTION: u32 = 6;

/// The frames that one instruction's faults have asked for.
#[derive(Debug, Default)]
pub(crate) struct InHand {
    space: Option<SpaceId>,
    frames: SmallVec<[Frame; PAGES_AN_INSTRUCTION as usize]>,
}

impl InHand {
    /// Whether a frame is in hand.
    pub fn holds(&self, frame: Frame) -> bool {
        self.frames.contains(&frame)
    }

    /// Whether it is another process whose instruction is at work.
    pub fn is_of_another(&self, space: SpaceId) -> bool {
        self.space != Some(space)
    }

    /// A fault of a process asked for what is in a frame.
    ///
    /// # Contract
    /// - Before: the frame holds something. Nothing in hand is of another process.
    /// - After: the frame is in hand, once, beside what was there before.
    pub fn take(&mut self, space: SpaceId, frame: Frame) {
        // lab 10.3: hold what an instruction has asked for
        self.space = Some(space);
        if !self.holds(frame) {
            self.frames.push(frame);
        }
        // lab given
        // | // Until 10.3: nothing is held.
        // lab end
    }

    /// Nothing is in a frame any more.
    pub fn forget(&mut self, frame: Frame) {
        self.frames.retain(|held| *held != frame);
    }

    /// Another instruction is at work.
    pub fn let_go(&mut self) {
        *self = InHand::default();
    }

    /// Checks that what is in hand is something.
    ///
    /// # Panics
    /// If a frame in hand holds nothing.
    pub fn check(&self, frames: &FrameTable) {
        for frame in &self.frames {
            let content = frames.info(*frame).content();
            assert!(content.is_some(), "frame {frame} stays for nobody");
        }
    }
}
