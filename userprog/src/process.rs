//! The process table, and which process waits for which.
//!
//! # Invariants
//!
//! - A process is in the table from the moment its program is loaded until it ends. Its pid is
//!   never reused.
//! - A parent has one record for each child for which it has not waited: alive, or ended with its
//!   status. Waiting removes the record, so a second wait finds none. The records of a parent end
//!   with it, and its children continue without a parent. So no record is kept that no process can
//!   ask for.
//! - A process that waits has a live child.
//! - A thread beyond the first of its process is an entry of its own, with a pid from the same
//!   numbers. The first one, the leader, is in the table until all others have left it; parent and
//!   children are the leader's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cpu::context::Context;
use machine::addr::VirtAddr;
use machine::work::Work;
use vm::{FileId, SpaceId};

use crate::abi::{Personality, Signal};
use crate::args::ProcessName;
use crate::files::{Descriptors, Executable};
use crate::limits::{MAX_PROCESSES, MAX_UNWAITED};
use crate::repeats::Repeats;

/// The number of a process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pid(pub u32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    /// It called exit with this status.
    Exited(i32),
    /// The kernel killed it.
    Killed,
    /// A signal ended it, which only Linux programs have.
    Signalled(Signal),
}

impl ExitStatus {
    /// Returns the status that its parent gets and its last message shows.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            ExitStatus::Exited(status) => status,
            ExitStatus::Killed | ExitStatus::Signalled(_) => -1,
        }
    }
}

/// A process, or a thread of one: a program that runs in an address space, which threads share.
#[derive(Debug)]
pub struct Process {
    /// Its name in messages.
    pub name: ProcessName,
    /// Its address space.
    pub space: SpaceId,
    /// What was added to all addresses of its program; 0 of one of fixed addresses.
    pub moved_by: u32,
    /// Its registers while it is not on the CPU.
    pub context: Context,
    /// Its open files.
    pub files: Descriptors,
    /// Denies writes to its executable.
    pub executable: Executable,
    /// What it has because of the interface that its program expects.
    pub(crate) personality: Personality,
    /// The time at which its last disk transfer is done; it does not run before.
    pub not_before: Work,
    /// Whether it has waited for a disk and made no progress since.
    pub slept: bool,
    /// The instruction that faulted, if nothing was executed since.
    pub faulted_at: Option<VirtAddr>,
    /// The faults of that instruction.
    pub repeats: Repeats,
}

/// The outcome of a wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// Not a child, or one that was waited for already.
    NoChild,
    /// The child has ended; its record is removed.
    Ended(ExitStatus),
    /// The child is alive: the parent waits from now on.
    Alive,
}

/// A process that has ended, and the parent to wake.
#[derive(Debug)]
pub struct Ended {
    /// The process, no longer in the table.
    pub process: Process,
    /// The parent that waited for it and can run again.
    pub waiter: Option<Pid>,
    /// Its parent, if that is alive.
    pub parent: Option<Pid>,
}

/// The processes that one belongs to, which are signalled and waited for together. Pintos programs have no use
/// for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Family {
    /// Its group, by the number of the process that made it.
    pub group: Pid,
    /// The session of its group, if that was made here.
    pub session: Option<Pid>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    Alive,
    Ended(ExitStatus, Family),
}

struct Entry {
    process: Process,
    /// The first thread of its process; itself, for that one.
    leader: Pid,
    parent: Option<Pid>,
    family: Family,
    children: BTreeMap<Pid, Child>,
    waits_for: Option<Pid>,
}

/// All processes that are alive.
#[derive(Default)]
pub struct ProcessTable {
    alive: BTreeMap<Pid, Entry>,
    last: u32,
    started: u64,
}

impl std::fmt::Debug for ProcessTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessTable").finish_non_exhaustive()
    }
}

impl ProcessTable {
    /// Returns a pid for a new child of `parent`; `None` if the limit on processes is reached or
    /// the parent has too many children for which it has not waited.
    pub fn new_pid(&mut self, parent: Option<Pid>) -> Option<Pid> {
        let unwaited = parent.map_or(0, |parent| self.entry(parent).children.len());
        if self.alive.len() >= MAX_PROCESSES || unwaited >= MAX_UNWAITED {
            return None;
        }
        // For programs a pid is a positive int.
        let number = self
            .last
            .checked_add(1)
            .filter(|number| i32::try_from(*number).is_ok())?;
        self.last = number;
        Some(Pid(number))
    }

