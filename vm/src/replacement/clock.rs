//! Clock (Tanenbaum and Bos, Modern Operating Systems, 4th edition, section 3.4.5): one hand goes
//! round the frames. A page accessed since the hand last passed gets a second chance, and its
//! accessed bit is cleared. The first page that was not accessed is the victim.
//!
//! # Invariants
//!
//! The hand passes a frame at most twice for one victim. It spares a frame only if its page was
//! accessed since the last pass, so each look is paid for by an access.

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
        // The first round clears all accessed bits, so the second finds a victim if there is one.
        for _ in 0..2 * self.hand.round() {
            let frame = self.hand.advance();
            // Before the accessed bit is looked at: a page that must stay keeps its bit.
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
