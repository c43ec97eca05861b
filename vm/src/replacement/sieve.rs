//! SIEVE (Zhang et al., NSDI 2024): pages stand in the order in which they came. A hand goes from
//! the oldest to the newest; a page used since the hand last passed stays where it stands and its
//! use is forgotten, the first one unused goes.
//!
//! It differs from the clock in that a new page does not take the place of the victim but stands at
//! the end: the hand, which stays where it is, soon meets the pages that came lately and sifts out
//! those that nobody wanted twice. Old pages that were used again are left in peace, so a scan of
//! many pages does not wash them away.
//!
//! What always holds: the hand moves past a frame at most twice for one victim, and a frame is
//! spared only if its page was used since the last time. The use for which a page was brought in
//! is not one: the next time that a victim is wanted, it is forgotten.

use emu::addr::Frame;

use super::order::Order;
use super::{Frames, Policy};

pub(super) struct Sieve {
    order: Order,
    /// The frame whose page came last, until a victim is wanted.
    just_loaded: Option<Frame>,
}

impl Sieve {
    pub fn new(first: Frame, count: u32) -> Sieve {
        Sieve {
            order: Order::new(first, count),
            just_loaded: None,
        }
    }
}

impl Policy for Sieve {
    fn loaded(&mut self, frame: Frame) {
        self.order.push(frame);
        self.just_loaded = Some(frame);
    }

    fn released(&mut self, frame: Frame) {
        self.order.remove(frame);
        if self.just_loaded == Some(frame) {
            self.just_loaded = None;
        }
    }

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
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
    }
}
