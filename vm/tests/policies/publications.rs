//! Each policy compared with a model of its publication, victim by victim. The models know the
//! whole past of each page and look at all frames, so they are short, slow, and unlike the
//! policies.
//!
//! FIFO has its model in `properties`, which knows pins as well.

use machine::mmu::Access;
use proptest::prelude::*;
use vm::PolicyKind;
use vm::replacement::{aging, clock, random, second_chance, sieve, ws_clock};
use vm::simulator::{PageNumber, Simulator, Touch};

/// A page in a frame.
#[derive(Clone)]
struct Held {
    page: PageNumber,
    /// The accessed bit.
    used: bool,
    /// The dirty bit.
    dirty: bool,
    pinned: bool,
    /// The number of loads up to its own.
    loaded: usize,
}

/// A model of a publication.
trait Model {
    /// Learns that a page came into this frame and was accessed.
    fn loaded(&mut self, held: &mut [Held], frame: usize) {
        held[frame].used = true;
    }

    /// Learns that the page in this frame was accessed again.
    fn hit(&mut self, held: &mut [Held], frame: usize) {
        held[frame].used = true;
    }

    /// Chooses a victim when all frames hold pages.
    fn victim(&mut self, held: &mut [Held]) -> Option<usize>;
}

type Reference = (PageNumber, Access);

/// Returns the outcome of each reference under a model. Pages below `pinned` are pinned once
/// loaded.
fn by_model(
    mut model: impl Model,
    frames: usize,
    pinned: PageNumber,
    string: &[Reference],
) -> Vec<Touch> {
    let mut held: Vec<Held> = Vec::new();
    let mut loaded = 0;
    let mut touches = Vec::new();
    for &(page, access) in string {
        let is_store = access == Access::Write;
        if let Some(frame) = held.iter().position(|one| one.page == page) {
            held[frame].dirty |= is_store;
            model.hit(&mut held, frame);
            touches.push(Touch::Hit);
            continue;
        }
        let new = Held {
            page,
            used: false,
            dirty: is_store,
            pinned: page < pinned,
            loaded: loaded + 1,
        };
        let frame = if held.len() < frames {
            held.push(new);
            touches.push(Touch::Filled);
            held.len() - 1
        } else if let Some(frame) = model.victim(&mut held) {
            let old = std::mem::replace(&mut held[frame], new);
            touches.push(Touch::Replaced(old.page));
            frame
        } else {
            touches.push(Touch::NoFrame);
            continue;
        };
        loaded += 1;
        model.loaded(&mut held, frame);
    }
    touches
}

/// Returns the outcome of each reference under a policy.
fn by_policy(
    kind: PolicyKind,
    frames: usize,
    seed: u64,
    pinned: PageNumber,
    string: &[Reference],
) -> Vec<Touch> {
    let mut simulator = Simulator::with_seed(kind, frames as u32, seed);
    let touch = |(page, access): &Reference| {
        let touch = simulator.touch(*page, *access);
        simulator.set_pinned(*page, *page < pinned);
        touch
    };
    string.iter().map(touch).collect()
}

/// Returns the frame `steps` after another one on the ring.
fn behind(frame: usize, steps: usize, held: &[Held]) -> usize {
    (frame + steps) % held.len()
}

/// Tanenbaum and Bos, section 3.4.5.
#[derive(Default)]
struct Clock {
    hand: usize,
}

impl Model for Clock {
    fn victim(&mut self, held: &mut [Held]) -> Option<usize> {
        while std::mem::take(&mut held[self.hand].used) {
            self.hand = behind(self.hand, 1, held);
        }
        let victim = self.hand;
        self.hand = behind(victim, 1, held);
        Some(victim)
    }
}

/// Zhang et al., NSDI 2024, algorithm 1. An accessed bit does not distinguish the access that
/// loaded a page from another one before the next load, so a hit counts only after that.
#[derive(Default)]
struct Sieve {
    /// The page at the hand, by the time of its load; `None` for the tail of the queue.
    hand: Option<usize>,
}

impl Model for Sieve {
    fn loaded(&mut self, held: &mut [Held], frame: usize) {
        held[frame].used = false;
    }

    fn hit(&mut self, held: &mut [Held], frame: usize) {
        let newest = held.iter().map(|one| one.loaded).max();
        held[frame].used = newest != Some(held[frame].loaded);
    }