    /// Adds a process under its new pid.
    pub fn add(&mut self, pid: Pid, parent: Option<Pid>, process: Process) {
        let mut family = Family {
            group: pid,
            session: None,
        };
        if let Some(parent) = parent {
            let parent = self.entry_mut(parent);
            parent.children.insert(pid, Child::Alive);
            family = parent.family;
        }
        self.insert(pid, pid, parent, family, process);
        self.started += 1;
    }

    /// Adds a thread to the process of `leader`, under its new pid.
    pub fn add_thread(&mut self, pid: Pid, leader: Pid, thread: Process) {
        debug_assert_eq!(self.leader(leader), leader);
        let family = self.entry(leader).family;
        self.insert(pid, leader, None, family, thread);
    }

    fn insert(
        &mut self,
        pid: Pid,
        leader: Pid,
        parent: Option<Pid>,
        family: Family,
        process: Process,
    ) {
        let entry = Entry {
            process,
            leader,
            parent,
            family,
            children: BTreeMap::new(),
            waits_for: None,
        };
        let before = self.alive.insert(pid, entry);
        assert!(before.is_none(), "process {pid} exists twice");
    }

    /// Returns the first thread of a process, by any of its threads.
    #[must_use]
    pub fn leader(&self, thread: Pid) -> Pid {
        self.entry(thread).leader
    }

    /// Returns all threads of a process, by any of them, in the order of their numbers: the leader
    /// is the first.
    #[must_use]
    pub fn threads(&self, thread: Pid) -> Vec<Pid> {
        let leader = self.leader(thread);
        let threads = self.alive.range(leader..);
        let threads = threads.filter(|(_, entry)| entry.leader == leader);
        threads.map(|(pid, _)| *pid).collect()
    }

    /// Returns those that run in an address space, in the order of their numbers.
    pub fn users(&self, space: SpaceId) -> impl Iterator<Item = Pid> {
        let users = self.alive.iter();
        let users = users.filter(move |(_, entry)| entry.process.space == space);
        users.map(|(pid, _)| *pid)
    }

    /// Returns a live process.
    #[must_use]
    pub fn get(&self, pid: Pid) -> &Process {
        &self.entry(pid).process
    }

    /// Returns a live process, to be changed.
    pub fn get_mut(&mut self, pid: Pid) -> &mut Process {
        &mut self.entry_mut(pid).process
    }

    /// Returns a process, if it is alive.
    #[must_use]
    pub fn find(&self, pid: Pid) -> Option<&Process> {
        Some(&self.alive.get(&pid)?.process)
    }

    /// Returns the parent of a live process, and the child for which it waits.
    #[must_use]
    pub fn relatives(&self, pid: Pid) -> (Option<Pid>, Option<Pid>) {
        let entry = self.entry(self.leader(pid));
        (entry.parent, entry.waits_for)
    }

    /// Returns the pids of all live processes, in order.
    #[must_use]
    pub fn pids(&self) -> Vec<Pid> {
        self.alive.keys().copied().collect()
    }

    /// Returns the files that processes execute.
    #[must_use]
    pub fn executed(&self) -> BTreeSet<FileId> {
        let alive = self.alive.values();
        alive.map(|entry| entry.process.executable.id()).collect()
    }

    /// Returns the number of processes that were added in all.
    #[must_use]
    pub fn started(&self) -> u64 {
        self.started
    }

    /// Makes `parent` wait for `child`. Returns the outcome.
    pub fn wait(&mut self, parent: Pid, child: Pid) -> Wait {
        let entry = self.entry_mut(self.leader(parent));
        match entry.children.get(&child) {
            None => Wait::NoChild,
            Some(Child::Ended(status, _)) => {
                let status = *status;
                entry.children.remove(&child);
                Wait::Ended(status)
            }
            Some(Child::Alive) => {
                entry.waits_for = Some(child);
                Wait::Alive
            }
        }
    }

