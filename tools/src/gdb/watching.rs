//! The machine's past events, as the debugger shows them, and the events at which the run pauses.
//!
//! # Invariants
//!
//! Only the last events are kept, so that a long run does not fill the host's memory.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use host::programs::Programs;
use machine::addr::Page;
use userprog::{Kernel, MachineEvent, PauseFlag, Pid};
use vm::Event;
use vm::event::Detail;

use driver::fault_log::{self, line::Line};
use driver::listener::{self, Listener};

/// The number of lines of the log that are kept.
const KEPT: usize = 10_000;

/// The reason for the stop at the beginning of a run.
pub(super) const BEGUN: &str = "the run has begun";

/// An event at which a run can pause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum BreakOn {
    /// Each page fault, after it was handled and before the instruction is repeated.
    Fault,
    /// Each page that loses its frame.
    Evict,
    /// Each process that is killed, before it is removed.
    Kill,
}

/// The past events, and what to pause for. Clones share one state.
#[derive(Clone)]
pub(super) struct Watching(Rc<RefCell<Inner>>);

struct Inner {
    break_on: BTreeSet<BreakOn>,
    lines: VecDeque<String>,
    reason: String,
}

impl Default for Watching {
    fn default() -> Watching {
        Watching(Rc::new(RefCell::new(Inner {
            break_on: BTreeSet::from([BreakOn::Kill]),
            lines: VecDeque::new(),
            reason: BEGUN.to_owned(),
        })))
    }
}

impl Watching {
    /// Listens to a machine that was just made, whose guest has these files.
    pub(super) fn attach(&self, kernel: &mut Kernel, files: Programs) {
        let log = self.clone();
        let lines = fault_log::lines(Detail::Evictions, files, move |line| log.note(line));
        let stops = self.clone();
        let flag = kernel.pause_flag();
        let breaks = Listener::new(Detail::Evictions, move |_, event| {
            stops.look_at(event, &flag)
        });
        listener::attach(vec![lines, breaks], kernel);
    }

    /// Forgets the past.
    pub(super) fn forget(&self) {
        self.0.borrow_mut().lines.clear();
    }

    /// Returns the last lines of the log, oldest first.
    pub(super) fn last_lines(&self, count: usize) -> Vec<String> {
        let inner = self.0.borrow();
        let skipped = inner.lines.len().saturating_sub(count);
        inner.lines.iter().skip(skipped).cloned().collect()
    }

    /// Returns the lines of the log that are kept and are about a page of a process.
    pub(super) fn lines_about(&self, pid: Pid, page: Page) -> Vec<String> {
        let inner = self.0.borrow();
        let is_about = |line: &str| Line::parse(line).map(|line| line.event.is_about(pid, page));
        let lines = inner.lines.iter();
        let lines = lines.filter(|line| is_about(line) == Some(true));
        lines.cloned().collect()
    }

    /// Returns the events at which the run pauses.
    pub(super) fn break_on(&self) -> BTreeSet<BreakOn> {
        self.0.borrow().break_on.clone()
    }

    /// Sets the events at which the run pauses.
    pub(super) fn set_break_on(&self, what: BTreeSet<BreakOn>) {
        self.0.borrow_mut().break_on = what;
    }

    /// Has the run pause at no event.
    pub(super) fn break_on_nothing(&self) {
        self.set_break_on(BTreeSet::new());
    }

    /// Describes why the run is stopped.
    pub(super) fn reason(&self) -> String {
        self.0.borrow().reason.clone()
    }

    /// Sets the reason why the run is stopped.
    pub(super) fn set_reason(&self, reason: impl Into<String>) {
        self.0.borrow_mut().reason = reason.into();
    }

    fn note(&self, line: &str) {
        let mut inner = self.0.borrow_mut();
        if inner.lines.len() == KEPT {
            inner.lines.pop_front();
        }
        inner.lines.push_back(line.to_owned());
    }

    /// Raises the flag if the run pauses at this event, whose line is already the last of the log.
    fn look_at(&self, event: &MachineEvent<'_>, flag: &PauseFlag) {
        let what = match event {
            MachineEvent::Memory(Event::Fault(_)) => BreakOn::Fault,
            MachineEvent::Memory(Event::Evicted(_)) => BreakOn::Evict,
            _ => return,
        };
        let mut inner = self.0.borrow_mut();
        if inner.break_on.contains(&what) {
            let line = inner.lines.back().cloned().unwrap_or_default();
            inner.reason = line;
            flag.raise();
        }
    }
}
