//! The fault counts that textbooks print, all cold misses included.

use vm::optimum::{lru, opt};
use vm::reference_string::ReferenceString;
use vm::replacement::{clock, fifo, second_chance};
use vm::simulator::Simulator;

const BELADY: &[u64] = &[1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
const SILBERSCHATZ: &[u64] = &[7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];
const STALLINGS: &[u64] = &[2, 3, 2, 1, 5, 2, 4, 5, 3, 2, 5, 2];
const LECTURE: &[u64] = &[0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1];
const LOOP: &[u64] = &[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4];

#[derive(PartialEq, Eq, Debug)]
struct Counts {
    fifo: u64,
    lru: u64,
    opt: u64,
    clock: u64,
}

#[track_caller]
fn check(string: &[u64], frames: u32, [fifo, lru_count, opt_count, clock]: [u64; 4]) {
    let string = &ReferenceString::of_loads(string.iter().copied());
    let counted = Counts {
        fifo: Simulator::count_faults(fifo::POLICY, frames, 0, string),
        lru: lru(frames as usize, string),
        opt: opt(frames as usize, string),
        clock: Simulator::count_faults(clock::POLICY, frames, 0, string),
    };
    assert_eq!(
        counted,
        Counts {
            fifo,
            lru: lru_count,
            opt: opt_count,
            clock
        }
    );
}

#[test]
fn fifo_and_clock_have_beladys_anomaly() {
    check(BELADY, 3, [9, 10, 7, 9]);
    check(BELADY, 4, [10, 8, 6, 10]);
    check(BELADY, 5, [5, 5, 5, 5]);
}

#[test]
fn silberschatz() {
    check(SILBERSCHATZ, 3, [15, 12, 9, 14]);
    check(SILBERSCHATZ, 4, [10, 8, 8, 9]);
}

#[test]
fn stallings() {
    check(STALLINGS, 3, [9, 7, 6, 8]);
}

#[test]
fn a_lecture_string() {
    check(LECTURE, 3, [7, 5, 5, 7]);
}

#[test]
fn a_loop_one_page_too_long_misses_always() {
    check(LOOP, 4, [20, 20, 8, 20]);
}

/// Without stores there are two classes, and the hand moves like the clock's.
#[test]
fn second_chance_on_clean_pages_is_the_clock() {
    for pages in [BELADY, SILBERSCHATZ, STALLINGS, LECTURE, LOOP] {
        let string = &ReferenceString::of_loads(pages.iter().copied());
        for frames in 1..6 {
            let clock = Simulator::count_faults(clock::POLICY, frames, 0, string);
            let second_chance = Simulator::count_faults(second_chance::POLICY, frames, 0, string);
            assert_eq!(second_chance, clock, "{pages:?} in {frames} frames");
        }
    }
}
