//! First in, first out: the page that was loaded first is the victim, accessed or not.
//!
//! # Invariants
//!
//! The frames that were passed over, followed by the waiting ones, are all frames in use in the
//! order of their loads. A frame is passed over if its page is not evictable when its turn comes;
//! it keeps its place before all younger ones.
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

/// The number of passed-over frames that are looked at for one victim.
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

    /// Returns the next evictable one of the frames that were passed over, among at most `looks` of
    /// them; the oldest one if that is all.
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

    /// Returns the first evictable waiting frame; those before it are passed over.
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
            // No frame is waiting any more, so an evictable one has been passed over.
            .or_else(|| self.look_back(frames, u32::MAX))
    }
}
