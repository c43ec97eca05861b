//! Working set clock (Carr and Hennessy, SOSP 1981; Tanenbaum and Bos, Modern Operating Systems, 4th
//! edition, section 3.4.9): a page that was not used for some time is in no working set and may be
//! evicted.
//!
//! The hand goes round as the clock's; a page found used gets the present as the time of its last use.
//! A page that is out of the working set, its last use longer ago than `tau`, goes at once if it is
//! clean. If the hand meets none such within `WINDOW` frames, the page of least `Standing` among
//! those goes.
//!
//! What the publication leaves to the rest of a system is decided here. Time is counted in page
//! loads, not in the virtual time of each process. The hand looks at a window and not at all
//! frames, to bound the cost. A dirty page outside the working set is not written out ahead: the
//! first that the hand met is the victim, since its write would be done first, and the hand is put
//! behind it as if it had come round again. Where all pages are in the working set, the publication
//! swaps a process out. The kernel does that by a rule of its own, and the policy still has to
//! choose a page: one that was not accessed since the hand last met it, then a clean one, then the
//! one with the oldest use.
//!
//! # Invariants
//!
//! For one victim the hand meets at most `WINDOW` frames, unless none of them may be evicted, and
//! never more than one round.

use super::hand::Hand;
use super::per_frame::PerFrame;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "ws-clock",
    about: "Takes a page that was not used for some time, preferably a clean one",
    build: |pool, _| Box::new(WsClock::new(pool)),
};

/// The number of frames that the hand passes in search of a clean page outside the working set.
const WINDOW: u32 = 16;
/// `tau` as a share of the pool: a page leaves the working set if it is not accessed while that
/// share of the pool is loaded.
const TAU_SHARE: u32 = 4;

/// A time, counted in page loads.
type Time = u64;

/// When the page in a frame was loaded and when it was last found accessed.
#[derive(Clone, Copy, Default)]
struct Times {
    loaded: Time,
    last_use: Time,
}

/// How much speaks for keeping a page; the first criterion in which two pages differ decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It is outside the working set and clean: no other page need be compared.
    Free,
    /// It is outside the working set, but would have to be written out.
    Dirty,
    InWorkingSet {
        /// It was accessed since the hand last met it.
        is_used: bool,
        is_dirty: bool,
        /// The time of its last use before the hand met it now.
        last_use: Time,
        loaded: Time,
    },
}

struct WsClock {
    hand: Hand,
    times: PerFrame<Times>,
    now: Time,
    tau: Time,
}

impl WsClock {
    fn new(pool: FramePool) -> WsClock {
        WsClock {
            hand: Hand::new(pool),
            times: PerFrame::new(pool),
            now: 0,
            tau: pool.count.div_ceil(TAU_SHARE).into(),
        }
    }

    /// Visits a page: records its use and clears its accessed bit.
    fn meet(&mut self, frames: &mut dyn Frames, frame: Frame) -> Standing {
        let Times { loaded, last_use } = self.times[frame];
        let is_used = frames.accessed(frame);
        if is_used {
            frames.clear_accessed(frame);
            self.times[frame].last_use = self.now;
        }
        let is_dirty = frames.dirty(frame);
        if is_used || self.now - last_use <= self.tau {
            return Standing::InWorkingSet {
                is_used,
                is_dirty,
                last_use,
                loaded,
            };
        }
        if is_dirty {
            Standing::Dirty
        } else {
            Standing::Free
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
        // The best candidate, with the position of the hand behind it.
        let mut least: Option<(Standing, Frame, Hand)> = None;
        for met in 0..self.hand.round() {
            if met >= WINDOW && least.is_some() {
                break;
            }
            let frame = self.hand.advance();
            if !frames.is_evictable(frame) {
                continue;
            }
            let standing = self.meet(frames, frame);
            if standing == Standing::Free {
                return Some(frame);
            }
            // Among equals, the first that was met.
            if least.is_none_or(|(other, ..)| standing < other) {
                least = Some((standing, frame, self.hand));
            }
        }
        let (standing, frame, behind) = least?;
        if standing == Standing::Dirty {
            self.hand = behind;
        }
        Some(frame)
    }
}
