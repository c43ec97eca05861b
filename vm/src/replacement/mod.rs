//! Replacement policies: which page loses its frame when another needs one.
//!
//! A policy is one file here: a type that implements [`Policy`], and its lines in [`PolicyKind`].
//! It sees frames with their accessed and dirty bits ([`Frames`]) and is told when a page comes
//! into a frame and when one leaves; nothing else. What several policies need is in `hand` (a hand
//! round the frames), `order` (the frames in the order of their loads) and `per_frame` (what is
//! remembered of each frame).
//!
//! What always holds: a victim is evictable at the moment it is chosen, and one is found if there
//! is any; a policy never clears a dirty bit; its cost for one victim, averaged over many, does not
//! grow with the number of frames; and with the same calls it makes the same choices on every host.

mod aging;
mod clock;
mod fifo;
mod hand;
mod order;
mod per_frame;
mod random;
mod second_chance;
mod sieve;
mod ws_clock;

use std::fmt;
use std::str::FromStr;

use machine::addr::Frame;
use thiserror::Error;

use crate::residency::frame::FrameTable;

/// What a policy may see and do of the frames.
pub trait Frames {
    /// The first frame of the pool.
    fn first(&self) -> Frame;

    /// How many frames the pool has; they follow each other.
    fn count(&self) -> u32;

    /// Whether the frame holds a page that may be evicted now: it is not pinned, does not belong
    /// to another process at its minimum, and its content has somewhere to go.
    fn is_evictable(&self, frame: Frame) -> bool;

    /// Whether the page has been used since that was last cleared.
    fn accessed(&self, frame: Frame) -> bool;

    /// Whether the page has been stored to since it came into the frame.
    fn dirty(&self, frame: Frame) -> bool;

    /// Forgets that the page has been used.
    fn clear_accessed(&mut self, frame: Frame);
}

/// A replacement policy.
pub trait Policy {
    /// A page came into a frame that held none. The access for which it came will count as a use.
    fn loaded(&mut self, frame: Frame, frames: &mut dyn Frames);

    /// The page in a frame left it, evicted or given up.
    fn released(&mut self, frame: Frame);

    /// The frame whose page is to go; `None` if none is evictable. It does go only when
    /// [`Policy::released`] says so: a page that cannot be written out stays where it is, is not
    /// evictable for a while, and another is asked for.
    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame>;
}

/// The policies there are, by the names that `--policy` takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum PolicyKind {
    /// One hand goes round the frames, forgets use, and takes the first unused one.
    #[default]
    Clock,
    /// The page that came first goes first.
    Fifo,
    /// As the clock, but takes a clean page rather than a dirty one.
    SecondChance,
    /// Takes the page used least of late, by a history of its accessed bit.
    Aging,
    /// Takes a page that was not used for some time, preferably a clean one.
    WsClock,
    /// As the clock in the order of loads, without moving what is used: a scan does not wash it away.
    Sieve,
    /// Any page, drawn by lot.
    Random,
}

impl PolicyKind {
    /// All policies, in the order in which they are listed.
    pub const ALL: &'static [PolicyKind] = &[
        PolicyKind::Clock,
        PolicyKind::Fifo,
        PolicyKind::SecondChance,
        PolicyKind::Aging,
        PolicyKind::WsClock,
        PolicyKind::Sieve,
        PolicyKind::Random,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            PolicyKind::Clock => "clock",
            PolicyKind::Fifo => "fifo",
            PolicyKind::SecondChance => "second-chance",
            PolicyKind::Aging => "aging",
            PolicyKind::WsClock => "ws-clock",
            PolicyKind::Sieve => "sieve",
            PolicyKind::Random => "random",
        }
    }

    /// The policy, for a pool of frames; `seed` is for those that draw lots.
    pub fn build(self, frames: &FrameTable, seed: u64) -> Box<dyn Policy> {
        let (first, count) = (frames.first(), frames.count());
        match self {
            PolicyKind::Clock => Box::new(clock::Clock::new(first, count)),
            PolicyKind::Fifo => Box::new(fifo::Fifo::new(first, count)),
            PolicyKind::SecondChance => Box::new(second_chance::SecondChance::new(first, count)),
            PolicyKind::Aging => Box::new(aging::Aging::new(first, count)),
            PolicyKind::WsClock => Box::new(ws_clock::WsClock::new(first, count)),
            PolicyKind::Sieve => Box::new(sieve::Sieve::new(first, count)),
            PolicyKind::Random => Box::new(random::Random::new(first, count, seed)),
        }
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No policy has that name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("no policy is called '{name}'; there are {}", known())]
pub struct UnknownPolicy {
    name: String,
}

impl FromStr for PolicyKind {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<PolicyKind, UnknownPolicy> {
        let found = PolicyKind::ALL.iter().find(|kind| kind.name() == name);
        found.copied().ok_or_else(|| UnknownPolicy {
            name: name.to_owned(),
        })
    }
}

fn known() -> String {
    let names: Vec<_> = PolicyKind::ALL.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}
