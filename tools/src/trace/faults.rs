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
use crate::record::Texts;
use crate::record::step::{Fault, Step, What};
use crate::record::wire::outcome_name;

/// The fault tracks of a trace.
#[derive(Default, Debug)]
pub(super) struct Faults {
    /// The last fault of each process that lives, whose end the next one may cut.
    last: BTreeMap<Owner, TraceEvent>,
    count: u64,
}

impl Faults {
    /// Takes the next step, whose transfers are done at this time, and adds entries to `to`.
    pub(super) fn take(&mut self, step: &Step, done: u64, texts: &Texts, to: &mut Vec<TraceEvent>) {
        let event = match &step.what {
            What::Fault(fault) => self.fault(fault, step.work, done.max(step.work + 1), texts),
            What::Refused {
                owner, addr, why, ..
            } => {
                let thread = Thread::faults(owner.0);
                let why = texts.get(*why);
                TraceEvent::instant("refused".to_owned(), thread, step.work)
                    .with("address", addr.to_string().into())
                    .with("why", why.into())
            }
            What::Ended { pid, .. } => return to.extend(self.last.remove(&Owner(pid.0))),
            _ => return,
        };
        let next = event.start();
        let before = self.last.insert(Owner(event.thread().process), event);
        to.extend(before.map(|mut before| {
            before.end_by(next);
            before
        }));
    }

    /// Adds the faults of processes that did not end.
    pub(super) fn finish(&mut self, to: &mut Vec<TraceEvent>) {
        to.extend(std::mem::take(&mut self.last).into_values());
    }

    fn fault(&mut self, fault: &Fault, from: u64, to: u64, texts: &Texts) -> TraceEvent {
        self.count += 1;
        let name = outcome_name(fault.outcome).to_owned();
        let text = |number| texts.get(number);
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
