//! The policy fulfils the contract of every policy and its own description, and the lab's document
//! shows what this example prints.

use std::sync::Once;

use proptest::prelude::*;
use vm::simulator::Touch;

use super::*;

const LAB: &str = include_str!("../../../docs/lab.md");

/// Registers the policy as `main` does, once for all tests, which share the registry.
fn registered() -> PolicyKind {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| POLICIES.register(policy::POLICY));
    POLICIES.find("two-bit").expect("it is registered")
}

#[test]
fn it_is_listed_behind_the_policies_of_the_crate() {
    let kind = registered();
    assert_eq!(POLICIES.all().last(), Some(&kind));
    let unknown = find("best").unwrap_err().to_string();
    assert_eq!(
        unknown,
        "no policy is called 'best'; there are clock, fifo, second-chance, aging, ws-clock, sieve, \
         random, two-bit"
    );
}

#[test]
fn the_lab_shows_what_it_prints() {
    registered();
    let table = table(&POLICIES.all());
    assert!(LAB.contains(&table), "docs/lab.md should show\n{table}");
    let unknown = find("three-bit").unwrap_err();
    assert!(
        LAB.contains(&format!("\ntwo_bit: {unknown}\n")),
        "{unknown}"
    );
}

#[test]
fn the_lab_quotes_the_policy_as_it_is() {
    let chapters = LAB.split("\n## ");
    let chapter = chapters
        .into_iter()
        .find(|text| text.starts_with("Write a policy\n"));
    let blocks = chapter.expect("the chapter").split("```rust\n").skip(1);
    let quotes: Vec<&str> = blocks.filter_map(|text| text.split("```").next()).collect();
    assert_eq!(quotes.len(), 2);
    for quote in quotes {
        assert!(include_str!("policy.rs").contains(quote), "{quote}");
    }
}

#[test]
fn many_uses_outlive_a_scan_that_washes_away_what_the_clock_keeps() {
    let stays_in_a_scan = |kind| {
        let mut simulator = Simulator::new(kind, 4);
        for page in 10..30 {
            simulator.touch(0, Access::Read);
            simulator.touch(page, Access::Read);
        }
        let mut scan = 30..34;
        scan.all(|page| simulator.touch(page, Access::Read) != Touch::Replaced(0))
    };
    assert!(stays_in_a_scan(registered()));
    assert!(!stays_in_a_scan(PolicyKind::default()));
}

/// The same, with a counter and a bit for each page and the hand as a number.
#[derive(Default)]
struct Model {
    /// The last is -1 until the hand has passed.
    pages: Vec<(PageNumber, bool, i32)>,
    hand: usize,
}

impl Model {
    fn touch(&mut self, page: PageNumber, frames: usize) -> Touch {
        if let Some(held) = self.pages.iter_mut().find(|held| held.0 == page) {
            held.1 = true;
            return Touch::Hit;
        }
        if self.pages.len() < frames {
            self.pages.push((page, true, -1));
            return Touch::Filled;
        }
        loop {
            let at = self.hand;
            self.hand = (at + 1) % frames;
            let (victim, used, counter) = self.pages[at];
            match (used, counter) {
                (true, _) | (_, -1) => self.pages[at] = (victim, false, 3.min(counter + 1)),
                (false, 0) => {
                    self.pages[at] = (page, true, -1);
                    return Touch::Replaced(victim);
                }
                (false, _) => self.pages[at] = (victim, false, counter - 1),
            }
        }
    }
}

proptest! {
    /// The simulator checks at each step that the victim may go, and that there is one if any may.
    #[test]
    fn it_takes_the_first_unused_page_at_zero(
        frames in 1..10u32, string in prop::collection::vec(0..14u32, 0..200)
    ) {
        let mut simulator = Simulator::new(registered(), frames);
        let mut model = Model::default();
        for page in string {
            let touch = simulator.touch(page, Access::Read);
            prop_assert_eq!(touch, model.touch(page, frames as usize));
        }
    }

    #[test]
    fn it_finds_a_page_whatever_is_pinned_and_says_so_if_there_is_none(
        frames in 1..10u32,
        steps in prop::collection::vec((0..14u32, any::<bool>()), 0..200)
    ) {
        let mut simulator = Simulator::new(registered(), frames);
        for (page, pinned) in steps {
            simulator.touch(page, Access::Write);
            simulator.set_pinned(page, pinned);
            simulator.ask();
        }
    }
}

/// Counts looks at frames per victim in an endless scan.
#[test]
fn a_victim_costs_the_same_however_many_frames_there_are() {
    let cost = |frames: u32| {
        let mut simulator = Simulator::new(registered(), frames);
        for reference in 0..8 * frames {
            simulator.touch(reference % (2 * frames), Access::Read);
        }
        simulator.calls() as f64 / simulator.victims as f64
    };
    let (few, many) = (cost(100), cost(10_000));
    assert!(many < 2.0 * few, "{few} -> {many}");
}
