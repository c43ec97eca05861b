//! Breakpoints and watchpoints, as gdb sets them and takes them away.
//!
//! What always holds: gdb takes all of them away at each stop and sets them again before the run
//! goes on; a watchpoint stays with the process that it was first set for.

use std::collections::{BTreeMap, BTreeSet};

use cpu::debug::{DebugStop, WatchKind};
use gdbstub::target::TargetResult;
use gdbstub::target::ext::breakpoints::{
    Breakpoints, HwBreakpoint, HwBreakpointOps, HwWatchpoint, HwWatchpointOps, SwBreakpoint,
    SwBreakpointOps, WatchKind as GdbWatchKind,
};
use machine::addr::VirtAddr;
use userprog::debugger::ProcessWatch;
use userprog::{Kernel, Pid};

use super::target::Debugger;

/// The most bytes that are watched at once; gdb asks for no more than a variable has.
const WIDEST_WATCH: u32 = 1 << 20;

/// In which processes breakpoints stop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// In those that run the program of this name.
    Program(String),
    /// In all.
    All,
}

/// What is to be stopped at.
pub struct Stops {
    /// Addresses, with the number of times that they were set.
    breakpoints: BTreeMap<u32, u32>,
    watches: BTreeMap<(u32, u32, WatchKind), SetWatch>,
    /// In which processes.
    pub scope: Scope,
}

/// A watchpoint that is set, or was when the run last stood still.
struct SetWatch {
    pid: Pid,
    set: bool,
}

impl Stops {
    /// None yet.
    pub fn new(scope: Scope) -> Stops {
        Stops {
            breakpoints: BTreeMap::new(),
            watches: BTreeMap::new(),
            scope,
        }
    }

    /// Has a machine stop at them.
    pub fn apply(&self, kernel: &mut Kernel) {
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

    /// The run is about to go on: those that are not set are gone for good.
    pub fn settle(&mut self) {
        self.watches.retain(|_, watch| watch.set);
    }

    /// Whether the debugger is to be told of a stop.
    pub fn concerns(&self, kernel: &Kernel, pid: Pid, stop: DebugStop) -> bool {
        stop != DebugStop::Breakpoint || self.covers(kernel, pid)
    }

    /// Whether there is a breakpoint for a process at an address.
    pub fn is_breakpoint(&self, kernel: &Kernel, pid: Pid, addr: u32) -> bool {
        self.breakpoints.contains_key(&addr) && self.covers(kernel, pid)
    }

    fn covers(&self, kernel: &Kernel, pid: Pid) -> bool {
        match &self.scope {
            Scope::Program(name) => kernel.name_of(pid) == *name,
            Scope::All => true,
        }
    }

    fn add(&mut self, addr: u32) {
        *self.breakpoints.entry(addr).or_default() += 1;
    }

    fn remove(&mut self, addr: u32) -> bool {
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

impl Breakpoints for Debugger<'_> {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_breakpoint(&mut self) -> Option<HwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

// Nothing is patched: to the machine both kinds are the same.
impl SwBreakpoint for Debugger<'_> {
    fn add_sw_breakpoint(&mut self, addr: u32, _kind: usize) -> TargetResult<bool, Self> {
        self.stops.add(addr);
        Ok(true)
    }

    fn remove_sw_breakpoint(&mut self, addr: u32, _kind: usize) -> TargetResult<bool, Self> {
        Ok(self.stops.remove(addr))
    }
}

impl HwBreakpoint for Debugger<'_> {
    fn add_hw_breakpoint(&mut self, addr: u32, _kind: usize) -> TargetResult<bool, Self> {
        self.stops.add(addr);
        Ok(true)
    }

    fn remove_hw_breakpoint(&mut self, addr: u32, _kind: usize) -> TargetResult<bool, Self> {
        Ok(self.stops.remove(addr))
    }
}

impl HwWatchpoint for Debugger<'_> {
    fn add_hw_watchpoint(
        &mut self,
        addr: u32,
        len: u32,
        kind: GdbWatchKind,
    ) -> TargetResult<bool, Self> {
        if len > WIDEST_WATCH {
            return Ok(false);
        }
        let pid = self.stopped_in;
        let key = (addr, len, watch_kind(kind));
        let watch = self.stops.watches.entry(key);
        watch.or_insert(SetWatch { pid, set: true }).set = true;
        Ok(true)
    }

    fn remove_hw_watchpoint(
        &mut self,
        addr: u32,
        len: u32,
        kind: GdbWatchKind,
    ) -> TargetResult<bool, Self> {
        let watch = self.stops.watches.get_mut(&(addr, len, watch_kind(kind)));
        Ok(watch.is_some_and(|watch| std::mem::take(&mut watch.set)))
    }
}

fn watch_kind(kind: GdbWatchKind) -> WatchKind {
    match kind {
        GdbWatchKind::Write => WatchKind::Write,
        GdbWatchKind::Read => WatchKind::Read,
        GdbWatchKind::ReadWrite => WatchKind::Access,
    }
}

/// The other way round.
pub fn gdb_watch_kind(kind: WatchKind) -> GdbWatchKind {
    match kind {
        WatchKind::Write => GdbWatchKind::Write,
        WatchKind::Read => GdbWatchKind::Read,
        WatchKind::Access => GdbWatchKind::ReadWrite,
    }
}
