//! Random histories against a naive model that keeps every byte in a map.
//!
//! With any number of frames from 8 up, every policy and slot allocator, both alias policies, and
//! the kernel's half shared or isolated, every load must return what the model has. After every
//! step the invariants hold; at the end nothing is left. Files are truncated and extended all the
//! while. Some machines have few or no swap slots, some have little room for page tables, and some
//! have more processes than frames. There a step may be refused for lack of memory, if there is
//! one, and then nothing has changed.
//!
//! `VMLAB_STEPS` is the total number of steps (default 100,000), `VMLAB_SEED` selects other
//! histories.

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
/// The number of histories after which every rare case must have occurred.
const ENOUGH_HISTORIES: usize = 100;

/// Returns the seed of the histories: the same each time, unless another is requested.
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
