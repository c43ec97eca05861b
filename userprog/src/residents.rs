//! Who is in memory: the medium-term scheduler.
//!
//! A process needs some frames to get anywhere. Where there are more processes than frames can serve,
//! all of them together would only take each other's pages. So no more than one for each
//! [`FRAMES_A_PROCESS`] frames is *resident* and has turns; the others are suspended, wait outside,
//! and lose their frames to whoever needs them. Who has been resident for [`STAY`], and for as long as
//! the disk needs to fill the frames a few times, makes way for the first one outside.
//!
//! # Invariants
//!
//! A process is resident or waits outside, never both, and neither while it waits for a child;
//! nobody waits outside while there is room; everyone outside gets in, for residents end, wait, or
//! have stayed long enough. Frames for the pages that one instruction may need of each resident are
//! there, with some to spare.

use std::collections::{BTreeMap, VecDeque};

use machine::work::Work;

use crate::limits::TIME_SLICE;
use crate::process::Pid;

/// How many frames there are for each resident.
pub const FRAMES_A_PROCESS: u32 = 8;
/// How long a process is resident at least, if it wants to.
pub const STAY: Work = Work(16 * TIME_SLICE);
/// How often the disk can fill all frames while a process is resident.
const FILLINGS: u64 = 4;

/// Who is resident, and who waits outside.
pub struct Residents {
    most: usize,
    stay: Work,
    /// Since when each resident is one.
    since: BTreeMap<Pid, Work>,
    outside: VecDeque<Pid>,
    /// Who has become resident or ceased to be since that was last asked.
    changes: Vec<(Pid, bool)>,
}

impl Residents {
    /// Nobody yet, on a machine with so many frames whose disks take so long for a page.
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

    /// A process can run: whether it is resident. If there is no room it waits outside.
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

    /// Whether a process has been resident for long enough, and somebody waits for its room.
    pub fn is_overdue(&self, pid: Pid, now: Work) -> bool {
        let since = self.since.get(&pid);
        !self.outside.is_empty() && since.is_some_and(|since| now.0 - since.0 >= self.stay.0)
    }

    /// A process is resident no more.
    pub fn leave(&mut self, pid: Pid) {
        if self.since.remove(&pid).is_some() {
            self.changes.push((pid, false));
        }
    }

    /// The first one outside, who is resident now, if there is room.
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

    /// Who has become resident (true) or ceased to be since this was last asked, in order.
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
