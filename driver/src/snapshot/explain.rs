//! Explains how the first event that differs from a snapshot differs.
//!
//! # Invariants
//!
//! The explanation follows from the lines alone, parsed by the log's grammar. Work and fault
//! numbers, which shift after every change, are only mentioned if nothing else differs.

use crate::fault_log::line::{Clause, Line};

/// The wording for another frame.
const ABOUT_FRAME: &str = "it is about frame";

/// Explains the difference between the first expected and the first actual lines.
pub(super) fn explain(expected: &[String], actual: &[String]) -> String {
    let (Some(first_expected), Some(first_actual)) = (expected.first(), actual.first()) else {
        return match (expected.first(), actual.first()) {
            (Some(line), _) => format!("the log ends here; expected is {}", described(line)),
            (_, Some(line)) => format!("the log goes on with {}", described(line)),
            (None, None) => String::new(),
        };
    };
    let (Some(old), Some(new)) = (Line::parse(first_expected), Line::parse(first_actual)) else {
        return "a line is not one of the fault log's".to_owned();
    };
    if is_same_event(&old.event, &new.event) {
        return changes(&old, &new);
    }
    let is_in = |event: &Clause, lines: &[String]| {
        let lines = lines.iter().filter_map(|line| Line::parse(line));
        lines
            .map(|line| line.event)
            .any(|other| is_same_event(event, &other))
    };
    let (came, wanted) = (described(first_actual), described(first_expected));
    match (
        is_in(&new.event, &expected[1..]),
        is_in(&old.event, &actual[1..]),
    ) {
        (false, true) => format!("an event too many: {came}; {wanted} comes later"),
        (true, false) => format!("an event is missing: {wanted}; {came} was expected later"),
        (true, true) => format!("another order: {came} comes before {wanted}"),
        (false, false) => format!("another event: {came}, in place of {wanted}"),
    }
}

/// Returns whether two events are about the same: one kind, one process, one address.
fn is_same_event(a: &Clause, b: &Clause) -> bool {
    let about = |clause: &Clause| {
        let keys = ["pid", "addr", "page", "pages", "file", "slot"];
        // The `page` field of a fault is the state of the page, not its number.
        let is_state = |key: &str| clause.word == "fault" && key == "page";
        let fields = keys.iter().filter(|key| !is_state(key));
        let fields: Vec<_> = fields
            .map(|key| clause.field(key).map(str::to_owned))
            .collect();
        let frame = match clause.word.as_str() {
            "free" | "write-back" | "page-out-failed" => clause.field("frame").map(str::to_owned),
            _ => None,
        };
        (clause.word.clone(), fields, frame)
    };
    about(a) == about(b)
}

/// Describes the differences between two lines about the same event.
fn changes(old: &Line, new: &Line) -> String {
    let (a, b) = (&old.event, &new.event);
    let mut changes = field_changes(a, b);
    changes.extend(outcome_changes(a, b));
    if let (Some(old), Some(new)) = (&a.why, &b.why)
        && old != new
    {
        changes.push(format!("the reason is '{new}', not '{old}'"));
    }
    if changes.is_empty() {
        if a.field("n") != b.field("n") {
            let number = |clause: &Clause| clause.field("n").unwrap_or("?").to_owned();
            changes.push(format!("it is fault {}, not {}", number(b), number(a)));
        }
        if old.work != new.work {
            changes.push(format!(
                "it comes at work {}, not {}: what ran before took another way",
                new.work, old.work
            ));
        }
    }
    format!("the same event, {}, but {}", words(b), changes.join("; "))
}

