//! Clock (Tanenbaum and Bos, Modern Operating Systems, 4th edition, section 3.4.5): one hand goes round the frames. A page used since the hand last passed is spared and its
//! use forgotten; the first one unused goes.
//!
//! # Invariants
//!
//! The hand moves past a frame at most twice for one victim, and a frame is spared only if its page
//! was used since the last time, so the work is paid for by the uses.

use super::hand::Hand;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "clock",
    about: "One hand goes round the frames, forgets use, and takes the first unused page",
    build: |pool, _| Box::new(Clock::new(pool)),
};

struct Clock {
    hand: Hand,
}

impl Clock {
    fn new(pool: FramePool) -> Clock {
        Clock {
            hand: Hand::new(pool),
        }
    }
}

impl Policy for Clock {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        // lab 5.5: go round with one hand
        // After one round no use is remembered, so the second finds a victim if there is any.
        for _ in 0..2 * self.hand.round() {
            let frame = self.hand.advance();
            if !frames.is_evictable(frame) {
                continue;
            }
            if !frames.accessed(frame) {
                return Some(frame);
            }
            frames.clear_accessed(frame);
        }
        None
        // lab given
        // | // Until 5.5: the page at the hand goes, used or not.
        // | let mut round = (0..self.hand.round()).map(|_| self.hand.advance());
        // | round.find(|met| frames.is_evictable(*met))
        // lab end
    }
}
