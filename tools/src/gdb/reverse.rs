//! Reverse execution: the machine is restarted, and stopped at an earlier position.
//!
//! # Invariants
//!
//! Only positions ([`Position`]) are kept of the past; a restarted machine reaches the same ones.
//! What a debugger has changed in registers or memory is lost.

use std::collections::BTreeSet;

use cpu::debug::DebugStop;
use machine::work::Work;
use userprog::{Pause, Pid, Progress};

use super::machine::Machine;
use super::position::Position;
use super::stops::Stops;
use host::command::UsageError;

/// How far before a position, in work, the search for the previous instruction begins; if that is
/// not far enough, the next window is tried.
const WINDOWS: [u64; 4] = [256, 1 << 14, 1 << 20, u64::MAX];

/// The result of going back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Back {
    /// At an earlier position of this process, with the stop to report, if any.
    To(Pid, Option<DebugStop>),
    /// At the beginning: there was no earlier stop.
    Begin,
}

impl Machine<'_> {
    /// Steps back by one instruction of a process.
    ///
    /// # Errors
    /// The machine cannot be restarted.
    pub(super) fn step_back(&mut self, pid: Pid) -> Result<Back, UsageError> {
        let goal = Position::of(&self.kernel, pid);
        for window in WINDOWS {
            let from = Work(goal.work.saturating_sub(window));
            let Some(start) = self.run_anew_to(from, pid, goal)? else {
                continue;
            };
            match self.steps_to(goal, u64::MAX) {
                Some(0) | None if start == Start::Early => continue,
                Some(0) | None => break,
                Some(steps) => {
                    self.run_anew_to(from, pid, goal)?;
                    self.steps_to(goal, steps - 1);
                    return Ok(Back::To(pid, None));
                }
            }
        }
        self.restart()?;
        Ok(Back::Begin)
    }

    /// Goes back to the last breakpoint or watched access before the position of `pid`.
    ///
    /// # Errors
    /// The machine cannot be restarted.
    pub(super) fn continue_back(&mut self, pid: Pid, stops: &Stops) -> Result<Back, UsageError> {
        let goal = Position::of(&self.kernel, pid);
        self.restart()?;
        let mut last = 0;
        while let Some((position, stop)) = self.next_stop(goal, stops) {
            // A watched access is reported after it was made, so one just before the goal counts.
            let made = matches!(stop, DebugStop::Watchpoint(_)) && position == goal;
            if !made && !position.is_before(&goal) {
                break;
            }
            last += 1;
        }
        self.restart()?;
        let mut found = None;
        for _ in 0..last {
            found = self.next_stop(goal, stops);
        }
        self.let_go_of_stops();
        let Some((position, stop)) = found else {
            return Ok(Back::Begin);
        };
        // In reverse, the stop is before the access, where memory still has the old value.
        if let DebugStop::Watchpoint(_) = stop {
            self.step_back(position.pid)?;
        }
        Ok(Back::To(position.pid, Some(stop)))
    }

    /// Runs to the next stop that is reported to the debugger, but not beyond `goal`.
    fn next_stop(&mut self, goal: Position, stops: &Stops) -> Option<(Position, DebugStop)> {
        stops.apply(&mut self.kernel);
        self.kernel.pause_at(Work(goal.work));
        loop {
            match self.kernel.advance() {
                Progress::Paused(Pause::Debugger(stop)) => {
                    let pid = self.kernel.current()?;
                    if stops.concerns(&self.kernel, pid, stop) {
                        return Some((Position::of(&self.kernel, pid), stop));
                    }
                }
                Progress::Paused(Pause::AtWork) | Progress::Ended(_) => return None,
                Progress::Paused(Pause::Asked | Pause::Killed(_)) => {}
            }
        }
    }

    /// Restarts the machine and runs to `from`, or until the process exists if that is later.
    fn run_anew_to(
        &mut self,
        from: Work,
        pid: Pid,
        goal: Position,
    ) -> Result<Option<Start>, UsageError> {
        self.restart()?;
        self.let_go_of_stops();
        let mut start = Start::Early;
        let mut at = from;
        if at == Work::ZERO {
            start = Start::First;
        } else if !self.run_to(at) {
            return Ok(None);
        }
        while !self.kernel.is_alive(pid) {
            start = Start::First;
            at = self.kernel.work() + Work(1);
            if at.0 > goal.work || !self.run_to(at) {
                return Ok(None);
            }
        }
        Ok(Some(start))
    }

    /// Runs until this work is done. Returns whether the run still goes on.
    fn run_to(&mut self, at: Work) -> bool {
        self.kernel.pause_at(at);
        loop {
            match self.kernel.advance() {
                Progress::Paused(Pause::AtWork) => return true,
                Progress::Paused(_) => {}
                Progress::Ended(_) => return false,
            }
        }
    }

    /// Single-steps a process up to `goal`, but at most `most` instructions. Returns the number of
    /// instructions before the goal. If there are fewer, the machine is just behind it, or at its
    /// end.
    fn steps_to(&mut self, goal: Position, most: u64) -> Option<u64> {
        self.kernel.pause_at_kills(true);
        for steps in 0..most {
            if !self.kernel.is_alive(goal.pid) {
                return None;
            }
            let eip = self.kernel.registers(goal.pid).eip;
            self.kernel.step(goal.pid);
            loop {
                match self.kernel.advance() {
                    Progress::Paused(Pause::Debugger(DebugStop::Step)) => break,
                    // The instruction was never executed.
                    Progress::Paused(Pause::Killed(_))
                        if self.kernel.current() == Some(goal.pid) =>
                    {
                        return (goal.eip == eip).then_some(steps);
                    }
                    Progress::Paused(_) => {}
                    Progress::Ended(_) => return None,
                }
            }
            let work = self.kernel.work().0;
            if goal.is(eip, work) {
                return Some(steps);
            }
        }
        Some(most)
    }

    fn let_go_of_stops(&mut self) {
        self.kernel.set_breakpoints(BTreeSet::new());
        self.kernel.set_watches(&[]);
        self.kernel.no_step();
        self.kernel.pause_at(Work::MAX);
    }
}

/// Where a search begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Start {
    /// In the middle of the process' life.
    Early,
    /// At its first instruction.
    First,
}