    /// The children that a process has not waited for, in the order of their numbers: how those that have
    /// ended did.
    pub fn children(&self, parent: Pid) -> impl Iterator<Item = (Pid, Option<ExitStatus>)> {
        let children = self.entry(self.leader(parent)).children.iter();
        children.map(|(pid, child)| match child {
            Child::Alive => (*pid, None),
            Child::Ended(status, _) => (*pid, Some(*status)),
        })
    }

    /// Returns the family of a process that is alive, by any of its threads, or that has ended and was not
    /// waited for.
    #[must_use]
    pub fn family(&self, pid: Pid) -> Option<Family> {
        if let Some(entry) = self.alive.get(&pid) {
            return Some(self.entry(entry.leader).family);
        }
        let mut children = self.alive.values().flat_map(|entry| &entry.children);
        children.find_map(|(child, state)| match state {
            Child::Ended(_, family) if *child == pid => Some(*family),
            _ => None,
        })
    }

    /// Returns the families of all processes that are alive.
    pub fn families(&self) -> impl Iterator<Item = Family> {
        let leaders = self.alive.iter();
        let leaders = leaders.filter(|(pid, entry)| entry.leader == **pid);
        leaders.map(|(_, entry)| entry.family)
    }

    /// Returns whether a process that is alive is in a group of a session.
    #[must_use]
    pub fn has_group(&self, group: Pid, session: Option<Pid>) -> bool {
        let wanted = Family { group, session };
        self.families().any(|family| family == wanted)
    }

    /// Puts a process, if it is alive, into a group.
    pub fn set_family(&mut self, pid: Pid, family: Family) {
        if let Some(entry) = self.alive.get_mut(&pid) {
            entry.family = family;
        }
    }

    /// Removes a thread beyond the first of its process, which goes on.
    ///
    /// # Panics
    /// If it is not alive, which only a bug can cause.
    pub fn end_thread(&mut self, pid: Pid) -> Process {
        let entry = self.alive.remove(&pid).expect("a thread ends once");
        debug_assert_ne!(entry.leader, pid, "the leader is the last to leave");
        entry.process
    }

    /// Removes all processes at once; returns them in the order of their numbers.
    ///
    /// # Panics
    /// If the parent of one is gone, which only a bug can cause.
    pub fn clear(&mut self) -> Vec<Process> {
        for (pid, entry) in &self.alive {
            let mut parent = entry.parent.iter();
            let is_there = parent.all(|parent| self.alive.contains_key(parent));
            assert!(is_there, "the parent of process {pid} is gone");
        }
        let all = std::mem::take(&mut self.alive).into_values();
        all.map(|entry| entry.process).collect()
    }

    /// Removes a process that has ended from the table, when the leader is its last thread.
    ///
    /// # Panics
    /// If it is not alive, which only a bug can cause.
    pub fn end(&mut self, pid: Pid, status: ExitStatus) -> Ended {
        let Entry {
            process,
            parent,
            family,
            children,
            ..
        } = self.alive.remove(&pid).expect("a process ends once");
        for (child, state) in children {
            if state == Child::Alive {
                self.entry_mut(child).parent = None;
            }
        }
        let waiter = parent.filter(|parent| self.tell(*parent, pid, status, family));
        Ended {
            process,
            waiter,
            parent,
        }
    }

    /// Records the end of a child with its parent. Returns whether the parent was waiting for it.
    fn tell(&mut self, parent: Pid, child: Pid, status: ExitStatus, family: Family) -> bool {
        let entry = self.entry_mut(parent);
        if entry.waits_for == Some(child) {
            entry.waits_for = None;
            entry.children.remove(&child);
            true
        } else {
            entry.children.insert(child, Child::Ended(status, family));
            false
        }
    }

    fn entry(&self, pid: Pid) -> &Entry {
        self.alive
            .get(&pid)
            .expect("only processes that are alive are asked for")
    }

    fn entry_mut(&mut self, pid: Pid) -> &mut Entry {
        self.alive
            .get_mut(&pid)
            .expect("only processes that are alive are asked for")
    }
}
