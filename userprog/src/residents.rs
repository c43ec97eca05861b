//! The medium-term scheduler: which processes are in memory (load control).
//!
//! A process needs some frames to make progress. If there are more processes than the frames can
//! serve, all of them together only evict each other's pages: they thrash. So at most one process
//! for each [`FRAMES_A_PROCESS`] frames is *resident* and gets turns. The others are suspended, and
//! their frames can be taken. A process that has been resident for [`STAY`], and for as long as the
//! disk needs to fill the frames a few times, makes way for the first suspended one.
//!
//! # Invariants
//!
//! A process is resident or suspended, never both, and neither while it waits for a child. No
//! process is suspended while there is room. Every suspended process becomes resident, since
//! residents end, wait, or have stayed long enough. There are frames for the pages that one
//! instruction of each resident may need, and some to spare.

use std::collections::{BTreeMap, VecDeque};

use machine::work::Work;

use crate::limits::TIME_SLICE;
use crate::process::Pid;

/// The number of frames for each resident.
pub const FRAMES_A_PROCESS: u32 = 8;
/// The time that a process can stay resident at least.
pub const STAY: Work = Work(16 * TIME_SLICE);
/// The number of times that the disk can fill all frames while a process is resident.
const FILLINGS: u64 = 4;

/// The resident and the suspended processes.
#[derive(Debug)]
pub struct Residents {
    most: usize,
    stay: Work,
    /// The time at which each resident became one.
    since: BTreeMap<Pid, Work>,
    outside: VecDeque<Pid>,
    /// The processes that became resident or ceased to be since these were last taken.
    changes: Vec<(Pid, bool)>,
}

impl Residents {
    /// Creates the state without processes, for a machine with this number of frames and disk
    /// latency.
    #[must_use]
    pub fn new(frames: u32, disk_latency: u64) -> Residents {
        let filling = u64::from(frames).saturating_mul(disk_latency);
        Residents {
            most: (frames / FRAMES_A_PROCESS).max(1) as usize,
            stay: Work(STAY.0.saturating_add(filling.saturating_mul(FILLINGS))),
            since: BTreeMap::new(),
            outside: VecDeque::new(),
            changes: Vec::new(),
        }
    }

    /// Makes a process that can run resident, or suspends it if there is no room. Returns whether
    /// it is resident.
    pub fn enter(&mut self, pid: Pid, now: Work) -> bool {
        if self.since.contains_key(&pid) {
            return true;
        }
        let has_room = self.since.len() < self.most;
        if has_room {
            self.since.insert(pid, now);
        } else {
            self.outside.push_back(pid);
        }
        self.changes.push((pid, has_room));
        has_room
    }

    /// Returns whether a process has been resident for long enough while another is suspended.
    #[must_use]
    pub fn is_overdue(&self, pid: Pid, now: Work) -> bool {
        let since = self.since.get(&pid);
        !self.outside.is_empty() && since.is_some_and(|since| now.0 - since.0 >= self.stay.0)
    }

    /// Ends the residence of a process.
    pub fn leave(&mut self, pid: Pid) {
        if self.since.remove(&pid).is_some() {
            self.changes.push((pid, false));
        }
    }

    /// Forgets a process that is suspended, if it is.
    pub fn expel(&mut self, pid: Pid) {
        self.outside.retain(|outside| *outside != pid);
    }

    /// Returns whether a process is resident.
    #[must_use]
    pub fn is_resident(&self, pid: Pid) -> bool {
        self.since.contains_key(&pid)
    }

    /// Makes the first suspended process resident, if there is room. Returns it.
    pub fn admit(&mut self, now: Work) -> Option<Pid> {
        if self.since.len() >= self.most {
            return None;
        }
        let pid = self.outside.pop_front()?;
        self.since.insert(pid, now);
        self.changes.push((pid, true));
        Some(pid)
    }

    /// Tells once more that a process is resident, whose address space is another one now.
    pub fn tell_again(&mut self, pid: Pid) {
        self.changes.push((pid, true));
    }

    /// Returns the processes that became resident (true) or ceased to be since the last call, in
    /// order.
    pub fn take_changes(&mut self) -> Vec<(Pid, bool)> {
        std::mem::take(&mut self.changes)
    }

    /// Forgets all processes.
    pub fn clear(&mut self) {
        self.since.clear();
        self.outside.clear();
        self.changes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_stayed_long_enough_makes_way_for_the_first_one_outside() {
        let mut residents = Residents::new(16, 0);
        let entered = [1, 2, 3, 4].map(|pid| residents.enter(Pid(pid), Work::ZERO));
        assert_eq!(entered, [true, true, false, false]);
        let soon = Work(STAY.0 - 1);
        assert!(!residents.is_overdue(Pid(1), soon) && residents.is_overdue(Pid(1), STAY));
        assert_eq!(residents.admit(STAY), None);
        residents.leave(Pid(1));
        assert_eq!(residents.admit(STAY), Some(Pid(3)));
        assert!(!residents.enter(Pid(1), STAY));
        residents.leave(Pid(2));
        assert_eq!(residents.admit(STAY), Some(Pid(4)));
        residents.leave(Pid(3));
        assert_eq!(residents.admit(STAY), Some(Pid(1)));
        residents.take_changes();
        residents.leave(Pid(4));
        assert_eq!(residents.take_changes(), [(Pid(4), false)]);
    }

    #[test]
    fn nobody_leaves_while_nobody_waits_and_slow_disks_make_stays_longer() {
        let mut residents = Residents::new(8, 1000);
        residents.enter(Pid(1), Work::ZERO);
        assert!(!residents.is_overdue(Pid(1), Work::MAX));
        residents.enter(Pid(2), Work::ZERO);
        assert!(!residents.is_overdue(Pid(1), STAY));
        assert!(residents.is_overdue(Pid(1), STAY + Work(4 * 8 * 1000)));
    }
}
