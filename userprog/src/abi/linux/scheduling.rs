//! nice, getpriority, setpriority, sched_yield and the affinity of processes: what they ask of the scheduler.
//!
//! # Invariants
//! There is one CPU, and all processes have it in turn, whatever they ask for: what they have asked for is kept, and told.

use std::collections::BTreeSet;

use super::call::{Call, Done, Reply};
use super::encode::Encoder;
use super::groups::Meant;
use crate::errno::Errno;
use crate::process::Pid;
use crate::service::Service;

/// PRIO_PROCESS, PRIO_PGRP and PRIO_USER.
const OF_PROCESS: u32 = 0;
const OF_GROUP: u32 = 1;
const OF_USER: u32 = 2;
/// What getpriority returns is this less the niceness: never negative.
const BASE: i32 = 20;
/// The bytes of a mask of CPUs.
const MASK_BYTES: u32 = 4;

/// How little of the CPU a process has asked for, from -20 to 19.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) struct Niceness(i8);

impl Niceness {
    fn clamped(niceness: i32) -> Niceness {
        Niceness(niceness.clamp(-20, 19) as i8)
    }
}

impl Service<'_> {
    fn niceness(&mut self, pid: Pid) -> &mut Niceness {
        &mut self.group_mut(pid).niceness
    }

    /// The processes that two arguments name: whose, and which.
    ///
    /// # Errors
    /// ESRCH if there are none.
    fn scheduled(&self, call: Call, whose: u32, which: u32) -> Result<BTreeSet<Pid>, Errno> {
        let own = self.processes.leader(call.pid());
        let meant = match (whose, which) {
            (OF_PROCESS, 0) => Meant::One(own),
            (OF_PROCESS, pid) => Meant::One(Pid(pid)),
            (OF_GROUP, 0) => Meant::by(self, call, 0),
            (OF_GROUP, group) => Meant::Group(Pid(group)),
            // All are root's.
            (OF_USER, 0) => Meant::All,
            (OF_USER, _) => return Err(Errno::NoProcess),
            _ => return Err(Errno::Invalid),
        };
        let mut found = self.receivers(call, meant);
        if meant == Meant::All {
            found.insert(own);
        }
        match found.is_empty() {
            true => Err(Errno::NoProcess),
            false => Ok(found),
        }
    }
}

/// `int getpriority(int whose, id_t which)`: 20 less the lowest niceness.
pub(super) fn getpriority(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [whose, which] = call.arguments();
    let found = kernel.scheduled(call, whose, which)?;
    let lowest = found.into_iter().map(|pid| *kernel.niceness(pid)).min();
    let Niceness(lowest) = lowest.ok_or(Errno::NoProcess)?;
    Ok((BASE - i32::from(lowest)).cast_unsigned().into())
}

/// `int setpriority(int whose, id_t which, int niceness)`: root may ask for more as well.
pub(super) fn setpriority(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [whose, which, niceness] = call.arguments();
    for pid in kernel.scheduled(call, whose, which)? {
        *kernel.niceness(pid) = Niceness::clamped(niceness.cast_signed());
    }
    Ok(Done::ZERO)
}

/// `int nice(int more)`
pub(super) fn nice(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [more] = call.arguments();
    let niceness = kernel.niceness(call.pid());
    *niceness = Niceness::clamped(i32::from(niceness.0).saturating_add(more.cast_signed()));
    Ok(Done::ZERO)
}

/// `int sched_yield(void)`
pub(super) fn sched_yield(_: &mut Service<'_>, _: Call) -> Reply {
    Ok(Done::Later(0))
}

/// `int sched_getaffinity(pid_t, size_t, unsigned long *)`: the one CPU; returns how many bytes the mask has.
pub(super) fn sched_getaffinity(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [pid, bytes, to] = call.arguments();
    if bytes < MASK_BYTES || !bytes.is_multiple_of(MASK_BYTES) {
        return Err(Errno::Invalid.into());
    }
    kernel.check_thread(call, pid)?;
    kernel.copy_out(call, to, &Encoder::default().u32(1).finish())?;
    Ok(MASK_BYTES.into())
}

/// `int sched_setaffinity(pid_t, size_t, const unsigned long *)`
///
/// # Errors
/// EINVAL if the one CPU is not among those that are wanted.
pub(super) fn sched_setaffinity(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [pid, bytes, from] = call.arguments();
    let mut mask = [0; MASK_BYTES as usize];
    let read = bytes.min(MASK_BYTES) as usize;
    kernel.copy_in(call, from, &mut mask[..read])?;
    kernel.check_thread(call, pid)?;
    match mask[0] & 1 {
        0 => Err(Errno::Invalid.into()),
        _ => Ok(Done::ZERO),
    }
}

impl Service<'_> {
    /// # Errors
    /// ESRCH if the number, which is 0 for the caller, is no thread's.
    fn check_thread(&self, call: Call, number: u32) -> Result<(), Errno> {
        let is_there = number == 0
            || number == call.pid().0
            || (self.processes.pids().contains(&Pid(number)) && self.is_linux(Pid(number)));
        match is_there {
            true => Ok(()),
            false => Err(Errno::NoProcess),
        }
    }
}
