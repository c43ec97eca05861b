//! Random: the victim is picked at random. It needs neither accessed bits nor an order, and is the
//! baseline for the other policies.
//!
//! # Invariants
//!
//! The lots are drawn from the seed alone, so the same seed gives the
//! same victims on every host. If some `DRAWS` draws in a row fall on frames whose pages may not
//! go, there are few that may, and a hand finds the next of them: it goes on where it last stopped,
//! so that each has its turn and none is looked for again and again.

use machine::random::SplitMix;

use super::hand::Hand;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "random",
    about: "Any page, drawn by lot",
    build: |pool, seed| Box::new(Random::new(pool, seed)),
};

/// The number of random picks before the hand searches.
const DRAWS: u32 = 16;

struct Random {
    first: Frame,
    hand: Hand,
    lots: SplitMix,
}

impl Random {
    fn new(pool: FramePool, seed: u64) -> Random {
        Random {
            first: pool.first,
            hand: Hand::new(pool),
            lots: SplitMix::new(seed),
        }
    }

    /// Picks a frame of the pool at random.
    fn draw(&mut self) -> Frame {
        Frame::new(self.first.number() + self.lots.below(self.hand.round()))
    }
}

impl Policy for Random {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        for _ in 0..DRAWS {
            let frame = self.draw();
            if frames.is_evictable(frame) {
                return Some(frame);
            }
        }
        for _ in 0..self.hand.round() {
            let frame = self.hand.advance();
            if frames.is_evictable(frame) {
                return Some(frame);
            }
        }
        None
    }
}
