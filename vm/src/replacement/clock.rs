//! Clock: one hand goes round the frames. A page used since the hand last passed is spared and its
//! use forgotten; the first one unused goes.
//!
//! What always holds: the hand moves past a frame at most twice for one victim, and a frame is
//! spared only if its page was used since the last time, so the work is paid for by the uses.

use machine::addr::Frame;

use super::hand::Hand;
use super::{Frames, Policy};

pub(super) struct Clock {
    hand: Hand,
}

impl Clock {
    pub fn new(first: Frame, count: u32) -> Clock {
        Clock {
            hand: Hand::new(first, count),
        }
    }
}

impl Policy for Clock {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
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
    }
}
