//! Random: the victim is picked at random. It needs neither accessed bits nor an order, and is the
//! baseline for the other policies.
//!
//! # Invariants
//!
//! The lots are drawn by a generator of our own from the seed alone, so the same seed gives the
//! same victims on every host. If some `DRAWS` draws in a row fall on frames whose pages may not
//! go, there are few that may, and a hand finds the next of them: it goes on where it last stopped,
//! so that each has its turn and none is looked for again and again.

use super::hand::Hand;
use super::{Frame, FramePool, Frames, Policy, PolicyKind};

/// The kind of this policy.
pub const POLICY: PolicyKind = PolicyKind {
    name: "random",
    about: "Any page, drawn by lot",
    build: |pool, seed| Box::new(Random::new(pool, seed)),
};

/// The number of random picks before the hand searches.
const DRAWS: u32 = 16;

struct Random {
    first: Frame,
    hand: Hand,
    lots: SplitMix,
}

impl Random {
    fn new(pool: FramePool, seed: u64) -> Random {
        Random {
            first: pool.first,
            hand: Hand::new(pool),
            lots: SplitMix(seed),
        }
    }

    /// Picks a frame of the pool at random.
    fn draw(&mut self) -> Frame {
        Frame::new(self.first.number() + self.lots.below(self.hand.round()))
    }
}

impl Policy for Random {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        for _ in 0..DRAWS {
            let frame = self.draw();
            if frames.is_evictable(frame) {
                return Some(frame);
            }
        }
        for _ in 0..self.hand.round() {
            let frame = self.hand.advance();
            if frames.is_evictable(frame) {
                return Some(frame);
            }
        }
        None
    }
}

/// The generator SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): every seed is equally good, even
/// zero.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a random number below `end`. The bias is less than one in 2^12, since there are at
    /// most 2^20 frames.
    fn below(&mut self, end: u32) -> u32 {
        let upper = self.next() >> 32;
        ((upper * u64::from(end)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that the authors' program gives for seed 1234567.
    #[test]
    fn the_generator_is_split_mix() {
        let mut lots = SplitMix(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| lots.next()).collect();
        let expected = [
            6457827717110365317,
            3203168211198807973,
            9817491932198370423,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn numbers_stay_below_the_end_and_reach_all_below_it() {
        let mut lots = SplitMix(0);
        let mut drawn = [0; 10];
        for _ in 0..10_000 {
            drawn[lots.below(10) as usize] += 1;
        }
        assert!(
            drawn.iter().all(|times| (800..1200).contains(times)),
            "{drawn:?}"
        );
    }
}
