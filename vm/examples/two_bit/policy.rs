//! A clock with counters (the generalized clock of Smith, ACM TODS 3(3), 1978): every page has a
//! two-bit counter. The hand increments it if the page was accessed since it last passed, and
//! decrements it if not. The victim is the first page that was not accessed and whose counter is
//! zero. So a page that was accessed in several rounds survives as many rounds without an access,
//! where the clock would evict it after one. The first pass over a page does not count, since the
//! access that loaded the page set its accessed bit.
//!
//! # Invariants
//! A counter is at most [`MOST`]. Without further accesses the hand brings each to zero, so it
//! finds a victim within [`ROUNDS`] rounds if any page is evictable.

use vm::replacement::hand::Hand;
use vm::replacement::per_frame::PerFrame;
use vm::replacement::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The largest number of two bits.
const MOST: u8 = 3;
/// One round to clear accessed bits, one for each step down to zero, and one to find the page.
const ROUNDS: u32 = MOST as u32 + 2;

/// The kind of this policy.
pub(crate) const POLICY: PolicyKind = PolicyKind {
    name: "two-bit",
    about: "A clock with a counter for each page: many uses outlive many rounds",
    build: |pool, _| Box::new(TwoBit::new(pool)),
};

struct TwoBit {
    hand: Hand,
    /// `None` until the hand has passed the page.
    counters: PerFrame<Option<u8>>,
}

impl TwoBit {
    fn new(pool: FramePool) -> TwoBit {
        TwoBit {
            hand: Hand::new(pool),
            counters: PerFrame::new(pool),
        }
    }
}

impl Policy for TwoBit {
    fn loaded(&mut self, frame: Frame, _: &mut dyn Frames) {
        self.counters[frame] = None;
    }

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        for _ in 0..ROUNDS * self.hand.round() {
            let frame = self.hand.advance();
            if !frames.is_evictable(frame) {
                continue;
            }
            let is_used = frames.accessed(frame);
            if is_used {
                frames.clear_accessed(frame);
            }
            let counter = &mut self.counters[frame];
            match *counter {
                Some(0) if !is_used => return Some(frame),
                None => *counter = Some(0),
                Some(count) if is_used => *counter = Some((count + 1).min(MOST)),
                Some(count) => *counter = Some(count - 1),
            }
        }
        None
    }
}
