//! A recording as a trace in the format of Chrome's trace viewer, which Perfetto reads.
//!
//! The machine is a process of the trace: its threads are the disks, its counters the frames and
//! slots in use. Each process of the guest has two threads: what it does on the CPU, and its faults.
//!
//! # Invariants
//!
//! Times are guest work, one microsecond per basic block. On each thread they never go back, and
//! slices do not overlap. Equal recordings give equal bytes.

mod cpu;
mod disks;
mod event;
mod faults;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use vm::Owner;

use crate::record::Recording;
use crate::record::occupancy::Occupancy;
use crate::record::step::{EntryChange, What};
use cpu::Cpu;
use disks::Disks;
use driver::stats;
use event::{MACHINE, Thread, TraceEvent};
use faults::Faults;
use host::waiting::Waiting;

/// The trace, which is serialized one event after the other.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    display_time_unit: &'static str,
    other_data: Value,
    trace_events: Vec<TraceEvent>,
}

/// Returns the trace as one JSON object.
pub fn json(recording: &Recording) -> String {
    let waiting = Waiting::start("vmlab: writing the trace", Duration::from_secs(2));
    let trace = Trace {
        display_time_unit: "ns",
        other_data: about(recording),
        trace_events: events(recording),
    };
    let text = serde_json::to_string(&trace).expect("keys are texts");
    drop(waiting);
    text
}

/// Returns all entries, in order.
fn events(recording: &Recording) -> Vec<TraceEvent> {
    let mut builder = Builder::default();
    let mut cpu = Cpu::new(recording);
    let mut disks = Disks::new(recording.machine.disk_latency);
    let mut faults = Faults::new(recording);
    for (step, changes) in recording.iter() {
        builder.occupancy.take(step, changes);
        builder.count(step.work, changes);
        if let What::Started { pid, name, .. } = step.what {
            let name = recording.texts.get(name).to_owned();
            builder.processes.insert(Owner(pid.0), name);
        }
        cpu.take(step);
        let done = disks.take(step);
        faults.take(step, done);
    }
    let mut events = builder.events;
    events.extend(cpu.finish());
    events.extend(disks.finish());
    events.extend(faults.finish());
    events.sort_by_key(TraceEvent::order);
    let names = names(&builder.processes, &events);
    names.into_iter().chain(events).collect()
}

/// The counters and the processes.
#[derive(Default)]
struct Builder {
    events: Vec<TraceEvent>,
    occupancy: Occupancy,
    /// The latest work so far: steps of a process that waits for a disk come ahead of others'.
    now: u64,
    frames: u64,
    slots: u64,
    processes: BTreeMap<Owner, String>,
}

impl Builder {
    fn count(&mut self, work: u64, changes: &[EntryChange]) {
        self.now = self.now.max(work);
        let (frames, slots) = (self.occupancy.frames(), self.occupancy.slots());
        if frames != std::mem::replace(&mut self.frames, frames) {
            self.counter("frames in use", MACHINE, "frames", frames);
        }
        if slots != std::mem::replace(&mut self.slots, slots) {
            self.counter("swap slots in use", MACHINE, "slots", slots);
        }
        let moved = changes
            .iter()
            .filter(|one| one.old.is_present() != one.new.is_present());
        let mut owners: Vec<Owner> = moved.map(|change| change.owner).collect();
        owners.sort();
        owners.dedup();
        for owner in owners {
            let pages = self.occupancy.resident(owner).into();
            self.counter("resident pages", owner.0, "pages", pages);
        }
    }

    fn counter(&mut self, name: &'static str, process: u32, unit: &'static str, number: u64) {
        self.events
            .push(TraceEvent::counter(name, process, self.now, unit, number));
    }
}

/// Returns the entries that name all processes and threads with events.
fn names(processes: &BTreeMap<Owner, String>, events: &[TraceEvent]) -> Vec<TraceEvent> {
    let mut threads: Vec<Thread> = events.iter().map(TraceEvent::thread).collect();
    threads.sort();
    threads.dedup();
    let mut names = vec![TraceEvent::on_top(MACHINE)];
    let mut before = None;
    for thread in threads {
        if before.replace(thread.process) != Some(thread.process) {
            let name = match processes.get(&Owner(thread.process)) {
                _ if thread.process == MACHINE => "machine".to_owned(),
                Some(name) => name.clone(),
                None => "not started".to_owned(),
            };
            names.push(TraceEvent::name("process_name", thread, &name));
        }
        names.extend(
            thread
                .title()
                .map(|title| TraceEvent::name("thread_name", thread, title)),
        );
    }
    names
}

fn about(recording: &Recording) -> Value {
    let mut about = Map::new();
    let mut say = |key: &str, value: Value| about.insert(key.to_owned(), value);
    say("program", recording.command_line.clone().into());
    say("machine", recording.machine.options.join(" ").into());
    say("time", "1 us is 1 basic block of guest work".into());
    say("events left out", recording.left_out.into());
    say("statistics", stats::object(&recording.report).into());
    about.into()
}

#[cfg(test)]
mod tests;
