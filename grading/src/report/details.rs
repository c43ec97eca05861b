//! What is to be said about a test that did not pass, line by line, for all formats.
//!
//! What always holds: apart from the escape sequences of colours there is no control character in
//! it but tab and line end, whatever the guest and the kernel printed.

use crate::difference;
use crate::results::TestResult;
use crate::verdict::Verdict;

/// The details, with escape sequences for colours and without a line end at the end.
pub fn render(test: &TestResult) -> String {
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
        parts.push("what the console shows is as expected".to_owned());
    }
    if let Some(messages) = test.verdict.messages() {
        parts.push(printable(messages.trim_end()));
    }
    parts.extend(test.deaths.iter().map(|death| printable(death)));
    if !test.events.is_empty() {
        parts.push("last events of the fault log (work, event):".to_owned());
        parts.extend(test.events.iter().map(|event| format!("  {event}")));
    }
    parts.join("\n")
}

/// The same without colours.
pub fn plain(test: &TestResult) -> String {
    anstream::adapter::strip_str(&render(test)).to_string()
}

/// Text with its control characters made visible.
fn printable(text: &str) -> String {
    let mut printable = String::new();
    for c in text.chars() {
        if c.is_control() && c != '\n' && c != '\t' {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
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
