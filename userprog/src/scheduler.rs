//! The scheduler: which process runs next, and for how long.
//!
//! Round robin: processes that can run are in a queue, and go to its end when their time slice is
//! over. A process that waits for a disk sleeps, and goes to the end of the queue when the disk is
//! done. Only residents are in the queue; `residents` decides which those are.
//!
//! # Invariants
//!
//! A process is in the queue or asleep at most once, and not while it runs or waits for a child.
//! The order and the slices follow from the seed alone. With seed 0 every slice is [`TIME_SLICE`].
//! With any other seed slices are random, 1 to 16,384 blocks, of any order of magnitude alike, so
//! that many seeds try many interleavings.

use std::collections::{BTreeSet, VecDeque};

use machine::random::SplitMix;
use machine::work::Work;

use crate::limits::TIME_SLICE;
use crate::process::Pid;
use crate::residents::Residents;

/// The number of bits of the longest random slice.
const SLICE_BITS: u64 = 14;

/// The processes that can run, and those that sleep until a known time.
#[derive(Debug)]
pub struct Scheduler {
    ready: VecDeque<Pid>,
    asleep: BTreeSet<(Work, Pid)>,
    residents: Residents,
    slices: Slices,
}

/// A turn of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The process.
    pub pid: Pid,
    /// Its length, if other processes can run as well.
    pub slice: Work,
}

impl Scheduler {
    /// Creates an empty queue.
    #[must_use]
    pub fn new(seed: u64, residents: Residents) -> Scheduler {
        let slices = if seed == 0 {
            Slices::Constant
        } else {
            Slices::Drawn {
                random: SplitMix::new(seed),
            }
        };
        Scheduler {
            ready: VecDeque::new(),
            asleep: BTreeSet::new(),
            residents,
            slices,
        }
    }

    /// Puts a process that can run at the end of the queue, or suspends it if it is not resident.
    pub fn add(&mut self, pid: Pid, now: Work) {
        if self.residents.enter(pid, now) {
            self.queue(pid);
        }
    }

    /// Makes a process run when its turn comes, but not before `not_before`, when its disk transfer
    /// is done.
    pub fn make_ready(&mut self, pid: Pid, not_before: Work, now: Work) {
        match not_before > now {
            true => self.sleep(pid, not_before),
            false => self.add(pid, now),
        }
    }

    /// Ends the turn of a process. If it has been resident for too long, another takes its place.
    pub fn turn_over(&mut self, pid: Pid, now: Work) {
        if self.residents.is_overdue(pid, now) {
            self.leave(pid, now);
        }
    }

    /// Gives the place of a process that waits for a child or has ended to another.
    pub fn leave(&mut self, pid: Pid, now: Work) {
        self.residents.leave(pid);
        while let Some(next) = self.residents.admit(now) {
            self.queue(next);
        }
    }

    /// Removes a process that does not run, wherever it is.
    pub fn expel(&mut self, pid: Pid, now: Work) {
        self.ready.retain(|ready| *ready != pid);
        self.asleep.retain(|(_, asleep)| *asleep != pid);
        self.residents.expel(pid);
        self.leave(pid, now);
    }

    /// Returns whether a process is resident.
    #[must_use]
    pub fn is_resident(&self, pid: Pid) -> bool {
        self.residents.is_resident(pid)
    }

    /// Returns the processes that became resident (true) or ceased to be since the last call, in
    /// order.
    pub fn take_changes(&mut self) -> Vec<(Pid, bool)> {
        self.residents.take_changes()
    }

    /// Has who is resident told once more about a process, which has another address space now.
    pub fn tell_again(&mut self, pid: Pid) {
        self.residents.tell_again(pid);
    }

    fn queue(&mut self, pid: Pid) {
        debug_assert!(
            !self.ready.contains(&pid),
            "process {pid} is in the queue twice"
        );
        self.ready.push_back(pid);
    }

    /// Keeps a process out of the queue until `time`.
    pub fn sleep(&mut self, pid: Pid, time: Work) {
        self.asleep.insert((time, pid));
    }

    /// Ends the sleep of a process that was to sleep until `time`; whether it did.
    pub fn wake(&mut self, pid: Pid, time: Work) -> bool {
        self.asleep.remove(&(time, pid))
    }

    /// Takes the process at the head of the queue at the time `now`; `None` if no process can run.
    pub fn next_turn(&mut self, now: Work) -> Option<Turn> {
        while let Some(&(_, pid)) = self.asleep.first().filter(|(time, _)| *time <= now) {
            self.asleep.pop_first();
            self.add(pid, now);
        }
        let pid = self.ready.pop_front()?;
        let slice = self.slices.next();
        Some(Turn { pid, slice })
    }

