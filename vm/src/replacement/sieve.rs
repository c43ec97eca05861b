//! SIEVE (Zhang et al., NSDI 2024): pages stand in the order in which they came. A hand goes from
//! the oldest to the newest; a page used since the hand last passed stays where it stands and its
//! use is forgotten, the first one unused goes.
//!
//! It differs from the clock in that a new page does not take the place of the victim but stands at
//! the end: the hand, which stays where it is, soon meets the pages that came lately and sifts out
//! those that nobody wanted twice. Old pages that were used again are left in peace, so a scan of
//! many pages does not wash them away.
//!
//! In the publication's words: a new object is inserted at the head of the queue with visited = 0, a
//! hit sets visited = 1, and the hand moves from the tail to the head, clears what is visited, evicts
//! the first that is not, and stays there. Hardware sets the accessed bit for the access that brings
//! a page in as for any other, so that use has to be forgotten here: at the latest when the next page
//! comes. What is used again before that, too, counts as the use for which it came.
//!
//! # Invariants
//!
//! The hand moves past a frame at most twice for one victim, and a frame is spared only if its page
//! was used since the last time, or since the page that came next.

use super::order::Order;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "sieve",
    about: "A clock in the order of loads: what is used again outlives a scan",
    build: |pool, _| Box::new(Sieve::new(pool)),
};

struct Sieve {
    order: Order,
    /// The frame whose page came last, until its first use is forgotten.
    just_loaded: Option<Frame>,
}

impl Sieve {
    fn new(pool: FramePool) -> Sieve {
        Sieve {
            order: Order::new(pool),
            just_loaded: None,
        }
    }
}

impl Policy for Sieve {
    fn loaded(&mut self, frame: Frame, frames: &mut dyn Frames) {
        self.order.push(frame);
        if let Some(before) = self.just_loaded.replace(frame) {
            frames.clear_accessed(before);
        }
    }

    fn released(&mut self, frame: Frame) {
        self.order.remove(frame);
        if self.just_loaded == Some(frame) {
            self.just_loaded = None;
        }
    }

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        // lab 9.2: sift out the pages that nobody asked for again
        if let Some(frame) = self.just_loaded.take() {
            frames.clear_accessed(frame);
        }
        // After one round no use is remembered, so the second finds a victim if there is any.
        for _ in 0..2 * self.order.len() {
            let frame = self.order.advance()?;
            if !frames.is_evictable(frame) {
                continue;
            }
            if !frames.accessed(frame) {
                return Some(frame);
            }
            frames.clear_accessed(frame);
        }
        None
        // lab end
    }
}
