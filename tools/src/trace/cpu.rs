//! The process on the CPU, and what processes do there.
//!
//! # Invariants
//!
//! At any time at most one process has the CPU. A process keeps it while all sleep for disks.

use userprog::process::{ExitStatus, Pid};

use super::event::{Thread, TraceEvent};
use crate::record::Recording;
use crate::record::step::{Step, What};

/// The CPU tracks of a trace.
pub struct Cpu<'a> {
    recording: &'a Recording,
    events: Vec<TraceEvent>,
    running: Option<(Pid, u64)>,
}

impl<'a> Cpu<'a> {
    /// Starts with no process on the CPU.
    pub fn new(recording: &'a Recording) -> Cpu<'a> {
        Cpu {
            recording,
            events: Vec::new(),
            running: None,
        }
    }

    /// Takes the next step.
    pub fn take(&mut self, step: &Step) {
        let text = |number| self.recording.texts.get(number).to_owned();
        match step.what {
            What::Running { pid } => {
                self.leave(step.work);
                self.running = Some((pid, step.work));
            }
            What::Called { pid, name } => self.instant(text(name), pid, step.work),
            What::Died {
                pid, exception, at, ..
            } => {
                let name = format!("died: {}", text(exception));
                let died = TraceEvent::instant(name, Thread::cpu(pid.0), step.work);
                self.events.push(match at {
                    Some(line) => died.with("at", text(line).into()),
                    None => died,
                });
            }
            What::Started { pid, .. } => self.instant("start".to_owned(), pid, step.work),
            What::Ended { pid, status } => {
                let name = match status {
                    ExitStatus::Exited(status) => format!("exit({status})"),
                    ExitStatus::Killed => "killed".to_owned(),
                    ExitStatus::Signalled(signal) => signal.to_string(),
                };
                self.instant(name, pid, step.work);
                if self.running.is_some_and(|(running, _)| running == pid) {
                    self.leave(step.work);
                }
            }
            _ => {}
        }
    }

    /// Returns all entries.
    pub fn finish(mut self) -> Vec<TraceEvent> {
        self.leave(self.recording.report.stats.work);
        self.cut();
        self.events
    }

    fn instant(&mut self, name: String, pid: Pid, at: u64) {
        self.events
            .push(TraceEvent::instant(name, Thread::cpu(pid.0), at));
    }

    fn leave(&mut self, at: u64) {
        if let Some((Pid(pid), since)) = self.running.take() {
            let slice =
                TraceEvent::slice("running".to_owned(), Thread::cpu(pid), since, at.max(since));
            self.events.push(slice);
        }
    }

    /// Cuts slices that overlap: a process may end, in its own time, after another one has the CPU.
    fn cut(&mut self) {
        let mut next = u64::MAX;
        for event in self
            .events
            .iter_mut()
            .rev()
            .filter(|event| event.is_slice())
        {
            event.end_by(next);
            next = event.start();
        }
    }
}