    /// Returns the time at which the next process wakes; `None` if none sleeps.
    #[must_use]
    pub fn next_wake(&self) -> Option<Work> {
        self.asleep.first().map(|(time, _)| *time)
    }

    /// Forgets all processes.
    pub fn clear(&mut self) {
        self.ready.clear();
        self.asleep.clear();
        self.residents.clear();
    }
}

#[derive(Debug)]
enum Slices {
    Constant,
    Drawn { random: SplitMix },
}

impl Slices {
    fn next(&mut self) -> Work {
        match self {
            Slices::Constant => Work(TIME_SLICE),
            Slices::Drawn { random } => {
                let number = random.next_u64();
                let bits = number % (SLICE_BITS + 1);
                Work(1 + (number >> 32) % (1 << bits))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheduler(seed: u64) -> Scheduler {
        Scheduler::new(seed, Residents::new(367, 0))
    }

    fn slices(seed: u64) -> Vec<u64> {
        let mut scheduler = scheduler(seed);
        let mut next = || {
            scheduler.add(Pid(1), Work::ZERO);
            scheduler.next_turn(Work::ZERO).unwrap().slice.0
        };
        (0..1000).map(|_| next()).collect()
    }

    #[test]
    fn everyone_has_a_turn_before_anyone_has_a_second_one() {
        let mut scheduler = scheduler(0);
        (1..=3)
            .map(Pid)
            .for_each(|pid| scheduler.add(pid, Work::ZERO));
        let mut order = Vec::new();
        for _ in 0..6 {
            let turn = scheduler.next_turn(Work::ZERO).unwrap();
            order.push(turn.pid.0);
            scheduler.add(turn.pid, Work::ZERO);
        }
        assert_eq!(order, [1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn who_does_not_come_back_is_not_asked_again() {
        let mut scheduler = scheduler(0);
        scheduler.add(Pid(7), Work::ZERO);
        assert_eq!(
            scheduler.next_turn(Work::ZERO),
            Some(Turn {
                pid: Pid(7),
                slice: Work(TIME_SLICE)
            })
        );
        assert_eq!(scheduler.next_turn(Work::ZERO), None);
    }

    #[test]
    fn seed_0_gives_equal_slices_and_others_give_their_own_each_time_the_same() {
        assert!(slices(0).iter().all(|slice| *slice == TIME_SLICE));
        assert_eq!(slices(5), slices(5));
        assert_ne!(slices(5), slices(6));
    }

    #[test]
    fn drawn_slices_are_short_and_long() {
        let slices = slices(1);
        assert!(
            slices
                .iter()
                .all(|slice| (1..=1 << SLICE_BITS).contains(slice))
        );
        assert!(slices.iter().filter(|slice| **slice <= 16).count() > 150);
        assert!(slices.iter().filter(|slice| **slice >= 4096).count() > 50);
    }

    #[test]
    fn sleepers_are_woken_in_the_order_of_their_times_and_stand_in_line() {
        let mut scheduler = scheduler(0);
        scheduler.sleep(Pid(1), Work(300));
        scheduler.sleep(Pid(2), Work(200));
        scheduler.sleep(Pid(3), Work(200));
        scheduler.sleep(Pid(4), Work(301));
        scheduler.add(Pid(5), Work::ZERO);
        assert_eq!(scheduler.next_wake(), Some(Work(200)));
        let mut next = |now| scheduler.next_turn(Work(now)).map(|turn| turn.pid.0);
        assert_eq!(
            [next(300), next(300), next(300)],
            [Some(5), Some(2), Some(3)]
        );
        assert_eq!([next(300), next(300), next(301)], [Some(1), None, Some(4)]);
        assert_eq!(scheduler.next_wake(), None);
    }

    #[test]
    fn who_waits_outside_has_turns_when_a_resident_leaves_or_has_stayed_long_enough() {
        let mut scheduler = Scheduler::new(0, Residents::new(8, 0));
        (1..=3).for_each(|pid| scheduler.add(Pid(pid), Work::ZERO));
        let mut turns = Vec::new();
        let mut now = Work::ZERO;
        for _ in 0..48 {
            let turn = scheduler.next_turn(now).unwrap();
            turns.push(turn.pid.0);
            now += turn.slice;
            scheduler.turn_over(turn.pid, now);
            scheduler.add(turn.pid, now);
        }
        assert_eq!(turns, [[1; 16], [2; 16], [3; 16]].concat());
        assert_eq!(scheduler.next_turn(now).unwrap().pid, Pid(1));
        scheduler.leave(Pid(1), now);
        assert_eq!(scheduler.next_turn(now).unwrap().pid, Pid(2));
    }
}