fn field_changes(a: &Clause, b: &Clause) -> Vec<String> {
    let mut keys: Vec<&str> = a.fields.iter().map(|(key, _)| key.as_str()).collect();
    let others = b.fields.iter().map(|(key, _)| key.as_str());
    keys.extend(others.filter(|key| a.field(key).is_none()));
    let changed = keys
        .into_iter()
        .filter(|key| *key != "n" && a.field(key) != b.field(key));
    changed
        .map(|key| {
            let (old, new) = (
                a.field(key).unwrap_or("none"),
                b.field(key).unwrap_or("none"),
            );
            match key {
                "page" => format!("the page was {}, not {}", place(new), place(old)),
                "frame" => format!("{ABOUT_FRAME} {new}, not {old}"),
                "eip" => format!("another instruction did it, at {new}, not {old}"),
                "at" => format!("another line did it, {new}, not {old}"),
                "rights" => format!("the page's rights are {new}, not {old}"),
                "esp" => format!("the stack pointer is {new}, not {old}"),
                _ => format!("{key} is {new}, not {old}"),
            }
        })
        .collect()
}

/// Describes the state of a page.
fn place(value: &str) -> String {
    match value.split_once(':') {
        Some(("slot", slot)) => format!("in slot {slot}"),
        Some(("frame", frame)) => format!("in frame {frame}"),
        _ => value.to_owned(),
    }
}

/// Describes differences in the outcome of an event and in its victims.
fn outcome_changes(a: &Clause, b: &Clause) -> Vec<String> {
    let done = |clause: &Clause| -> Vec<Clause> {
        let done = clause.then.iter().filter(|one| one.word != "evict");
        done.cloned().collect()
    };
    let displaced = |clause: &Clause| -> Vec<Clause> {
        let evictions = clause.then.iter().filter(|one| one.word == "evict");
        evictions.cloned().collect()
    };
    let mut changes = victim_changes(&displaced(a), &displaced(b));
    let other_victim = !changes.is_empty();
    let (old, new) = (done(a), done(b));
    let kinds = |clauses: &[Clause]| -> Vec<String> {
        clauses.iter().map(|clause| clause.word.clone()).collect()
    };
    if kinds(&old) != kinds(&new) {
        let (old, new) = (all_words(&old), all_words(&new));
        changes.insert(0, format!("what was done is {new}, not {old}"));
        return changes;
    }
    for (old, new) in old.iter().zip(&new) {
        // Another victim means another frame.
        let fields = field_changes(old, new).into_iter();
        let fields = fields.filter(|change| !(other_victim && change.starts_with(ABOUT_FRAME)));
        changes.extend(fields.map(|change| format!("in {}: {change}", new.word)));
        if let (Some(old), Some(new)) = (&old.why, &new.why)
            && old != new
        {
            changes.push(format!("it was killed for '{new}', not '{old}'"));
        }
    }
    changes
}

/// Describes differences in the victims.
fn victim_changes(old: &[Clause], new: &[Clause]) -> Vec<String> {
    let change = match (old.first(), new.first()) {
        (None, Some(new)) => format!(
            "{} lost its frame for it, and nobody should have",
            victim(new)
        ),
        (Some(old), None) => format!(
            "nobody lost a frame for it, and {} should have",
            victim(old)
        ),
        (Some(old), Some(new)) if victim(old) != victim(new) => format!(
            "another victim: {} lost its frame for it, not {}",
            victim(new),
            victim(old)
        ),
        (Some(old), Some(new)) if old != new => {
            let then = |clause: &Clause| all_words(&clause.then);
            match then(old) == then(new) {
                true => format!("{} was in another frame", victim(new)),
                false => format!("{} was {}, not {}", victim(new), then(new), then(old)),
            }
        }
        _ if old != new => "another page lost its frame for it, too".to_owned(),
        _ => return Vec::new(),
    };
    vec![change]
}

fn victim(eviction: &Clause) -> String {
    let field = |key| eviction.field(key).unwrap_or("?");
    format!("page {} of process {}", field("page"), field("pid"))
}

/// Describes a line.
fn described(line: &str) -> String {
    match Line::parse(line) {
        Some(line) => words(&line.event),
        None => format!("'{line}'"),
    }
}

