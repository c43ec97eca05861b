//! The process on the CPU, and what processes do there.
//!
//! # Invariants
//!
//! At any time at most one process has the CPU. A process keeps it while all sleep for disks.

use userprog::process::{ExitStatus, Pid};

use super::event::{Thread, TraceEvent};
use crate::record::Texts;
use crate::record::step::{Step, What};

const RUNNING: &str = "running";

/// The CPU tracks of a trace.
#[derive(Default, Debug)]
pub(super) struct Cpu {
    running: Option<Turn>,
}

/// A process's turn on the CPU.
#[derive(Debug)]
struct Turn {
    pid: Pid,
    since: u64,
    /// The end of the process. It may come, in its own time, after another one has the CPU; so it
    /// waits until that is known.
    ended: Option<TraceEvent>,
}

impl Cpu {
    /// Takes the next step, and adds its entries to `to`.
    pub(super) fn take(&mut self, step: &Step, texts: &Texts, to: &mut Vec<TraceEvent>) {
        let text = |number| texts.get(number).to_owned();
        let instant = |pid: Pid, name| TraceEvent::instant(name, Thread::cpu(pid.0), step.work);
        match step.what {
            What::Running { pid } => {
                self.leave(step.work, to);
                to.push(TraceEvent::begin(
                    RUNNING.to_owned(),
                    Thread::cpu(pid.0),
                    step.work,
                ));
                self.running = Some(Turn {
                    pid,
                    since: step.work,
                    ended: None,
                });
            }
            What::Called { pid, name } => to.push(instant(pid, text(name))),
            What::Died {
                pid, exception, at, ..
            } => {
                let died = instant(pid, format!("died: {}", text(exception)));
                to.push(match at {
                    Some(line) => died.with("at", text(line).into()),
                    None => died,
                });
            }
            What::Started { pid, .. } => to.push(instant(pid, "start".to_owned())),
            What::Ended { pid, status } => {
                let name = match status {
                    ExitStatus::Exited(status) => format!("exit({status})"),
                    ExitStatus::Killed => "killed".to_owned(),
                    ExitStatus::Signalled(signal) => signal.to_string(),
                };
                let ended = instant(pid, name);
                match &mut self.running {
                    Some(turn) if turn.pid == pid => turn.ended = Some(ended),
                    _ => to.push(ended),
                }
            }
            _ => {}
        }
    }

    /// Ends the last turn, at the end of the run.
    pub(super) fn finish(&mut self, now: u64, to: &mut Vec<TraceEvent>) {
        self.leave(now, to);
    }

    /// Ends a turn: when the process ended, but not after this time.
    fn leave(&mut self, at: u64, to: &mut Vec<TraceEvent>) {
        let Some(turn) = self.running.take() else {
            return;
        };
        let ended_at = turn.ended.as_ref().map_or(at, TraceEvent::start);
        let end = ended_at.min(at).max(turn.since);
        to.push(TraceEvent::end(
            RUNNING.to_owned(),
            Thread::cpu(turn.pid.0),
            end,
        ));
        to.extend(turn.ended);
    }
}
