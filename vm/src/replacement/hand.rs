//! A hand that goes round the frames of the pool, for policies that need no order of their own.
//!
//! # Invariants
//!
//! The hand points to a frame of the pool, and meets every frame exactly once in a round.

use super::{Frame, FramePool};

/// A hand at one frame of a pool.
///
/// # Examples
///
/// ```
/// use machine::addr::Frame;
/// use vm::replacement::FramePool;
/// use vm::replacement::hand::Hand;
///
/// let mut hand = Hand::new(FramePool { first: Frame::new(100), count: 3 });
/// let met: Vec<u32> = (0..4).map(|_| hand.advance().number()).collect();
/// assert_eq!(met, [100, 101, 102, 100]);
/// ```
#[derive(Clone, Copy)]
pub struct Hand {
    pool: FramePool,
    /// How far the hand is from the first frame.
    at: u32,
}

impl Hand {
    /// A hand at the first frame.
    pub fn new(pool: FramePool) -> Hand {
        Hand { pool, at: 0 }
    }

    /// The frame that the hand points to; the hand moves on to the next.
    pub fn advance(&mut self) -> Frame {
        let frame = Frame::new(self.pool.first.number() + self.at);
        self.skip(1);
        frame
    }

    /// Moves on past some frames, at most a round of them, without looking.
    pub fn skip(&mut self, frames: u32) {
        self.at = (self.at + frames) % self.pool.count;
    }

    /// How many frames a round has.
    pub fn round(&self) -> u32 {
        self.pool.count
    }
}
