//! Going back: the machine runs anew, and stops where it was before.
//!
//! # Invariants
//!
//! Nothing is kept of the past but places ([`Position`]); a machine that runs anew comes to the
//! same ones. What a debugger has changed in registers or memory is lost.

use std::collections::BTreeSet;

use cpu::debug::DebugStop;
use machine::work::Work;
use userprog::{Pause, Pid, Progress};

use super::machine::Machine;
use super::position::Position;
use super::stops::Stops;
use host::command::UsageError;

/// How far before a place, in work, the search for the instruction before it begins; if that is not
/// far enough, farther.
const WINDOWS: [u64; 4] = [256, 1 << 14, 1 << 20, u64::MAX];

/// Where going back has led.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Back {
    /// To a place before, at which there is this to be told.
    To(Pid, Option<DebugStop>),
    /// To the beginning: there was none.
    Begin,
}

impl Machine<'_> {
    /// Goes back by one instruction of a process.
    ///
    /// # Errors
    /// What is in the way of running anew.
    pub fn step_back(&mut self, pid: Pid) -> Result<Back, UsageError> {
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

    /// Goes back to the last breakpoint or watched access before the place where `pid` is.
    ///
    /// # Errors
    /// What is in the way of running anew.
    pub fn continue_back(&mut self, pid: Pid, stops: &Stops) -> Result<Back, UsageError> {
        let goal = Position::of(&self.kernel, pid);
        self.restart()?;
        let mut last = 0;
        while let Some((position, stop)) = self.next_stop(goal, stops) {
            // A watched access is told of when it has been made: one just before counts.
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
        // Going back, an access is met from behind: before it the old value is there.
        if let DebugStop::Watchpoint(_) = stop {
            self.step_back(position.pid)?;
        }
        Ok(Back::To(position.pid, Some(stop)))
    }

    /// Runs on to the next stop that the debugger is to be told of, not farther than `goal`.
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

    /// Runs anew until `from`, or until the process is there if that is later.
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

    /// Runs on until this work is done; whether the run is not over.
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

    /// Executes instructions of a process one by one, up to `goal` but at most so many: how many
    /// there were before it. If there are fewer, the machine is just behind it, or at its end.
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
                    // It was never executed.
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
