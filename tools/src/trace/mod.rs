//! A recording as a trace in the format of Chrome's trace viewer, which Perfetto reads.
//!
//! The machine is a process of the trace: its threads are the disks, its counters the frames and
//! slots in use. Each process of the guest has two threads: what it does on the CPU, and its faults.
//!
//! # Invariants
//!
//! Times are guest work, one microsecond per basic block. On each thread they never go back, and
//! slices do not overlap; between threads the order is that of the run, as the format allows. An
//! entry is written as soon as its end is known, so memory is bounded by the number of processes
//! and the size of the machine. Equal recordings give equal bytes.

mod cpu;
mod disks;
mod event;
mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Map, Value};
use vm::Owner;

use crate::record::occupancy::Occupancy;
use crate::record::step::{EntryChange, Step, What};
use crate::record::{About, Ended, Sink, Texts};
use cpu::Cpu;
use disks::Disks;
use driver::stats;
use event::{MACHINE, Thread, TraceEvent};
use faults::Faults;

/// Writes the trace of one run.
#[derive(Debug)]
pub struct Trace<W> {
    to: W,
    about: About,
    counters: Counters,
    cpu: Cpu,
    disks: Disks,
    faults: Faults,
    processes: BTreeMap<Owner, String>,
    threads: BTreeSet<Thread>,
    /// The entries of a step, before they are written.
    entries: Vec<TraceEvent>,
    begun: bool,
    /// Why nothing is written any more.
    failed: Option<io::Error>,
}

impl<W: Write> Trace<W> {
    /// Begins the trace.
    ///
    /// # Errors
    /// Those of writing.
    pub fn start(mut to: W, about: &About) -> io::Result<Trace<W>> {
        to.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
        Ok(Trace {
            to,
            about: about.clone(),
            counters: Counters::default(),
            cpu: Cpu::default(),
            disks: Disks::new(about.machine.disk_latency),
            faults: Faults::default(),
            processes: BTreeMap::new(),
            threads: BTreeSet::new(),
            entries: Vec::new(),
            begun: false,
            failed: None,
        })
    }

    /// Writes the rest of the trace: what was open, the names, and the run as a whole.
    ///
    /// # Errors
    /// The first of all errors of writing since the start.
    pub fn finish(mut self, ended: &Ended) -> io::Result<W> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.cpu.finish(ended.report.stats.work, &mut self.entries);
        self.faults.finish(&mut self.entries);
        self.write()?;
        self.entries = self.names();
        self.write()?;
        self.to.write_all(b"],\"otherData\":")?;
        serde_json::to_writer(&mut self.to, &other_data(&self.about, ended))?;
        self.to.write_all(b"}")?;
        Ok(self.to)
    }

    /// Writes the entries that are complete.
    fn write(&mut self) -> io::Result<()> {
        for entry in self.entries.drain(..) {
            if std::mem::replace(&mut self.begun, true) {
                self.to.write_all(b",")?;
            }
            self.threads.insert(entry.thread());
            serde_json::to_writer(&mut self.to, &entry)?;
        }
        Ok(())
    }

    /// Returns the entries that name all processes and threads that have any.
    fn names(&self) -> Vec<TraceEvent> {
        let mut names = vec![TraceEvent::on_top(MACHINE)];
        let mut before = None;
        for &thread in &self.threads {
            if before.replace(thread.process) != Some(thread.process) {
                let name = match self.processes.get(&Owner(thread.process)) {
                    _ if thread.process == MACHINE => "machine",
                    Some(name) => name,
                    None => "not started",
                };
                names.push(TraceEvent::name("process_name", thread, name));
            }
            names.extend(
                thread
                    .title()
                    .map(|title| TraceEvent::name("thread_name", thread, title)),
            );
        }
        names
    }
}

impl<W: Write> Sink for Trace<W> {
    fn take(&mut self, step: &Step, changes: &[EntryChange], texts: &mut Texts) {
        // A run cannot be stopped by its listener, so an error waits for the end.
        if self.failed.is_some() {
            return;
        }
        if let What::Started { pid, name, .. } = step.what {
            self.processes
                .insert(Owner(pid.0), texts.get(name).to_owned());
        }
        let to = &mut self.entries;
        self.counters.take(step, changes, to);
        self.cpu.take(step, texts, to);
        let done = self.disks.take(step, to);
        self.faults.take(step, done, texts, to);
        self.failed = self.write().err();
    }
}

/// The counters: frames and slots in use, and the resident set of each process.
#[derive(Default, Debug)]
struct Counters {
    occupancy: Occupancy,
    /// The latest work so far: steps of a process that waits for a disk come ahead of others'.
    now: u64,
    frames: u64,
    slots: u64,
}

impl Counters {
    /// Takes the next step, and adds the counters that it changes to `to`.
    fn take(&mut self, step: &Step, changes: &[EntryChange], to: &mut Vec<TraceEvent>) {
        self.occupancy.take(step, changes);
        self.now = self.now.max(step.work);
        let now = self.now;
        let mut count = |name, process, unit, number| {
            to.push(TraceEvent::counter(name, process, now, unit, number));
        };
        let (frames, slots) = (self.occupancy.frames(), self.occupancy.slots());
        if frames != std::mem::replace(&mut self.frames, frames) {
            count("frames in use", MACHINE, "frames", frames);
        }
        if slots != std::mem::replace(&mut self.slots, slots) {
            count("swap slots in use", MACHINE, "slots", slots);
        }
        let moved = changes
            .iter()
            .filter(|one| one.old.is_present() != one.new.is_present());
        let owners: BTreeSet<Owner> = moved.map(|change| change.owner).collect();
        for owner in owners {
            let pages = self.occupancy.resident(owner).into();
            count("resident pages", owner.0, "pages", pages);
        }
    }
}

fn other_data(about: &About, ended: &Ended) -> Value {
    let mut all = Map::new();
    let mut say = |key: &str, value: Value| all.insert(key.to_owned(), value);
    say("program", about.command_line.clone().into());
    say("machine", about.machine.options.join(" ").into());
    say("time", "1 us is 1 basic block of guest work".into());
    say("events left out", ended.left_out.into());
    say("statistics", stats::object(&ended.report).into());
    all.into()
}

#[cfg(test)]
mod tests;