    fn victim(&mut self, held: &mut [Held]) -> Option<usize> {
        loop {
            let at_hand = |one: &&Held| self.hand.is_none_or(|hand| hand <= one.loaded);
            let waiting = held.iter().filter(at_hand).map(|one| one.loaded);
            let Some(at) = waiting.min() else {
                self.hand = None;
                continue;
            };
            let frame = held.iter().position(|one| one.loaded == at)?;
            // Towards the head of the queue; after the head comes the tail.
            let is_head = held.iter().all(|one| one.loaded <= at);
            self.hand = (!is_head).then_some(at + 1);
            if !std::mem::take(&mut held[frame].used) {
                return Some(frame);
            }
        }
    }
}

/// Silberschatz, Galvin and Gagne, section 10.4.5.3: the first page in the lowest class that is not
/// empty. Which bits are cleared follows from Stallings' passes (section 8.2): all that the second
/// pass meets, which is made if there is no page of the lowest class. Looks at the 64 frames from
/// the hand on.
#[derive(Default)]
struct SecondChance {
    hand: usize,
}

impl Model for SecondChance {
    fn victim(&mut self, held: &mut [Held]) -> Option<usize> {
        let ahead: Vec<usize> = (0..held.len().min(64))
            .map(|steps| behind(self.hand, steps, held))
            .collect();
        let class = |frame: &usize| (held[*frame].used, held[*frame].dirty);
        let lowest = ahead.iter().map(class).min()?;
        let place = ahead.iter().position(|frame| class(frame) == lowest)?;
        let forgotten = match lowest {
            (false, false) => 0,
            (false, true) => place,
            (true, _) => ahead.len(),
        };
        for frame in &ahead[..forgotten] {
            held[*frame].used = false;
        }
        self.hand = behind(ahead[place], 1, held);
        Some(ahead[place])
    }
}

/// Tanenbaum and Bos, section 3.4.7, with a tick after loads of an eighth of the pool. It records
/// the ticks at which each page was accessed, the last one last.
#[derive(Default)]
struct Aging {
    pages: Vec<Vec<bool>>,
    loads: usize,
}

impl Aging {
    fn tick(&mut self, held: &mut [Held]) {
        self.loads = 0;
        for (page, one) in self.pages.iter_mut().zip(held) {
            page.push(std::mem::take(&mut one.used));
        }
    }

    /// Returns the bits of the last eight ticks, the latest weighing most.
    fn counter(&self, frame: usize) -> u32 {
        let latest = self.pages[frame].iter().rev().take(8);
        let weights = (0..8).rev().map(|bit| 1 << bit);
        let counted = latest.zip(weights).filter(|(used, _)| **used);
        counted.map(|(_, weight)| weight).sum()
    }

    fn lowest(&self, held: &[Held]) -> Option<usize> {
        (0..held.len())
            .filter(|frame| !self.pages[*frame].is_empty() && !held[*frame].used)
            .min_by_key(|frame| (self.counter(*frame), held[*frame].loaded))
    }
}

impl Model for Aging {
    fn loaded(&mut self, held: &mut [Held], frame: usize) {
        self.pages.resize(held.len(), Vec::new());
        self.pages[frame].clear();
        self.loads += 1;
        held[frame].used = true;
    }

    fn victim(&mut self, held: &mut [Held]) -> Option<usize> {
        if self.loads >= held.len() / 8 {
            self.tick(held);
        }
        self.lowest(held).or_else(|| {
            self.tick(held);
            self.lowest(held)
        })
    }
}

/// Carr and Hennessy, SOSP 1981; Tanenbaum and Bos, section 3.4.9. Looks at the 16 frames from the hand
/// on. The victim where all pages are in the working set is this project's rule.
#[derive(Default)]
struct WsClock {
    hand: usize,
    now: usize,
    /// For the page in each frame.
    last_use: Vec<usize>,
}

impl Model for WsClock {
    fn loaded(&mut self, held: &mut [Held], frame: usize) {
        self.now += 1;
        self.last_use.resize(held.len(), 0);
        self.last_use[frame] = self.now;
        held[frame].used = true;
    }

    fn victim(&mut self, held: &mut [Held]) -> Option<usize> {
        let tau = held.len().div_ceil(4);
        let ahead: Vec<usize> = (0..held.len().min(16))
            .map(|steps| behind(self.hand, steps, held))
            .collect();
        let is_old = |frame: usize| !held[frame].used && self.now - self.last_use[frame] > tau;
        let clean = ahead.iter().position(|f| is_old(*f) && !held[*f].dirty);
        // A write is scheduled for each old dirty page met. The first one scheduled is done first,
        // and the hand moves on until it meets that page, now clean.
        let cleaned = ahead.iter().position(|f| is_old(*f));
        let others = ahead.iter().copied().min_by_key(|f| {
            let Held { used, dirty, .. } = held[*f];
            (used, dirty, self.last_use[*f], held[*f].loaded)
        });
        let met = clean.map_or(ahead.len(), |place| place + 1);
        let place = clean.or(cleaned);
        let victim = place.map(|place| ahead[place]).or(others);
        for frame in &ahead[..met] {
            if std::mem::take(&mut held[*frame].used) {
                self.last_use[*frame] = self.now;
            }
        }
        self.hand = behind(self.hand, place.map_or(met, |place| place + 1), held);
        victim
    }
}

