//! The faults of each process, as slices.
//!
//! # Invariants
//!
//! A fault lasts until the disks that it waits for are done, at least one unit of work, but never
//! beyond the next fault of the process.

use std::collections::BTreeMap;

use vm::Owner;
use vm::event::{Outcome, access_name};

use super::event::{Thread, TraceEvent};
use crate::record::Recording;
use crate::record::step::{Fault, Step, What};
use crate::record::wire::outcome_name;

/// The fault tracks of a trace.
pub struct Faults<'a> {
    recording: &'a Recording,
    of: BTreeMap<Owner, Vec<TraceEvent>>,
    count: u64,
}

impl<'a> Faults<'a> {
    /// Starts without faults.
    pub fn new(recording: &'a Recording) -> Faults<'a> {
        Faults {
            recording,
            of: BTreeMap::new(),
            count: 0,
        }
    }

    /// Takes the next step, whose transfers are done at this time.
    pub fn take(&mut self, step: &Step, done: u64) {
        let event = match &step.what {
            What::Fault(fault) => self.fault(fault, step.work, done.max(step.work + 1)),
            What::Refused {
                owner, addr, why, ..
            } => {
                let thread = Thread::faults(owner.0);
                let why = self.recording.texts.get(*why);
                TraceEvent::instant("refused".to_owned(), thread, step.work)
                    .with("address", addr.to_string().into())
                    .with("why", why.into())
            }
            _ => return,
        };
        let owner = Owner(event.thread().process);
        self.of.entry(owner).or_default().push(event);
    }

    /// Returns all entries.
    pub fn finish(self) -> Vec<TraceEvent> {
        let mut all = Vec::new();
        for mut events in self.of.into_values() {
            events.sort_by_key(TraceEvent::start);
            let mut next = u64::MAX;
            for event in events.iter_mut().rev() {
                event.end_by(next);
                next = event.start();
            }
            all.extend(events);
        }
        all
    }

    fn fault(&mut self, fault: &Fault, from: u64, to: u64) -> TraceEvent {
        self.count += 1;
        let name = outcome_name(fault.outcome).to_owned();
        let text = |number| self.recording.texts.get(number);
        let mut event = TraceEvent::slice(name, Thread::faults(fault.owner.0), from, to)
            .with("n", self.count.into())
            .with("address", fault.addr.to_string().into())
            .with("access", access_name(fault.access).into())
            .with("page was", fault.before.place.to_string().into());
        let known = [("symbol", fault.symbol), ("at", fault.at)];
        for (key, number) in known {
            if let Some(number) = number {
                event = event.with(key, text(number).into());
            }
        }
        if let Some(frame) = fault.outcome.frame() {
            event = event.with("frame", frame.number().into());
        }
        if let Outcome::Killed(kill) = fault.outcome {
            event = event.with("why", kill.to_string().into());
        }
        event
    }
}
