//! What a run took, as lines for people and as one JSON object for programs.
//!
//! What always holds: both show the same numbers under the same names; the object is flat.

use std::fmt::Write;

use serde_json::{Map, Value};
use userprog::{RunEnd, RunReport, RunStats};

/// `end` of a guest that was ended by its work limit.
const WORK_LIMIT: &str = "work-limit";

/// The statistics, a line each.
pub fn text(report: &RunReport) -> String {
    let mut text = format!("{:<18} {}\n", "end", end_in_words(&report.end));
    for (name, number) in numbers(report) {
        writeln!(text, "{name:<18} {number}").expect("a String takes all");
    }
    text
}

/// The statistics as a JSON object: `end` is how the guest ended, `status` what it exited with or
/// null, all else are counts.
pub fn json(report: &RunReport) -> String {
    Value::from(object(report)).to_string()
}

/// The same, not yet written.
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

/// Whether there is a number of this name in the statistics.
pub fn is_name(name: &str) -> bool {
    let none = RunReport {
        end: RunEnd::Halted,
        stats: RunStats::default(),
    };
    numbers(&none).iter().any(|(known, _)| *known == name)
}

/// The statistics that `vmlab run --stats=json` printed.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Printed {
    object: Map<String, Value>,
}

impl Printed {
    /// Finds them on the last line of the command's messages; without them there are none.
    pub fn in_messages(messages: &str) -> Printed {
        let last = messages.lines().last().unwrap_or_default();
        Printed {
            object: serde_json::from_str(last).unwrap_or_default(),
        }
    }

    /// Whether the work limit ended the guest.
    pub fn work_limit(&self) -> bool {
        self.object.get("end") == Some(&WORK_LIMIT.into())
    }

    /// A number by its name.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.object.get(name)?.as_u64()
    }
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

/// How a guest ended, for people.
pub fn end_in_words(how: &RunEnd) -> String {
    match how {
        RunEnd::Exited(status) => format!("exited with {status}"),
        RunEnd::NotLoaded(why) => format!("not loaded: {why}"),
        RunEnd::Stuck(why) => format!("stuck: {why}"),
        RunEnd::Broken(rule) => format!("a rule is broken: {rule}"),
        other => end(other).to_owned(),
    }
}

fn numbers(report: &RunReport) -> [(&'static str, u64); 17] {
    let stats = &report.stats;
    [
        ("faults", stats.vm.faults),
        ("minor_faults", stats.vm.minor_faults),
        ("major_faults", stats.vm.major_faults),
        ("evictions", stats.vm.evictions),
        ("swap_reads", stats.vm.swap_reads),
        ("swap_writes", stats.vm.swap_writes),
        ("swap_cached", stats.vm.swap_cached),
        ("file_reads", stats.vm.file_reads),
        ("write_backs", stats.vm.write_backs),
        ("copies", stats.vm.copies),
        ("context_switches", stats.context_switches),
        ("kpti_flushes", stats.kpti_flushes),
        ("system_calls", stats.system_calls),
        ("processes", stats.processes),
        ("peak_frames", stats.vm.peak_frames),
        ("peak_slots", stats.vm.peak_slots),
        ("work", stats.work),
    ]
}

#[cfg(test)]
mod tests {
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
    fn a_number_is_found_by_its_name() {
        let printed = Printed::in_messages(&json(&report(RunEnd::Halted)));
        assert_eq!(printed.number("work"), Some(7));
        assert_eq!((printed.number("end"), printed.number("x")), (None, None));
        assert!(is_name("swap_writes") && !is_name("end"));
    }

    #[test]
    fn a_work_limit_is_told_from_other_ends_and_messages() {
        let limit = json(&report(RunEnd::WorkLimit));
        let work_limit = |messages: &str| Printed::in_messages(messages).work_limit();
        assert!(work_limit(&format!("vmlab: some warning\n{limit}\n")));
        assert!(!work_limit(&json(&report(RunEnd::Killed))));
        assert!(!work_limit("work-limit"));
        assert!(!work_limit(""));
    }
}
