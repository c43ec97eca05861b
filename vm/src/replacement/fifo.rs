//! First in, first out: the page that came first goes first, used or not.
//!
//! # Invariants
//!
//! The frames passed over, followed by those whose turn has not come, are all frames in use, in the
//! order in which their pages came. A frame is passed over if its page may not go when its turn
//! comes; it keeps its place before all younger ones.
//!
//! To look at every frame passed over for every victim would make the cost of one grow with the
//! number of frames, as when many sleeping processes are each at their minimum. So at most
//! `LOOKS_BACK` of them are looked at again, each when its turn comes round; up to that many,
//! the order is exact.

use super::order::Order;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "fifo",
    about: "The page that came first goes first",
    build: |pool, _| Box::new(Fifo::new(pool)),
};

/// How many frames passed over are looked at again for one victim.
const LOOKS_BACK: u32 = 8;

struct Fifo {
    passed_over: Order,
    waiting: Order,
}

impl Fifo {
    fn new(pool: FramePool) -> Fifo {
        Fifo {
            passed_over: Order::new(pool),
            waiting: Order::new(pool),
        }
    }

    /// The next of the frames passed over whose page may go by now, among at most `looks`; the
    /// oldest such one if that is all of them.
    fn look_back(&mut self, frames: &dyn Frames, looks: u32) -> Option<Frame> {
        let all = self.passed_over.len();
        if all <= looks {
            self.passed_over.rewind();
        }
        for _ in 0..all.min(looks) {
            let frame = self.passed_over.advance()?;
            if frames.is_evictable(frame) {
                return Some(frame);
            }
        }
        None
    }

    /// The first of the waiting whose page may go; those before it are passed over.
    fn next_in_turn(&mut self, frames: &dyn Frames) -> Option<Frame> {
        while let Some(frame) = self.waiting.oldest() {
            if frames.is_evictable(frame) {
                return Some(frame);
            }
            self.waiting.remove(frame);
            self.passed_over.push(frame);
        }
        None
    }
}

impl Policy for Fifo {
    fn loaded(&mut self, frame: Frame, _: &mut dyn Frames) {
        self.waiting.push(frame);
    }

    fn released(&mut self, frame: Frame) {
        if self.waiting.contains(frame) {
            self.waiting.remove(frame);
        } else {
            self.passed_over.remove(frame);
        }
    }

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        self.look_back(frames, LOOKS_BACK)
            .or_else(|| self.next_in_turn(frames))
            // Nobody is waiting any more: whoever can go has been passed over.
            .or_else(|| self.look_back(frames, u32::MAX))
    }
}
