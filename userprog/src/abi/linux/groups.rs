//! setpgid, getpgid, getpgrp, setsid, getsid: groups of processes, and sessions of groups.
//!
//! # Invariants
//! A process that leads a session leads its group too, and leaves neither. The first process leads its group, in a
//! session that was there before.

use std::collections::BTreeSet;

use super::call::{Call, Done, Reply};
use crate::errno::Errno;
use crate::process::{Family, Pid};
use crate::service::Service;

/// Which processes a call means that is given a number, as `kill` and `wait4` have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meant {
    /// This one.
    One(Pid),
    /// Those of a group.
    Group(Pid),
    /// All of them.
    All,
}

impl Meant {
    /// Those that `number` means to the caller.
    pub(super) fn by(kernel: &Service<'_>, call: Call, number: u32) -> Meant {
        match number as i32 {
            0 => Meant::Group(kernel.family_of(call).group),
            -1 => Meant::All,
            1.. => Meant::One(Pid(number)),
            _ => Meant::Group(Pid(number.wrapping_neg())),
        }
    }

    /// Whether it means this process, alive or ended and not waited for.
    pub(super) fn includes(self, kernel: &Service<'_>, pid: Pid) -> bool {
        match self {
            Meant::One(one) => one == pid,
            Meant::All => true,
            Meant::Group(group) => {
                let family = kernel.processes.family(pid);
                family.is_some_and(|family| family.group == group)
            }
        }
    }
}

impl Service<'_> {
    /// The group and the session of the caller.
    fn family_of(&self, call: Call) -> Family {
        let leader = self.processes.leader(call.pid());
        let family = self.processes.family(leader);
        family.expect("who makes a call is there")
    }

    /// The live Linux processes that a signal for these is for. Of all processes the caller is none, unless its
    /// group is that of the first process: then -1 is also the group's number.
    pub(super) fn receivers(&self, call: Call, meant: Meant) -> BTreeSet<Pid> {
        const FIRST: Pid = Pid(1);
        let own = self.processes.leader(call.pid());
        let spared = meant == Meant::All && self.family_of(call).group != FIRST;
        let pids = self.processes.pids().into_iter();
        let meant = pids.filter(|pid| self.is_linux(*pid) && meant.includes(self, *pid));
        let processes = meant.map(|pid| self.processes.leader(pid));
        processes.filter(|pid| !spared || *pid != own).collect()
    }

    /// A process by its number, or the caller by 0.
    ///
    /// # Errors
    /// ESRCH
    fn named(&self, call: Call, number: u32) -> Result<(Pid, Family), Errno> {
        let pid = match number {
            0 => self.processes.leader(call.pid()),
            number => Pid(number),
        };
        let family = self.processes.family(pid).ok_or(Errno::NoProcess)?;
        Ok((pid, family))
    }
}

/// `int setpgid(pid_t pid, pid_t group)`
pub(super) fn setpgid(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [number, group] = call.arguments();
    if (group as i32) < 0 {
        return Err(Errno::Invalid.into());
    }
    let (pid, family) = kernel.named(call, number)?;
    let own = kernel.processes.leader(call.pid());
    let mut children = kernel.processes.children(own);
    if pid != own && !children.any(|(child, _)| child == pid) {
        return Err(Errno::NoProcess.into());
    }
    drop(children);
    if family.session == Some(pid) || family.session != kernel.family_of(call).session {
        return Err(Errno::Permission.into());
    }
    let group = if group == 0 { pid } else { Pid(group) };
    if group != pid && !kernel.processes.has_group(group, family.session) {
        return Err(Errno::Permission.into());
    }
    kernel.processes.set_family(pid, Family { group, ..family });
    Ok(Done::ZERO)
}

/// `pid_t getpgid(pid_t)`
pub(super) fn getpgid(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [number] = call.arguments();
    let (_, family) = kernel.named(call, number)?;
    Ok(family.group.0.into())
}

/// `pid_t getpgrp(void)`
pub(super) fn getpgrp(kernel: &mut Service<'_>, call: Call) -> Reply {
    Ok(kernel.family_of(call).group.0.into())
}

/// `pid_t setsid(void)`
pub(super) fn setsid(kernel: &mut Service<'_>, call: Call) -> Reply {
    let own = kernel.processes.leader(call.pid());
    let is_taken = kernel
        .processes
        .families()
        .any(|family| family.group == own);
    if is_taken {
        return Err(Errno::Permission.into());
    }
    let family = Family {
        group: own,
        session: Some(own),
    };
    kernel.processes.set_family(own, family);
    Ok(own.0.into())
}

/// `pid_t getsid(pid_t)`: 0 of the session that was there before.
pub(super) fn getsid(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [number] = call.arguments();
    let (_, family) = kernel.named(call, number)?;
    Ok(family.session.map_or(0, |session| session.0).into())
}
