use vm::Owner;

use super::*;
use crate::record::Recording;
use crate::record::testing::{record, record_all};

/// Totals over the steps.
#[derive(Default)]
struct Replayed {
    at_end: Occupancy,
    peak_frames: u64,
    peak_slots: u64,
    faults: u64,
    evictions: u64,
    owners: BTreeSet<Owner>,
}

fn replay(recording: &Recording) -> Replayed {
    let mut all = Replayed::default();
    for (step, changes) in recording.iter() {
        all.at_end.take(step, changes);
        all.peak_frames = all.peak_frames.max(all.at_end.frames());
        all.peak_slots = all.peak_slots.max(all.at_end.slots());
        all.faults += u64::from(matches!(step.what, What::Fault(_)));
        all.evictions += u64::from(matches!(step.what, What::Evicted(_)));
        all.owners.extend(changes.iter().map(|change| change.owner));
    }
    all
}

/// Replaying a run gives the machine's own numbers, and zero at its end.
#[track_caller]
fn agrees(program: &str, frames: u32, disk_latency: u64) {
    let recording = record_all(program, frames, disk_latency);
    let (stats, all) = (&recording.report.stats.vm, replay(&recording));
    assert_eq!(
        (all.faults, all.peak_frames, all.peak_slots),
        (stats.faults, stats.peak_frames, stats.peak_slots),
        "{program}: faults, most frames, most slots"
    );
    assert!(all.evictions >= stats.evictions, "{program}");
    assert_eq!(
        (all.at_end.frames(), all.at_end.slots()),
        (0, 0),
        "{program}"
    );
    for owner in all.owners {
        assert_eq!(all.at_end.resident(owner), 0, "{program}: {owner:?}");
    }
    assert_eq!(recording.left_out, 0);
}

#[test]
fn a_process_alone_and_its_swap() {
    agrees("page-linear", 64, 0);
}

#[test]
fn processes_that_push_each_other_out() {
    agrees("page-parallel", 48, 0);
    agrees("page-parallel", 48, 700);
}

#[test]
fn copies_after_forks_also_of_pages_in_swap() {
    agrees("fork-swap", 24, 0);
    agrees("fork-tree", 16, 0);
    agrees("fork-tree", 16, 300);
    agrees("fork-slots", 16, 0);
}

#[test]
fn shared_and_mapped_files() {
    agrees("share-evict", 16, 0);
    agrees("mmap-shuffle", 32, 0);
    agrees("map-private", 16, 0);
    agrees("pageout-states", 64, 0);
}

#[test]
fn processes_that_are_killed() {
    agrees("fork-killed", 16, 0);
    agrees("bad-read", 64, 0);
}

#[test]
fn what_is_too_much_is_left_out_from_there_on() {
    let (all, some) = (
        record_all("page-linear", 64, 0),
        record("page-linear", 64, 0, 500),
    );
    for most in [500, 501, 502] {
        let events = record("page-linear", 64, 0, most).events();
        assert!(events <= most && events > most - 10, "{events}");
    }
    assert!(some.left_out > 0);
    assert_eq!(
        some.report, all.report,
        "the statistics are those of all of the run"
    );
    for (one, other) in some.steps.iter().zip(&all.steps).take(some.steps.len() - 1) {
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
}

#[test]
fn a_fault_has_its_line_and_its_symbol() {
    let recording = record_all("page-linear", 64, 0);
    let mut faults = recording.steps.iter().filter_map(|step| match step.what {
        What::Fault(fault) => Some(fault),
        _ => None,
    });
    let text = |number| recording.texts.get(number);
    let found = faults.any(|fault| {
        fault
            .at
            .map(text)
            .is_some_and(|at| at.contains("string.c:"))
            && fault
                .symbol
                .map(text)
                .is_some_and(|name| name.starts_with("data+"))
    });
    assert!(found);
}
