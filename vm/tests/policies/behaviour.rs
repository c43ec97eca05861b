//! The behaviour by which each policy differs from the others.

use machine::mmu::Access;
use vm::PolicyKind;
use vm::optimum::lru;
use vm::reference_string::ReferenceString;
use vm::replacement::{
    Frame, FramePool, Frames, aging, clock, fifo, random, second_chance, sieve, ws_clock,
};
use vm::simulator::{PageNumber, Simulator, Touch};

/// Loads some pages. Returns the outcome of each load.
fn load(simulator: &mut Simulator, pages: impl IntoIterator<Item = PageNumber>) -> Vec<Touch> {
    pages
        .into_iter()
        .map(|page| simulator.touch(page, Access::Read))
        .collect()
}

/// Creates a pool of eight frames with eight pages, of which one is clean and the others are dirty.
fn one_clean(kind: PolicyKind, clean: PageNumber) -> Simulator {
    let mut simulator = Simulator::new(kind, 8);
    for page in 0..8 {
        simulator.touch(
            page,
            if page == clean {
                Access::Read
            } else {
                Access::Write
            },
        );
    }
    simulator
}

#[test]
fn second_chance_evicts_the_clean_page_wherever_it_stands() {
    for clean in 0..8 {
        let mut simulator = one_clean(second_chance::POLICY, clean);
        assert_eq!(simulator.touch(8, Access::Read), Touch::Replaced(clean));
    }
}

/// The four classes in their order: the choice of the first victim has cleared all accessed bits.
#[test]
fn second_chance_takes_the_classes_in_their_order() {
    let mut simulator = one_clean(second_chance::POLICY, 5);
    assert_eq!(simulator.ask(), Some(5));
    simulator.touch(0, Access::Read);
    simulator.touch(5, Access::Read);
    // Now 0 is accessed and dirty, 5 accessed and clean, all others not accessed and dirty.
    for victim in [6, 7, 1, 2, 3, 4] {
        assert_eq!(simulator.ask(), Some(victim));
        simulator.set_pinned(victim, true);
    }
    simulator.touch(0, Access::Read);
    simulator.touch(5, Access::Read);
    assert_eq!(simulator.ask(), Some(5));
    simulator.set_pinned(5, true);
    assert_eq!(simulator.ask(), Some(0));
}

/// Of eight pages four are accessed all the time, and the others not while three pages are loaded.
#[test]
fn ws_clock_takes_what_is_out_of_the_working_set_and_of_that_clean_pages_first() {
    let mut simulator = Simulator::new(ws_clock::POLICY, 8);
    for page in 0..8 {
        simulator.touch(
            page,
            if page == 4 {
                Access::Write
            } else {
                Access::Read
            },
        );
    }
    simulator.ask().expect("nothing is pinned");
    for page in 8..11 {
        simulator.release(page - 1);
        simulator.touch(page, Access::Read);
    }
    load(&mut simulator, 0..4);
    for victim in [5, 6, 4] {
        assert_eq!(simulator.ask(), Some(victim));
        simulator.set_pinned(victim, true);
    }
}

/// A page accessed between any two faults stays, and all others are evicted in turn, as with exact
/// LRU. Only accesses before the first tick have no order, which costs one fault.
#[test]
fn aging_is_lru_where_every_use_has_its_tick() {
    let string = ReferenceString::of_loads((1..40).flat_map(|page| [0, page % 6 + 1]));
    for frames in 2..7 {
        let aging = Simulator::count_faults(aging::POLICY, frames, 0, &string);
        assert_eq!(aging, lru(frames as usize, &string) + 1, "{frames} frames");
    }
}

/// Frames that are all evictable, with their accessed bits.
struct Bits([bool; 16]);

impl Frames for Bits {
    fn first(&self) -> Frame {
        Frame::new(0)
    }

    fn count(&self) -> u32 {
        16
    }

    fn is_evictable(&self, _: Frame) -> bool {
        true
    }

    fn accessed(&self, frame: Frame) -> bool {
        self.0[frame.index()]
    }

