//! Aging (Tanenbaum and Bos, Modern Operating Systems, 4th edition, section 3.4.7): an
//! approximation of LRU by accessed bits.
//!
//! Every page has a counter of eight bits. At a tick each counter is shifted right, the page's
//! accessed bit is shifted in at the top, and the bit is cleared: a counter is the history of the
//! last eight ticks, the latest weighing most. The victim is the page with the lowest counter,
//! among equals the one that was loaded first. This differs from LRU: accesses between two ticks
//! have no order, and those more than eight ticks ago are forgotten.
//!
//! In the book ticks come with time. Here they come with page loads, and a page whose accessed bit
//! is set is not taken: that bit is the latest of its history.
//!
//! # Invariants
//!
//! A tick costs a step for every frame, so it comes after at most one eighth of the pool has been
//! loaded, and its cost is shared by as many victims. With fewer than 16 frames there is one tick
//! for each victim. Between ticks victims are taken from the ranking of the last one, except pages
//! that were loaded or accessed since.

use std::vec;

use super::order::Order;
use super::per_frame::PerFrame;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "aging",
    about: "Takes the page used least of late, by a history of its accessed bit",
    build: |pool, _| Box::new(Aging::new(pool)),
};

/// The share of the pool that is loaded between two ticks.
const SHARE: u32 = 8;
/// The bit that an access since the last tick sets in a counter.
const USED: u8 = 0x80;

/// The history of the page in a frame.
#[derive(Clone, Copy, Default)]
struct Age {
    counter: u8,
    /// Whether the page was in the frame at the last tick, so that the ranking of the frame is
    /// valid.
    is_ranked: bool,
}

struct Aging {
    order: Order,
    ages: PerFrame<Age>,
    /// The rest of the ranking of the last tick, the next victim first.
    ranking: vec::IntoIter<Frame>,
    /// The number of loads between two ticks.
    period: u32,
    /// The number of loads since the last tick.
    loads: u32,
}

impl Aging {
    fn new(pool: FramePool) -> Aging {
        Aging {
            order: Order::new(pool),
            ages: PerFrame::new(pool),
            ranking: Vec::new().into_iter(),
            period: (pool.count / SHARE).max(1),
            loads: 0,
        }
    }

    fn tick(&mut self, frames: &mut dyn Frames) {
        self.loads = 0;
        for frame in self.order.iter() {
            let age = &mut self.ages[frame];
            age.counter >>= 1;
            age.is_ranked = true;
            if frames.accessed(frame) {
                frames.clear_accessed(frame);
                age.counter |= USED;
            }
        }
        let mut ranking: Vec<Frame> = self.order.iter().collect();
        // Stable, so equals stay in the order of their loads; and nearly linear, since there are
        // only 256 different keys.
        ranking.sort_by_key(|frame| self.ages[*frame].counter);
        self.ranking = ranking.into_iter();
    }

    /// Returns the next page of the ranking that has not been accessed since the tick.
    fn next_ranked(&mut self, frames: &dyn Frames) -> Option<Frame> {
        let ages = &self.ages;
        self.ranking.find(|frame| {
            ages[*frame].is_ranked && frames.is_evictable(*frame) && !frames.accessed(*frame)
        })
    }
}

impl Policy for Aging {
    fn loaded(&mut self, frame: Frame, _: &mut dyn Frames) {
        self.order.push(frame);
        self.loads += 1;
    }

    fn released(&mut self, frame: Frame) {
        self.order.remove(frame);
        self.ages[frame] = Age::default();
    }

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        if self.loads >= self.period {
            self.tick(frames);
        }
        self.next_ranked(frames).or_else(|| {
            // Right after a tick all pages are ranked, and no accessed bit is set.
            self.tick(frames);
            self.next_ranked(frames)
        })
    }
}
