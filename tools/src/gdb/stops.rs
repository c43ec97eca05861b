//! Breakpoints and watchpoints, as gdb sets and removes them.
//!
//! # Invariants
//!
//! gdb removes all of them at each stop and sets them again before it resumes; a watchpoint stays
//! with the process that it was first set for.

use std::collections::{BTreeMap, BTreeSet};

use cpu::debug::{DebugStop, WatchKind};
use gdbstub::target::ext::breakpoints::WatchKind as GdbWatchKind;
use machine::addr::VirtAddr;
use userprog::debugger::ProcessWatch;
use userprog::{Kernel, Pid};

/// The most bytes that are watched at once; gdb asks for no more than the size of a variable.
const WIDEST_WATCH: u32 = 1 << 20;

/// The processes in which breakpoints stop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// Those that run the program of this name.
    Program(String),
    /// All processes.
    All,
}

/// All breakpoints and watchpoints.
pub(super) struct Stops {
    /// Addresses, with the number of times that each was set.
    breakpoints: BTreeMap<u32, u32>,
    watches: BTreeMap<(u32, u32, WatchKind), SetWatch>,
    /// The processes in which breakpoints stop.
    pub scope: Scope,
}

/// A watchpoint that is set, or was at the last stop.
struct SetWatch {
    pid: Pid,
    set: bool,
}

impl Stops {
    /// Returns an empty set with this scope.
    pub(super) fn new(scope: Scope) -> Stops {
        Stops {
            breakpoints: BTreeMap::new(),
            watches: BTreeMap::new(),
            scope,
        }
    }

    /// Sets them in a machine.
    pub(super) fn apply(&self, kernel: &mut Kernel) {
        let breakpoints: BTreeSet<VirtAddr> =
            self.breakpoints.keys().copied().map(VirtAddr).collect();
        kernel.set_breakpoints(breakpoints);
        let set = self.watches.iter().filter(|(_, watch)| watch.set);
        let watches: Vec<ProcessWatch> = set
            .map(|((addr, bytes, kind), watch)| ProcessWatch {
                pid: watch.pid,
                bytes: *addr..addr.saturating_add(*bytes),
                kind: *kind,
            })
            .collect();
        kernel.set_watches(&watches);
    }

    /// Forgets watchpoints that gdb has not set again before it resumes.
    pub(super) fn settle(&mut self) {
        self.watches.retain(|_, watch| watch.set);
    }

    /// Returns whether a stop is reported to the debugger.
    pub(super) fn concerns(&self, kernel: &Kernel, pid: Pid, stop: DebugStop) -> bool {
        stop != DebugStop::Breakpoint || self.covers(kernel, pid)
    }

    /// Returns whether a process has a breakpoint at an address.
    pub(super) fn is_breakpoint(&self, kernel: &Kernel, pid: Pid, addr: u32) -> bool {
        self.breakpoints.contains_key(&addr) && self.covers(kernel, pid)
    }

    fn covers(&self, kernel: &Kernel, pid: Pid) -> bool {
        match &self.scope {
            Scope::Program(name) => kernel.name_of(pid) == *name,
            Scope::All => true,
        }
    }

    /// Adds a breakpoint.
    pub(super) fn add(&mut self, addr: u32) {
        *self.breakpoints.entry(addr).or_default() += 1;
    }

    /// Sets a watchpoint in a process, unless it is set already. Returns false if it is too wide.
    pub(super) fn watch(&mut self, pid: Pid, addr: u32, len: u32, kind: GdbWatchKind) -> bool {
        if len > WIDEST_WATCH {
            return false;
        }
        let watch = self.watches.entry((addr, len, watch_kind(kind)));
        watch.or_insert(SetWatch { pid, set: true }).set = true;
        true
    }

    /// Removes a watchpoint. Returns whether it was set.
    pub(super) fn no_watch(&mut self, addr: u32, len: u32, kind: GdbWatchKind) -> bool {
        let watch = self.watches.get_mut(&(addr, len, watch_kind(kind)));
        watch.is_some_and(|watch| std::mem::take(&mut watch.set))
    }

    /// Removes a breakpoint once. Returns whether there was one.
    pub(super) fn remove(&mut self, addr: u32) -> bool {
        let Some(times) = self.breakpoints.get_mut(&addr) else {
            return false;
        };
        *times -= 1;
        if *times == 0 {
            self.breakpoints.remove(&addr);
        }
        true
    }
}

fn watch_kind(kind: GdbWatchKind) -> WatchKind {
    match kind {
        GdbWatchKind::Write => WatchKind::Write,
        GdbWatchKind::Read => WatchKind::Read,
        GdbWatchKind::ReadWrite => WatchKind::Access,
    }
}

/// Converts a kind of watchpoint back to gdb's.
pub(super) fn gdb_watch_kind(kind: WatchKind) -> GdbWatchKind {
    match kind {
        WatchKind::Write => GdbWatchKind::Write,
        WatchKind::Read => GdbWatchKind::Read,
        WatchKind::Access => GdbWatchKind::ReadWrite,
    }
}
