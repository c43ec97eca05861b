//! Who waits at which futex.
//!
//! # Invariants
//! A thread waits at most at one. Those that wait at the same one are woken in the order in which they came; of
//! nobody who waits is anything kept.

use std::collections::{BTreeMap, VecDeque};

use vm::{FileId, SpaceId};

use crate::process::Pid;

/// What a futex is to those who share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Key {
    /// An address in memory that one address space has.
    InSpace(SpaceId, u32),
    /// A byte of a file, in memory that several can map.
    InFile(FileId, u64),
}

/// The bits of those that are woken, and of one that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bits(pub u32);

impl Bits {
    pub(crate) const ANY: Bits = Bits(u32::MAX);
}

#[derive(Debug)]
struct Waiter {
    pid: Pid,
    bits: Bits,
}

/// All futexes at which somebody waits.
#[derive(Default, Debug)]
pub(crate) struct Futexes(BTreeMap<Key, VecDeque<Waiter>>);

impl Futexes {
    /// Has a thread wait, behind those that do.
    pub(crate) fn wait(&mut self, key: Key, pid: Pid, bits: Bits) {
        debug_assert!(!self.has(pid), "{pid} waits twice");
        self.0
            .entry(key)
            .or_default()
            .push_back(Waiter { pid, bits });
    }

    /// Whether a thread waits.
    pub(crate) fn has(&self, pid: Pid) -> bool {
        let mut waiters = self.0.values().flatten();
        waiters.any(|waiter| waiter.pid == pid)
    }

    /// Has the first ones wait no longer whose bits are among these, `most` of them. Returns them.
    pub(crate) fn take(&mut self, key: Key, most: usize, bits: Bits) -> Vec<Pid> {
        let mut taken = Vec::new();
        let Some(waiters) = self.0.get_mut(&key) else {
            return taken;
        };
        waiters.retain(|waiter| {
            let is_taken = taken.len() < most && waiter.bits.0 & bits.0 != 0;
            if is_taken {
                taken.push(waiter.pid);
            }
            !is_taken
        });
        if waiters.is_empty() {
            self.0.remove(&key);
        }
        taken
    }

    /// Has the first ones wait at another futex, `most` of them. Returns how many.
    pub(crate) fn requeue(&mut self, from: Key, to: Key, most: usize) -> usize {
        let Some(mut waiters) = self.0.remove(&from) else {
            return 0;
        };
        let stay = waiters.split_off(most.min(waiters.len()));
        let moved = waiters.len();
        if !stay.is_empty() {
            self.0.insert(from, stay);
        }
        if moved > 0 {
            self.0.entry(to).or_default().append(&mut waiters);
        }
        moved
    }

    /// Has a thread wait no longer.
    pub(crate) fn forget(&mut self, pid: Pid) {
        self.0.retain(|_, waiters| {
            waiters.retain(|waiter| waiter.pid != pid);
            !waiters.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Key = Key::InFile(FileId(1), 8);
    const THERE: Key = Key::InFile(FileId(1), 12);

    fn with_waiters() -> Futexes {
        let mut futexes = Futexes::default();
        for (number, bits) in [(3, 1), (1, 2), (2, 3), (4, 4)] {
            futexes.wait(HERE, Pid(number), Bits(bits));
        }
        futexes
    }

    #[test]
    fn those_that_wait_are_woken_in_the_order_in_which_they_came() {
        let mut futexes = with_waiters();
        assert_eq!(futexes.take(THERE, 9, Bits::ANY), []);
        assert_eq!(futexes.take(HERE, 9, Bits(8)), []);
        assert_eq!(futexes.take(HERE, 1, Bits(2)), [Pid(1)]);
        assert_eq!(futexes.take(HERE, 2, Bits::ANY), [Pid(3), Pid(2)]);
        assert!(futexes.has(Pid(4)) && !futexes.has(Pid(3)));
        assert_eq!(futexes.take(HERE, 0, Bits::ANY), []);
        futexes.forget(Pid(4));
        assert!(futexes.0.is_empty());
    }

    #[test]
    fn those_that_are_moved_wait_behind_those_that_are_there() {
        let mut futexes = with_waiters();
        futexes.wait(THERE, Pid(7), Bits::ANY);
        assert_eq!(futexes.requeue(HERE, THERE, 2), 2);
        assert_eq!(futexes.take(THERE, 9, Bits::ANY), [7, 3, 1].map(Pid));
        assert_eq!(futexes.requeue(HERE, HERE, 1), 1);
        assert_eq!(futexes.take(HERE, 9, Bits::ANY), [4, 2].map(Pid));
        assert_eq!(futexes.requeue(HERE, THERE, 2), 0);
    }
}