/// Describes an event: a fault by its page, others by their fields.
fn words(event: &Clause) -> String {
    let field = |key| event.field(key).unwrap_or("?");
    match event.word.as_str() {
        "fault" => {
            let symbol = event
                .field("symbol")
                .map_or(String::new(), |symbol| format!(" ({symbol})"));
            format!(
                "the fault of process {} on {}{symbol}, a {}",
                field("pid"),
                field("addr"),
                field("access")
            )
        }
        "evict" => format!("the eviction of {}", victim(event)),
        "start" => format!("the start of process {} ({})", field("pid"), field("name")),
        "end" => format!("the end of process {}", field("pid")),
        "pte" => format!(
            "a change of the entry of page {} of process {}",
            field("page"),
            field("pid")
        ),
        word => {
            let fields = event
                .fields
                .iter()
                .map(|(key, value)| format!(" {key}={value}"));
            format!("`{word}{}`", fields.collect::<String>())
        }
    }
}

/// Returns what was done, in the words of the log.
fn all_words(clauses: &[Clause]) -> String {
    let words = clauses.iter().map(|clause| {
        let slot = clause
            .field("slot")
            .map_or(String::new(), |slot| format!(" slot {slot}"));
        format!("{}{slot}", clause.word)
    });
    match words.collect::<Vec<_>>() {
        words if words.is_empty() => "nothing".to_owned(),
        words => words.join(" and "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULT: &str = "9 fault n=3 pid=1 addr=0x0804b000 access=write page=slot:4: swap-in slot=4 frame=9, evict frame=9 pid=1 page=0x0807b000: swap-out slot=0";

    fn explained(expected: &[&str], actual: &[&str]) -> String {
        let lines = |lines: &[&str]| {
            lines
                .iter()
                .map(|line| (*line).to_owned())
                .collect::<Vec<_>>()
        };
        explain(&lines(expected), &lines(actual))
    }

    #[track_caller]
    fn says(new: &str, what: &str) {
        let text = explained(&[FAULT], &[new]);
        assert!(text.contains(what), "{text}");
    }

    #[test]
    fn another_victim_is_named_with_the_one_that_was_expected() {
        says(
            &FAULT.replace("0x0807b000", "0x0807c000"),
            "another victim: page 0x0807c000 of process 1 lost its frame for it, not page 0x0807b000 of process 1",
        );
    }

    #[test]
    fn another_outcome_another_place_and_another_frame_are_said() {
        let zeros = FAULT.replace("slot:4: swap-in slot=4 frame", "untouched: zero-fill frame");
        says(&zeros, "the page was untouched, not in slot 4");
        says(&zeros, "what was done is zero-fill, not swap-in slot 4");
        says(
            &FAULT.replace("swap-in slot=4 frame=9", "swap-in slot=4 frame=8"),
            "in swap-in: it is about frame 8, not 9",
        );
        says(
            &FAULT.replace(": swap-out slot=0", ": dropped"),
            "page 0x0807b000 of process 1 was dropped, not swap-out slot 0",
        );
        let alone = FAULT.split(", evict").next().unwrap();
        says(alone, "nobody lost a frame for it");
    }

    #[test]
    fn work_is_named_if_nothing_else_differs() {
        says(
            &FAULT.replace("9 fault", "12 fault"),
            "it comes at work 12, not 9",
        );
        says(&FAULT.replace("n=3", "n=4"), "it is fault 4, not 3");
    }

    #[test]
    fn an_event_too_many_a_missing_one_and_another_are_told_apart() {
        let (a, b, c) = ("1 free frame=1", "2 free frame=2", "3 free frame=3");
        assert!(explained(&[a, b], &[c, a, b]).starts_with("an event too many: `free frame=3`"));
        assert!(explained(&[a, b], &[b]).starts_with("an event is missing: `free frame=1`"));
        assert!(explained(&[a], &[c]).starts_with("another event: `free frame=3`"));
        assert!(explained(&[a, b], &[b, a]).starts_with("another order"));
    }
}