    fn dirty(&self, _: Frame) -> bool {
        false
    }

    fn clear_accessed(&mut self, frame: Frame) {
        self.0[frame.index()] = false;
    }
}

/// As with prefetching: the page has no history, and not that of the page before it in the frame.
#[test]
fn aging_waits_for_a_tick_before_it_takes_a_page_that_came_without_a_use() {
    let mut bits = Bits([true; 16]);
    let pool = FramePool {
        first: bits.first(),
        count: bits.count(),
    };
    let mut aging = (aging::POLICY.build)(pool, 0);
    for number in 0..16 {
        aging.loaded(Frame::new(number), &mut bits);
    }
    assert_eq!(aging.victim(&mut bits), Some(Frame::new(0)));
    aging.released(Frame::new(1));
    aging.loaded(Frame::new(1), &mut bits);
    assert_eq!(aging.victim(&mut bits), Some(Frame::new(2)));
}

/// Returns a string in which half of the references go to an eighth of the pages.
fn skewed(length: u32, pages: PageNumber) -> ReferenceString {
    let mut state = 1u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((u64::from(state) * u64::from(below)) >> 32) as u32
    };
    let mut one = || {
        if draw(2) == 0 {
            draw(pages / 8)
        } else {
            draw(pages)
        }
    };
    ReferenceString::of_loads((0..length).map(|_| u64::from(one())))
}

#[test]
fn aging_comes_close_to_lru_and_far_from_fifo() {
    let string = skewed(20_000, 128);
    for frames in [32, 64] {
        let exact = lru(frames as usize, &string);
        let aging = Simulator::count_faults(aging::POLICY, frames, 0, &string);
        let fifo = Simulator::count_faults(fifo::POLICY, frames, 0, &string);
        assert!(
            aging.abs_diff(exact) * 3 < fifo.abs_diff(exact),
            "{exact} {aging} {fifo}"
        );
    }
}

/// Four pages that are used now and then among many that are used once: after their second use, no
/// scan displaces them, however long it is.
#[test]
fn sieve_keeps_what_is_used_again_through_a_scan() {
    let faults_after_a_scan = |kind| {
        let mut simulator = Simulator::new(kind, 8);
        for page in 100..120 {
            load(&mut simulator, [0, 1, 2, 3, page]);
        }
        load(&mut simulator, 200..300);
        load(&mut simulator, 0..4)
            .iter()
            .filter(|touch| **touch != Touch::Hit)
            .count()
    };
    assert_eq!(faults_after_a_scan(sieve::POLICY), 0);
    assert_eq!(faults_after_a_scan(clock::POLICY), 4);
    assert_eq!(faults_after_a_scan(fifo::POLICY), 4);
}

/// The hand is at a page that its process releases: it continues with the next newer one.
#[test]
fn sieve_goes_on_behind_a_page_that_is_given_up() {
    let mut simulator = Simulator::new(sieve::POLICY, 4);
    load(&mut simulator, 0..4);
    // The accesses that loaded the pages do not count.
    assert_eq!(load(&mut simulator, [4]), [Touch::Replaced(0)]);
    assert_eq!(load(&mut simulator, [5]), [Touch::Replaced(1)]);
    simulator.release(2);
    assert_eq!(
        load(&mut simulator, [6, 7]),
        [Touch::Filled, Touch::Replaced(3)]
    );
}

#[test]
fn random_depends_on_the_seed_alone() {
    let victims = |seed| {
        let mut simulator = Simulator::with_seed(random::POLICY, 16, seed);
        load(&mut simulator, 0..100)
    };
    assert_eq!(victims(7), victims(7));
    assert_ne!(victims(7), victims(8));
}

#[test]
fn random_spares_no_frame() {
    let mut simulator = Simulator::new(random::POLICY, 8);
    load(&mut simulator, 0..200);
    let mut chosen = [false; 200];
    for _ in 0..200 {
        chosen[simulator.ask().expect("nothing is pinned") as usize] = true;
    }
    assert_eq!(chosen.iter().filter(|is| **is).count(), 8);
}
