//! Random histories against a naive model that keeps every byte in a map.
//!
//! Any number of frames from 8 up, every policy and slot allocator, both ways to touch user memory, and
//! the kernel's half in the page directories of programs or not, must give what the model gives, at
//! every load; after every step the invariants hold; at the end nothing is left. Files get shorter and
//! longer all the while. Some machines have few or no swap slots, some have next to no room for page
//! tables, and some have more processes than frames: there a step may be refused for want of room, if there
//! is none, and then nothing has changed.
//!
//! `VMLAB_STEPS` says how many steps to take in all (100,000 without it), `VMLAB_SEED` which histories.

mod explained;
mod pair;
mod reference;
mod sights;
mod steps;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use pair::Pair;
use sights::Sights;

const STEPS_A_HISTORY: usize = 250;
/// In so many histories all happens that can.
const ENOUGH_HISTORIES: usize = 100;

/// Which histories are tried: the same ones each time, unless others are asked for.
fn seed() -> [u8; 32] {
    let number = std::env::var("VMLAB_SEED").map_or(0, |s| s.parse::<u64>().expect("a number"));
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    seed
}

#[test]
fn any_history_gives_what_a_map_of_bytes_gives() {
    let steps = std::env::var("VMLAB_STEPS").map_or(100_000, |s| s.parse().expect("a number"));
    let histories = (steps / STEPS_A_HISTORY).max(1);
    let config = Config {
        cases: histories as u32,
        failure_persistence: None,
        ..Config::default()
    };
    let history = (
        steps::setup(),
        prop::collection::vec(steps::step(), STEPS_A_HISTORY),
    );
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed());
    let sights = Sights::default();
    let result = TestRunner::new_with_rng(config, rng).run(&history, |(setup, steps)| {
        let mut pair = Pair::new(setup, &sights);
        steps.into_iter().for_each(|step| pair.take(step));
        pair.finish();
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    if histories >= ENOUGH_HISTORIES {
        sights.assert_all_seen();
    }
}
