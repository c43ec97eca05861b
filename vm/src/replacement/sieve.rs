//! SIEVE (Zhang et al., NSDI 2024): pages are in the order of their loads. A hand goes from the
//! oldest to the newest. A page accessed since the hand last passed keeps its place, and its
//! accessed bit is cleared; the first page that was not accessed is the victim.
//!
//! It differs from the clock in that a new page does not take the place of the victim but goes to
//! the end. The hand stays where it is, soon reaches the pages that came lately, and sifts out
//! those that were used only once. Old pages that are used again stay, so a scan of many pages does
//! not displace them.
//!
//! In the publication's terms: a new object is inserted at the head of the queue with visited = 0,
//! a hit sets visited = 1, and the hand moves from the tail to the head, clears visited bits,
//! evicts the first object without one, and stays there. Hardware sets the accessed bit for the
//! access that brings a page in as for any other, so that bit is cleared here: when the next page
//! is loaded at the latest. An access before that counts as part of the one that brought the page
//! in.
//!
//! # Invariants
//!
//! The hand passes a frame at most twice for one victim. It spares a frame only if its page was
//! accessed since the last pass, or since the load of the next page.

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
    /// The frame whose page was loaded last, until the accessed bit of its load is cleared.
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
        // The first round clears all accessed bits it meets, so the second finds any victim.
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
