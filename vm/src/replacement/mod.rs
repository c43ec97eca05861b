//! Replacement policies: which page loses its frame when another needs one.
//!
//! A policy is one file: a type that implements [`Policy`] and a constant of type [`PolicyKind`],
//! with which it is listed in [`POLICIES`]: here beside its `mod` line, or, from outside the crate,
//! with [`Registry::register`], as `vm/examples/two_bit` does. A policy sees frames with their
//! accessed and dirty bits ([`Frames`]) and learns when a page comes into a frame and when one
//! leaves; nothing else. What several policies need is in `hand` (a clock hand), `order` (the
//! frames in the order of their loads) and `per_frame` (a table with a value for each frame).
//!
//! # Invariants
//!
//! A victim is evictable at the moment it is chosen, and one is found if any frame is evictable. A
//! policy never clears a dirty bit. Its amortized cost for a victim does not grow with the number
//! of frames. With the same calls it makes the same choices on every host.

pub mod aging;
pub mod clock;
pub mod fifo;
pub mod fuel;
pub mod hand;
pub mod order;
pub mod per_frame;
pub mod random;
pub mod second_chance;
pub mod sieve;
pub mod ws_clock;

pub use machine::addr::Frame;

use crate::registry::{Kind, Registry};

/// A policy's view of the frames.
pub trait Frames {
    /// Returns the first frame of the pool.
    fn first(&self) -> Frame;

    /// Returns the number of frames in the pool; they are numbered consecutively.
    fn count(&self) -> u32;

    /// Returns whether the frame holds a page that may be evicted now: it is not pinned, does not
    /// belong to another process at its minimum, and can be saved if it has to be.
    fn is_evictable(&self, frame: Frame) -> bool;

    /// Returns whether the page has been accessed since its accessed bit was cleared.
    fn accessed(&self, frame: Frame) -> bool;

    /// Returns whether the page has been stored to since it came into the frame.
    fn dirty(&self, frame: Frame) -> bool;

    /// Clears the accessed bit of the page.
    fn clear_accessed(&mut self, frame: Frame);
}

/// A replacement policy.
///
/// # Examples
///
/// ```
/// use vm::reference_string::ReferenceString;
/// use vm::replacement::hand::Hand;
/// use vm::replacement::{Frame, Frames, Policy, PolicyKind};
/// use vm::simulator::Simulator;
///
/// /// Goes round the frames, used or not.
/// struct RoundRobin(Hand);
///
/// impl Policy for RoundRobin {
///     fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}
///     fn released(&mut self, _: Frame) {}
///     fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
///         let mut round = (0..self.0.round()).map(|_| self.0.advance());
///         round.find(|frame| frames.is_evictable(*frame))
///     }
/// }
///
/// let kind = PolicyKind {
///     name: "round-robin",
///     about: "Frame after frame, used or not",
///     build: |pool, _seed| Box::new(RoundRobin(Hand::new(pool))),
/// };
/// let string = ReferenceString::of_loads([1, 2, 1, 3, 1]);
/// assert_eq!(Simulator::count_faults(kind, 2, 0, &string), 4);
/// ```
pub trait Policy {
    /// Learns that a page came into a frame that held none. The access for which it came will set
    /// its accessed bit.
    fn loaded(&mut self, frame: Frame, frames: &mut dyn Frames);

    /// Learns that the page in a frame left it, because it was evicted or unmapped.
    fn released(&mut self, frame: Frame);

    /// Chooses a victim; `None` if no frame is evictable. Choosing does not evict: the page leaves
    /// when [`Policy::released`] is called. If it cannot be written out, it stays and is not
    /// evictable for a while, and another victim is requested.
    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame>;
}

/// The frames among which a policy chooses: the user pool, numbered consecutively.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FramePool {
    /// The first of them.
    pub first: Frame,
    /// Their number, at least one.
    pub count: u32,
}

/// Builds a policy for a pool whose frames are all free. The number is the seed for random choices.
pub type BuildPolicy = fn(FramePool, u64) -> Box<dyn Policy>;

/// A replacement policy that a machine can be given.
pub type PolicyKind = Kind<BuildPolicy>;

/// All replacement policies, by the names that `--policy` takes. `opt` and `lru` are reserved for
/// the algorithms with which policies are compared ([`crate::optimum`]).
///
/// # Examples
///
/// ```
/// use vm::POLICIES;
///
/// let fifo = POLICIES.find("fifo")?;
/// assert_eq!(fifo.about, "The page that came first goes first");
/// let unknown = POLICIES.find("lifo").unwrap_err();
/// assert!(unknown.to_string().starts_with("no policy is called 'lifo'; there are clock, fifo,"));
/// # Ok::<(), vm::registry::Unknown>(())
/// ```
pub static POLICIES: Registry<BuildPolicy> = Registry::new("policy", OWN, &["opt", "lru"]);

/// The policies of this crate, in the order in which they are listed.
const OWN: &[PolicyKind] = &[
    clock::POLICY,
    fifo::POLICY,
    second_chance::POLICY,
    aging::POLICY,
    ws_clock::POLICY,
    sieve::POLICY,
    random::POLICY,
];

impl Default for PolicyKind {
    fn default() -> PolicyKind {
        clock::POLICY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_with_a_policy_is_listed_under_its_name() {
        crate::registry::tests::files_are_listed("src/replacement", "POLICY: PolicyKind", OWN);
    }
}
