//! A limit on searches: a policy that looks at frames for ever, and neither chooses one nor gives
//! up, is stopped by counting its looks.
//!
//! # Invariants
//! A policy gets [`MOST_LOOKS`] looks per frame for one victim. One whose cost is bounded as it
//! should be needs a few. Below the limit, the number of looks has no effect on the machine.

use std::cell::Cell;

/// The number of looks at each frame, on average, that a policy has for one victim.
pub const MOST_LOOKS: u64 = 1_000;

/// The beginning of the panic message that ends such a search.
pub const ENDLESS_SEARCH: &str = "endless search: ";

/// The number of looks that are left in the search for one victim.
#[derive(Debug)]
pub(crate) struct Fuel {
    left: Cell<u64>,
    frames: u32,
    policy: &'static str,
}

impl Fuel {
    /// Creates the allowance for a search of `policy` among `frames` frames.
    pub(crate) fn for_search(policy: &'static str, frames: u32) -> Fuel {
        Fuel {
            left: Cell::new(u64::from(frames) * MOST_LOOKS),
            frames,
            policy,
        }
    }

    /// Counts a look at a frame.
    ///
    /// # Panics
    /// If the limit is exceeded.
    pub(crate) fn look(&self) {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => panic!(
                "{ENDLESS_SEARCH}the policy {} looked at {} frames {MOST_LOOKS} times over for one \
                 victim",
                self.policy, self.frames
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_search_ends_when_each_frame_was_looked_at_so_often() {
        let fuel = Fuel::for_search("mine", 3);
        (0..3 * MOST_LOOKS).for_each(|_| fuel.look());
        let over = catch_unwind(move || fuel.look()).unwrap_err();
        assert_eq!(
            over.downcast_ref::<String>().unwrap(),
            "endless search: the policy mine looked at 3 frames 1000 times over for one victim"
        );
    }
}
