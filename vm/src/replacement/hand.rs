//! A hand that goes round the frames of the pool, for policies that need no order of their own.
//!
//! What always holds: the hand points to a frame of the pool, and meets every frame exactly once
//! in a round.

use machine::addr::Frame;

#[derive(Clone, Copy)]
pub(super) struct Hand {
    first: Frame,
    count: u32,
    /// How far the hand is from the first frame.
    at: u32,
}

impl Hand {
    pub fn new(first: Frame, count: u32) -> Hand {
        Hand {
            first,
            count,
            at: 0,
        }
    }

    /// The frame that the hand points to; the hand moves on to the next.
    pub fn advance(&mut self) -> Frame {
        let frame = Frame::new(self.first.number() + self.at);
        self.skip(1);
        frame
    }

    /// Moves on past some frames, at most a round of them, without looking.
    pub fn skip(&mut self, frames: u32) {
        self.at = (self.at + frames) % self.count;
    }

    /// How many frames a round has.
    pub fn round(&self) -> u32 {
        self.count
    }
}
