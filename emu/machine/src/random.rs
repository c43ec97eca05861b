//! Random numbers that follow from a seed.
//!
//! # Invariants
//!
//! The same seed gives the same numbers, on every host and in every version: layouts of programs,
//! time slices, victims and input files depend on them.

/// The generator SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a counter, and a good mix of its
/// bits. Every seed is equally good, even zero.
#[derive(Clone, Debug)]
pub struct SplitMix(u64);

impl SplitMix {
    /// Begins with a seed.
    #[must_use]
    pub fn new(seed: u64) -> SplitMix {
        SplitMix(seed)
    }

    /// Returns the next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a random number below `end`, or 0 if `end` is. No number is more frequent than
    /// another by more than the part `end / 2^32`.
    pub fn below(&mut self, end: u32) -> u32 {
        let upper = self.next_u64() >> 32;
        ((upper * u64::from(end)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that the authors' program gives for seed 1234567.
    #[test]
    fn the_generator_is_split_mix() {
        let mut random = SplitMix::new(1_234_567);
        let numbers = [(); 3].map(|()| random.next_u64());
        let expected = [
            6457827717110365317,
            3203168211198807973,
            9817491932198370423,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn numbers_stay_below_the_end_and_reach_all_below_it() {
        let mut random = SplitMix::new(0);
        let mut drawn = [0; 10];
        for _ in 0..10_000 {
            drawn[random.below(10) as usize] += 1;
        }
        assert!(
            drawn.iter().all(|times| (800..1200).contains(times)),
            "{drawn:?}"
        );
    }
}
