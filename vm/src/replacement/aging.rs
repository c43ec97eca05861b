//! Aging (Tanenbaum and Bos, Modern Operating Systems, 4th edition, section 3.4.7): which page was used
//! least of late, as far as accessed bits can tell.
//!
//! Every page has a counter of eight bits. At a tick each counter is shifted right, the page's
//! accessed bit comes in at the top, and the bit is cleared: a counter is the history of the last
//! eight ticks, the latest weighing most. The lowest counter goes, among equals the page that came
//! first. That approximates "least recently used" and is not it: uses between two ticks have no
//! order, and what is more than eight ticks back is forgotten.
//!
//! In the book a tick comes with the time. Here it comes with the pages, and a page whose bit is set
//! since the last tick is not taken: the bit is the latest of its history already.
//!
//! # Invariants
//!
//! There is a tick at the latest after one eighth of the pool has come anew, so that its work,
//! which is over all frames, is shared by as many victims; with fewer than 16 frames there is one
//! for each victim. Between ticks the victims are taken from the ranking that the last one made. A
//! page that came or was used since is not in it any more.

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

/// The share of the pool that comes between two ticks.
const SHARE: u32 = 8;
/// The bit that a use since the last tick sets in a counter.
const USED: u8 = 0x80;

/// What is known of the page in a frame.
#[derive(Clone, Copy, Default)]
struct Age {
    counter: u8,
    /// Whether the page was there at the last tick, so that its place in the ranking is its own.
    is_ranked: bool,
}

struct Aging {
    order: Order,
    ages: PerFrame<Age>,
    /// What is left of the ranking of the last tick, the next victim first.
    ranking: vec::IntoIter<Frame>,
    /// How many pages come between two ticks.
    period: u32,
    /// How many pages have come since the last tick.
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
        // Stable, so equals stay in the order of their loads; and linear in the number of frames,
        // for there are but 256 different keys.
        ranking.sort_by_key(|frame| self.ages[*frame].counter);
        self.ranking = ranking.into_iter();
    }

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
            // Right after a tick all pages are ranked, and none has been used since.
            self.tick(frames);
            self.next_ranked(frames)
        })
    }
}
