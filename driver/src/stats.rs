//! The statistics of a run, as lines for people and as one JSON object for programs.
//!
//! # Invariants
//!
//! Both show the same numbers under the same names; the object is flat.

use std::fmt::Write;

use protocol::stats::{NAMES, WORK_LIMIT};
use serde_json::{Map, Value};
use userprog::{RunEnd, RunReport};

/// Returns the statistics, one per line.
///
/// # Examples
///
/// ```
/// use driver::stats;
/// use userprog::{RunEnd, RunReport, RunStats};
///
/// let stats = RunStats { work: 8000, ..RunStats::default() };
/// let report = RunReport { end: RunEnd::Exited(0), stats };
/// let text = stats::text(&report);
/// assert!(text.lines().any(|line| line == "work               8000"));
/// assert!(stats::json(&report).starts_with(r#"{"end":"exited","status":0,"#));
/// ```
#[must_use]
pub fn text(report: &RunReport) -> String {
    let mut text = format!("{:<18} {}\n", "end", end_in_words(&report.end));
    for (name, number) in numbers(report) {
        writeln!(text, "{name:<18} {number}").expect("a String takes all");
    }
    text
}

/// Returns the statistics as a JSON object: `end` is how the guest ended, `status` its exit code or
/// null; all others are counts.
#[must_use]
pub fn json(report: &RunReport) -> String {
    Value::from(object(report)).to_string()
}

/// Returns the same, before it is serialized.
#[must_use]
pub fn object(report: &RunReport) -> Map<String, Value> {
    let status = match report.end {
        RunEnd::Exited(status) => Value::from(status),
        _ => Value::Null,
    };
    let mut object = Map::new();
    object.insert("end".to_owned(), end(&report.end).into());
    object.insert("status".to_owned(), status);
    for (name, number) in numbers(report) {
        object.insert(name.to_owned(), number.into());
    }
    object
}

fn end(end: &RunEnd) -> &'static str {
    match end {
        RunEnd::Exited(_) => "exited",
        RunEnd::Killed => "killed",
        RunEnd::Halted => "halted",
        RunEnd::NotLoaded(_) => "not-loaded",
        RunEnd::WorkLimit => WORK_LIMIT,
        RunEnd::Stuck(_) => "stuck",
        RunEnd::Broken(_) => "broken-rule",
        _ => "other",
    }
}

/// Describes how a guest ended.
#[must_use]
pub fn end_in_words(how: &RunEnd) -> String {
    match how {
        RunEnd::Exited(status) => format!("exited with {status}"),
        RunEnd::NotLoaded(why) => format!("not loaded: {why}"),
        RunEnd::Stuck(why) => format!("stuck: {why}"),
        RunEnd::Broken(rule) => format!("a rule is broken: {rule}"),
        other => end(other).to_owned(),
    }
}

fn numbers(report: &RunReport) -> impl Iterator<Item = (&'static str, u64)> {
    let stats = &report.stats;
    let numbers = [
        stats.vm.faults,
        stats.vm.minor_faults,
        stats.vm.major_faults,
        stats.vm.evictions,
        stats.vm.swap_reads,
        stats.vm.swap_writes,
        stats.vm.swap_cached,
        stats.vm.file_reads,
        stats.vm.write_backs,
        stats.vm.copies,
        stats.context_switches,
        stats.kpti_flushes,
        stats.system_calls,
        stats.processes,
        stats.vm.peak_frames,
        stats.vm.peak_slots,
        stats.work,
    ];
    NAMES.into_iter().zip(numbers)
}

#[cfg(test)]
mod tests {
    use userprog::RunStats;

    use super::*;

    fn report(end: RunEnd) -> RunReport {
        RunReport {
            end,
            stats: RunStats {
                work: 7,
                ..RunStats::default()
            },
        }
    }

    #[test]
    fn json_is_flat_and_on_one_line() {
        let json = json(&report(RunEnd::Exited(-1)));
        assert_eq!(json.lines().count(), 1);
        let object: Map<String, Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (&object["status"], &object["work"]),
            (&Value::from(-1), &Value::from(7))
        );
        assert!(
            object
                .values()
                .all(|value| !value.is_object() && !value.is_array())
        );
    }

    #[test]
    fn text_and_json_have_the_same_numbers() {
        let report = report(RunEnd::Killed);
        let object: Map<String, Value> = serde_json::from_str(&json(&report)).unwrap();
        for line in text(&report).lines().skip(1) {
            let (name, number) = line.split_once(' ').unwrap();
            assert_eq!(object[name].to_string(), number.trim());
        }
    }

    #[test]
    fn each_number_has_its_own_name() {
        let mut report = report(RunEnd::Halted);
        report.stats.vm.faults = 1;
        report.stats.vm.swap_cached = 2;
        report.stats.system_calls = 3;
        report.stats.vm.peak_slots = 4;
        let printed = protocol::stats::Printed::in_messages(&json(&report));
        let names = [
            "faults",
            "swap_cached",
            "system_calls",
            "peak_slots",
            "work",
        ];
        assert_eq!(
            names.map(|name| printed.number(name).unwrap()),
            [1, 2, 3, 4, 7]
        );
        assert_eq!(object(&report).len(), NAMES.len() + 2);
    }
}
