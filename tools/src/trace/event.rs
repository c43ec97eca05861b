//! One entry of a trace, in the format of the file.
//!
//! # Invariants
//!
//! An entry has the fields that its kind requires.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The process of the trace that stands for the machine. No guest has this number; 0 would be
/// hidden, as the idle process of Linux.
pub(super) const MACHINE: u32 = 1_000_000_000;

/// A thread of the trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Thread {
    /// The process it belongs to.
    pub process: u32,
    /// Its number there.
    pub number: u32,
}

impl Thread {
    /// The swap disk.
    pub(super) const SWAP: Thread = Thread {
        process: MACHINE,
        number: 1,
    };
    /// The disk with the files.
    pub(super) const FILES: Thread = Thread {
        process: MACHINE,
        number: 2,
    };

    /// Returns the track of a process on the CPU.
    pub(super) fn cpu(process: u32) -> Thread {
        Thread { process, number: 1 }
    }

    /// Returns the track of a process's faults.
    pub(super) fn faults(process: u32) -> Thread {
        Thread { process, number: 2 }
    }

    /// Returns its name; counters belong to a process and to none of its threads.
    pub(super) fn title(self) -> Option<&'static str> {
        match (self, self.number) {
            (Thread::SWAP, _) => Some("swap disk"),
            (Thread::FILES, _) => Some("file disk"),
            (_, 1) => Some("on the CPU"),
            (_, 2) => Some("page faults"),
            _ => None,
        }
    }
}

/// An entry.
#[derive(Clone, Serialize, Debug)]
pub(super) struct TraceEvent {
    name: String,
    ph: &'static str,
    ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<u64>,
    pid: u32,
    tid: u32,
    /// The scope of an instant event.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    args: Vec<(&'static str, Value)>,
}

impl TraceEvent {
    /// Returns the start of an event whose end is not known yet.
    pub(super) fn begin(name: String, thread: Thread, at: u64) -> TraceEvent {
        TraceEvent::at("B", name, thread, at)
    }

    /// Returns the end of the event that was last begun on the thread.
    pub(super) fn end(name: String, thread: Thread, at: u64) -> TraceEvent {
        TraceEvent::at("E", name, thread, at)
    }

    /// Returns an event with a duration.
    pub(super) fn slice(name: String, thread: Thread, from: u64, to: u64) -> TraceEvent {
        let mut event = TraceEvent::at("X", name, thread, from);
        event.dur = Some(to - from);
        event
    }

    /// Returns an instant event.
    pub(super) fn instant(name: String, thread: Thread, at: u64) -> TraceEvent {
        let mut event = TraceEvent::at("i", name, thread, at);
        event.s = Some("t");
        event
    }

    /// Returns a counter that has this value from a time on.
    pub(super) fn counter(
        name: &str,
        process: u32,
        at: u64,
        unit: &'static str,
        number: u64,
    ) -> TraceEvent {
        let thread = Thread { process, number: 0 };
        TraceEvent::at("C", name.to_owned(), thread, at).with(unit, number.into())
    }

    /// Returns an entry that names a process or a thread.
    pub(super) fn name(what: &str, thread: Thread, name: &str) -> TraceEvent {
        TraceEvent::at("M", what.to_owned(), thread, 0).with("name", name.into())
    }

    /// Returns an entry that sorts a process above all others.
    pub(super) fn on_top(process: u32) -> TraceEvent {
        let thread = Thread { process, number: 0 };
        TraceEvent::at("M", "process_sort_index".to_owned(), thread, 0)
            .with("sort_index", (-1).into())
    }

    /// Adds an argument.
    #[must_use]
    pub(super) fn with(mut self, key: &'static str, value: Value) -> TraceEvent {
        self.args.push((key, value));
        self
    }

    /// Ends a slice at this time, if it would last longer.
    pub(super) fn end_by(&mut self, time: u64) {
        let most = time.saturating_sub(self.ts);
        self.dur = self.dur.map(|dur| dur.min(most));
    }

    /// Returns its start time.
    pub(super) fn start(&self) -> u64 {
        self.ts
    }

    /// Returns its thread.
    pub(super) fn thread(&self) -> Thread {
        Thread {
            process: self.pid,
            number: self.tid,
        }
    }

    fn at(ph: &'static str, name: String, thread: Thread, ts: u64) -> TraceEvent {
        TraceEvent {
            name,
            ph,
            ts,
            dur: None,
            pid: thread.process,
            tid: thread.number,
            s: None,
            args: Vec::new(),
        }
    }
}

/// Serializes a list of unique keys as an object, in its order.
fn as_object<S: Serializer>(args: &[(&'static str, Value)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(args.iter().map(|(key, value)| (key, value)))
}
