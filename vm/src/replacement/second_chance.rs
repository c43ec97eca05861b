//! Enhanced second chance (Silberschatz, Galvin and Gagne, Operating System Concepts, 10th edition,
//! section 10.4.5.3; the order of the passes is that of Stallings, Operating Systems, section 8.2):
//! pages that were not accessed are evicted before accessed ones, and among them clean pages before
//! dirty ones, which would have to be written out first.
//!
//! By accessed and dirty bit a page is in one of four classes. The victim is of the first class, in
//! this order, that has a page ahead of the hand: (0,0) not accessed and clean, (0,1) not accessed
//! but dirty, (1,0) accessed but clean, (1,1) accessed and dirty. The hand finds it in at most four
//! passes. The second pass clears the accessed bits that it meets, so that the third and the fourth
//! find the last two classes like the first two.
//!
//! # Invariants
//!
//! A pass goes over a window of `WINDOW` frames ahead of the hand, not over the pool, so the cost
//! of a victim has a limit that does not depend on the number of frames; a pool that is no larger
//! than the window is searched as a whole. Only a window without any evictable page is left for the
//! next.

use super::hand::Hand;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "second-chance",
    about: "As the clock, but takes a clean page rather than a dirty one",
    build: |pool, _| Box::new(SecondChance::new(pool)),
};

/// The number of frames ahead of the hand that are compared.
const WINDOW: u32 = 64;

struct SecondChance {
    hand: Hand,
    window: u32,
}

impl SecondChance {
    fn new(pool: FramePool) -> SecondChance {
        SecondChance {
            hand: Hand::new(pool),
            window: WINDOW.min(pool.count),
        }
    }

    // lab 9 only
    /// Does the first or the third pass: finds the next page that is not accessed and clean.
    ///
    /// # Contract
    /// - Before: nothing.
    /// - After: no bit has changed. If there is such a page in the window, it is the first one ahead of
    ///   the hand, which stands behind it; if not, the hand is where it was.
    fn unused_and_clean(&mut self, frames: &dyn Frames) -> Option<Frame> {
        // A copy of the hand: without a victim the next pass begins at the same frame.
        let mut hand = self.hand;
        for _ in 0..self.window {
            let frame = hand.advance();
            if !frames.dirty(frame) && !frames.accessed(frame) && frames.is_evictable(frame) {
                self.hand = hand;
                return Some(frame);
            }
        }
        None
    }

    /// Does the second or the fourth pass: finds the next page that is not accessed, which can only
    /// be a dirty one. Clears accessed bits on the way.
    ///
    /// # Contract
    /// - Before: the pass before this one found nothing.
    /// - After: the hand stands behind the first page of the window that was not accessed, if there
    ///   is one; evictable pages that the hand met before it are not accessed any more, and no
    ///   other bit has changed.
    fn unused(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        let mut hand = self.hand;
        for _ in 0..self.window {
            let frame = hand.advance();
            if !frames.is_evictable(frame) {
                continue;
            }
            if !frames.accessed(frame) {
                self.hand = hand;
                return Some(frame);
            }
            frames.clear_accessed(frame);
        }
        None
    }
    // lab end
}

impl Policy for SecondChance {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        // lab 9.1: take the best class that there is
        let windows = self.hand.round().div_ceil(self.window);
        for _ in 0..windows {
            for _ in 0..2 {
                let found = self
                    .unused_and_clean(frames)
                    .or_else(|| self.unused(frames));
                if found.is_some() {
                    return found;
                }
            }
            self.hand.skip(self.window);
        }
        None
        // lab end
    }
}