/// Steele, Lea and Flood, OOPSLA 2014, figure 13: the n-th number is the mix of n gammas. Its upper half
/// as a fraction of the pool is the frame; after 16 pinned ones in a row, a hand searches.
struct Random {
    seed: u64,
    drawn: u64,
    hand: usize,
}

impl Model for Random {
    fn victim(&mut self, held: &mut [Held]) -> Option<usize> {
        for _ in 0..16 {
            self.drawn += 1;
            let gammas = 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(self.drawn);
            let mix = |z: u64, shift: u32, factor: u64| (z ^ (z >> shift)).wrapping_mul(factor);
            let z = self.seed.wrapping_add(gammas);
            let z = mix(mix(z, 30, 0xbf58_476d_1ce4_e5b9), 27, 0x94d0_49bb_1331_11eb);
            let fraction = (z ^ (z >> 31)) >> 32;
            let frame = (u128::from(fraction) * held.len() as u128 / (1 << 32)) as usize;
            if !held[frame].pinned {
                return Some(frame);
            }
        }
        let from_hand = (0..held.len()).map(|steps| behind(self.hand, steps, held));
        let found = from_hand.into_iter().find(|frame| !held[*frame].pinned)?;
        self.hand = behind(found, 1, held);
        Some(found)
    }
}

/// References to a few more pages than there are frames, one in four of them a store.
fn string(pages: PageNumber, length: usize) -> impl Strategy<Value = Vec<Reference>> {
    let access = prop_oneof![3 => Just(Access::Read), 1 => Just(Access::Write)];
    prop::collection::vec((0..pages, access), 0..length)
}

/// Generates a pool with a number of frames in the range, and a string for it.
fn pool(frames: std::ops::Range<usize>) -> impl Strategy<Value = (usize, Vec<Reference>)> {
    frames.prop_flat_map(|frames| {
        let pages = (frames + frames / 2 + 3) as PageNumber;
        (Just(frames), string(pages, 20 * frames + 60))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn clock_is_as_published((frames, string) in pool(1..10)) {
        let model = by_model(Clock::default(), frames, 0, &string);
        prop_assert_eq!(by_policy(clock::POLICY, frames, 0, 0, &string), model);
    }

    #[test]
    fn sieve_is_as_published((frames, string) in pool(1..10)) {
        let model = by_model(Sieve::default(), frames, 0, &string);
        prop_assert_eq!(by_policy(sieve::POLICY, frames, 0, 0, &string), model);
    }

    #[test]
    fn second_chance_is_as_published((frames, string) in pool(1..10)) {
        let model = by_model(SecondChance::default(), frames, 0, &string);
        prop_assert_eq!(by_policy(second_chance::POLICY, frames, 0, 0, &string), model);
    }

    #[test]
    fn aging_is_as_published((frames, string) in pool(1..40)) {
        let model = by_model(Aging::default(), frames, 0, &string);
        prop_assert_eq!(by_policy(aging::POLICY, frames, 0, 0, &string), model);
    }

    #[test]
    fn ws_clock_is_as_published((frames, string) in pool(1..40)) {
        let model = by_model(WsClock::default(), frames, 0, &string);
        prop_assert_eq!(by_policy(ws_clock::POLICY, frames, 0, 0, &string), model);
    }

    #[test]
    fn random_draws_by_its_seed_and_takes_turns_where_nearly_all_is_pinned(
        (frames, string) in pool(1..24), seed: u64, pinned in 0..24u32
    ) {
        let model = Random { seed, drawn: 0, hand: 0 };
        let model = by_model(model, frames, pinned, &string);
        prop_assert_eq!(by_policy(random::POLICY, frames, seed, pinned, &string), model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    /// Uses more frames than the policy compares at once.
    #[test]
    fn second_chance_is_as_published_within_its_window((frames, string) in pool(65..150)) {
        let model = by_model(SecondChance::default(), frames, 0, &string);
        prop_assert_eq!(by_policy(second_chance::POLICY, frames, 0, 0, &string), model);
    }
}
