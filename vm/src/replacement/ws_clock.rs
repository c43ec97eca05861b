//! Working set clock (Carr and Hennessy, SOSP 1981): a page that was not used for some time is in
//! nobody's working set and may go.
//!
//! Time is counted in pages that came into frames. The hand goes round as the clock's; a page found
//! used gets the present as the time of its last use. A page that is out of the working set, its
//! last use longer ago than `tau`, goes at once if it is clean. If the hand meets none such within
//! [`WINDOW`] frames, the page of least [`Standing`] among those goes.
//!
//! What always holds: for one victim the hand moves past at most [`WINDOW`] frames, unless none of
//! them may be evicted, and never more than one round.

use machine::addr::Frame;

use super::hand::Hand;
use super::per_frame::PerFrame;
use super::{Frames, Policy};

/// How many frames the hand passes in search of a clean page out of the working set.
const WINDOW: u32 = 16;
/// The share of the pool that comes anew while a page without use falls out of the working set.
const TAU_SHARE: u32 = 4;

/// A time, in pages that came into frames before.
type Time = u64;

/// When the page in a frame came and when it was last found used.
#[derive(Clone, Copy, Default)]
struct Times {
    loaded: Time,
    last_use: Time,
}

/// How much is to be said for keeping a page; the first reason in which two pages differ decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    /// It was used since the hand last met it.
    is_used: bool,
    in_working_set: bool,
    /// It would have to be written out.
    is_dirty: bool,
    /// When it was used before the hand met it this time.
    last_use: Time,
    loaded: Time,
}

impl Standing {
    /// Whether there is nothing to be said for it, so that no other page need be compared.
    fn is_none(&self) -> bool {
        !self.is_used && !self.in_working_set && !self.is_dirty
    }
}

pub(super) struct WsClock {
    hand: Hand,
    times: PerFrame<Times>,
    now: Time,
    tau: Time,
}

impl WsClock {
    pub fn new(first: Frame, count: u32) -> WsClock {
        WsClock {
            hand: Hand::new(first, count),
            times: PerFrame::new(first, count),
            now: 0,
            tau: count.div_ceil(TAU_SHARE).into(),
        }
    }

    /// Meets a page: notes and forgets its use.
    fn meet(&mut self, frames: &mut dyn Frames, frame: Frame) -> Standing {
        let Times { loaded, last_use } = self.times[frame];
        let is_used = frames.accessed(frame);
        if is_used {
            frames.clear_accessed(frame);
            self.times[frame].last_use = self.now;
        }
        Standing {
            is_used,
            in_working_set: is_used || self.now - last_use <= self.tau,
            is_dirty: frames.dirty(frame),
            last_use,
            loaded,
        }
    }
}

impl Policy for WsClock {
    fn loaded(&mut self, frame: Frame, _: &mut dyn Frames) {
        self.now += 1;
        self.times[frame] = Times {
            loaded: self.now,
            last_use: self.now,
        };
    }

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        let mut least: Option<(Standing, Frame)> = None;
        for met in 0..self.hand.round() {
            if met >= WINDOW && least.is_some() {
                break;
            }
            let frame = self.hand.advance();
            if !frames.is_evictable(frame) {
                continue;
            }
            let standing = self.meet(frames, frame);
            if standing.is_none() {
                return Some(frame);
            }
            if least.is_none_or(|(other, _)| standing < other) {
                least = Some((standing, frame));
            }
        }
        least.map(|(_, frame)| frame)
    }
}
