//! A clock hand that goes round the frames of the pool, for policies that need no other order.
//!
//! # Invariants
//!
//! The hand points to a frame of the pool, and visits every frame exactly once in a round.

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
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    pool: FramePool,
    /// The distance of the hand from the first frame.
    at: u32,
}

impl Hand {
    /// Creates a hand at the first frame.
    #[must_use]
    pub fn new(pool: FramePool) -> Hand {
        Hand { pool, at: 0 }
    }

    /// Returns the frame that the hand points to, and moves the hand to the next.
    pub fn advance(&mut self) -> Frame {
        let frame = Frame::new(self.pool.first.number() + self.at);
        self.skip(1);
        frame
    }

    /// Moves the hand past `frames` frames, at most a round.
    pub fn skip(&mut self, frames: u32) {
        self.at = (self.at + frames) % self.pool.count;
    }

    /// Returns the number of frames in a round.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.pool.count
    }
}
