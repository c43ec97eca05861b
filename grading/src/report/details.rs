//! The details about a test that did not pass, line by line, for all formats.
//!
//! # Invariants
//!
//! Apart from the escape sequences of colours they contain no control character except tab and
//! newline, whatever the guest and the kernel printed.

use crate::printable::printable;
use crate::results::TestResult;
use crate::verdict::Verdict;
use protocol::difference;

/// Returns the details, with escape sequences for colours and without a final newline.
pub(crate) fn render(test: &TestResult) -> String {
    let mut parts = vec![
        format!("shows: {}", test.shows),
        format!("again: {}", printable(&test.repeat)),
    ];
    parts.extend(test.notes.iter().map(|note| format!("note: {note}")));
    for complaint in test.verdict.complaints() {
        match complaint.comparison() {
            Some(comparison) => {
                parts.push(format!("{}:", complaint.summary()));
                let first = complaint.first_line();
                parts.push(difference::render_from(first, comparison));
            }
            None => parts.push(complaint.summary()),
        }
    }
    if matches!(&test.verdict, Verdict::WorkLimit(none) if none.is_empty()) {
        parts.push("the console is as expected".to_owned());
    }
    if let Verdict::KernelPanic(panic) = &test.verdict {
        let frames = panic.frames.iter();
        parts.extend(frames.map(|frame| printable(&format!("in {frame}"))));
    }
    if let Some(messages) = test.verdict.messages() {
        parts.push(printable(messages.trim_end()));
    }
    parts.extend(test.deaths.iter().map(|death| printable(death)));
    if !test.events.is_empty() {
        parts.push("last events of the fault log (work, event):".to_owned());
        parts.extend(
            folded(&test.events)
                .iter()
                .map(|event| format!("  {event}")),
        );
    }
    if !test.console.is_empty() {
        parts.push("last lines of the console:".to_owned());
        let lines = test.console.iter();
        parts.extend(lines.map(|line| format!("  {}", printable(line))));
    }
    parts.join("\n")
}

/// Returns events with runs of similar ones shortened: of such a run, the first and the last three
/// are shown.
fn folded(events: &[String]) -> Vec<String> {
    let kind = |event: &String| event.split_whitespace().nth(1).unwrap_or("").to_owned();
    let mut lines = Vec::new();
    for alike in events.chunk_by(|one, next| kind(one) == kind(next)) {
        match alike {
            [first, between @ .., _, _, _] if between.len() > 1 => {
                let (count, kind) = (between.len(), kind(first));
                let folded = format!("{:>10} {count} more like it: {kind}", "...");
                lines.extend([first.clone(), folded]);
                lines.extend_from_slice(&alike[alike.len() - 3..]);
            }
            few => lines.extend_from_slice(few),
        }
    }
    lines
}

/// Returns the same without colours.
pub(crate) fn plain(test: &TestResult) -> String {
    printable(&anstream::adapter::strip_str(&render(test)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::all_kinds;

    #[test]
    fn everything_that_is_known_is_said() {
        let text = plain(&all_kinds().tests[1]);
        for part in [
            "shows: It works.",
            "again: ./vmlab run hello",
            "note: a note",
            "-a <&> \"b\"",
            "hello died at a.c:1",
            "  1 fault pid=1",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn events_that_are_alike_are_folded() {
        let event = |number: usize| format!("{number} fault n={number}");
        let mut events = vec!["0 run".to_owned()];
        events.extend((1..=9).map(event));
        events.push("10 end".to_owned());
        let lines = folded(&events);
        assert_eq!(lines[..2], ["0 run", "1 fault n=1"]);
        assert_eq!(lines[2], "       ... 5 more like it: fault");
        assert_eq!(
            lines[3..],
            [event(7), event(8), event(9), events[10].clone()]
        );
        let few: Vec<String> = (1..=5).map(event).collect();
        assert_eq!(folded(&few), few);
    }

    #[test]
    fn no_control_character_gets_through() {
        for test in all_kinds().tests {
            let text = plain(&test);
            assert!(
                !text.contains(|c: char| c.is_control() && c != '\n'),
                "{text:?}"
            );
        }
    }
}
