use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Trace;
use super::event::MACHINE;
use crate::record::testing::{Recording, record_all};

fn json(recording: &Recording) -> Vec<u8> {
    let mut trace = Trace::start(Vec::new(), &recording.about).unwrap();
    let ended = recording.pass_to(&mut trace);
    trace.finish(&ended).unwrap()
}

fn events(recording: &Recording) -> Vec<Value> {
    let trace: Value = serde_json::from_slice(&json(recording)).expect("JSON");
    trace["traceEvents"].as_array().unwrap().clone()
}

fn number(event: &Value, key: &str) -> u64 {
    event[key]
        .as_u64()
        .unwrap_or_else(|| panic!("{key} of {event}"))
}

/// Entries have their required fields; times never go back; slices of a thread nest; all processes
/// with entries are named; turns on the CPU do not overlap.
#[track_caller]
fn is_valid(events: &[Value]) {
    let mut last = BTreeMap::new();
    let mut open: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    let (mut named, mut used) = (BTreeSet::new(), BTreeSet::new());
    let mut turns = Vec::new();
    for event in events {
        let thread = (number(event, "pid"), number(event, "tid"));
        assert!(!event["name"].as_str().unwrap().is_empty(), "{event}");
        let ts = number(event, "ts");
        match event["ph"].as_str().unwrap() {
            "M" => {
                let name = if event["name"] == "process_sort_index" {
                    "sort_index"
                } else {
                    "name"
                };
                assert!(!event["args"][name].is_null(), "{event}");
                named.insert(thread.0);
                continue;
            }
            "C" => {
                let args = event["args"].as_object().unwrap();
                assert!(
                    args.len() == 1 && args.values().all(Value::is_u64),
                    "{event}"
                );
            }
            "i" => assert_eq!(event["s"], "t", "{event}"),
            "X" => {
                let end = ts + number(event, "dur");
                let open = open.entry(thread).or_default();
                open.retain(|end| *end > ts);
                assert!(
                    open.iter().all(|outer| *outer >= end),
                    "{event} does not nest"
                );
                open.push(end);
            }
            "B" => turns.push((thread, ts, None)),
            "E" => {
                let turn = turns.iter_mut().rev().find(|turn| turn.0 == thread);
                let (_, since, end) = turn.expect("it was begun");
                assert!(end.replace(ts).is_none() && *since <= ts, "{event}");
            }
            other => panic!("{other}"),
        }
        let before = last.insert(thread, ts).unwrap_or_default();
        assert!(before <= ts, "{event} goes back");
        used.insert(thread.0);
    }
    assert_eq!(
        used.difference(&named).count(),
        0,
        "{used:?} are not all named"
    );
    for pair in turns.windows(2) {
        let end = pair[0].2.expect("it ends");
        assert!(end <= pair[1].1, "{pair:?} overlap");
    }
}

fn most(events: &[Value], name: &str, unit: &str) -> u64 {
    let counters = events
        .iter()
        .filter(|one| one["ph"] == "C" && one["name"] == name);
    counters
        .map(|one| number(&one["args"], unit))
        .max()
        .unwrap_or(0)
}

#[track_caller]
fn agrees(program: &str, frames: u32, disk_latency: u64) -> Vec<Value> {
    let recording = record_all(program, frames, disk_latency);
    let events = events(&recording);
    is_valid(&events);
    let stats = &recording.ended.report.stats.vm;
    assert_eq!(most(&events, "frames in use", "frames"), stats.peak_frames);
    assert_eq!(
        most(&events, "swap slots in use", "slots"),
        stats.peak_slots
    );
    let faults = events
        .iter()
        .filter(|one| one["ph"] == "X" && one["args"]["n"].is_u64());
    assert_eq!(faults.count() as u64, stats.faults);
    let on = |disk: u64, what: &str| {
        let transfers = events.iter().filter(|one| {
            one["pid"] == MACHINE
                && one["tid"] == disk
                && one["name"].as_str().unwrap().starts_with(what)
        });
        transfers.count() as u64
    };
    assert_eq!(
        (on(1, "read"), on(1, "write")),
        (stats.swap_reads, stats.swap_writes)
    );
    assert_eq!(
        (on(2, "read"), on(2, "write")),
        (stats.file_reads, stats.write_backs)
    );
    events
}

#[test]
fn its_counters_and_transfers_are_those_of_the_machine() {
    agrees("page-parallel", 48, 0);
    agrees("share-evict", 16, 0);
}

#[test]
fn with_slow_disks_transfers_and_faults_last() {
    let events = agrees("page-parallel", 48, 2000);
    let swap = |one: &&Value| one["pid"] == MACHINE && one["tid"] == 1 && one["ph"] == "X";
    assert!(
        events
            .iter()
            .filter(swap)
            .all(|one| number(one, "dur") == 2000)
    );
    let waited = |one: &Value| one["name"] == "swap-in" && number(one, "dur") >= 2000;
    assert!(events.iter().any(waited));
}

#[test]
fn a_killed_process_has_an_instant() {
    let events = agrees("bad-read", 64, 0);
    assert!(
        events
            .iter()
            .any(|one| one["name"] == "killed" && one["ph"] == "i")
    );
}

#[test]
fn the_same_run_is_the_same_trace() {
    let trace = || json(&record_all("fork-tree", 16, 300));
    assert_eq!(trace(), trace());
}
