//! The Test Anything Protocol, version 14.
//!
//! # Invariants
//!
//! The plan comes first and has the number of tests. Numbers go from 1 without a gap. Diagnostics
//! are YAML whose strings are either blocks or quoted as in JSON.

use std::fmt::Write;

use super::details;
use crate::results::{Results, TestResult};
use crate::verdict::Verdict;

/// Renders the stream.
pub fn render(results: &Results) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", results.tests.len());
    for (number, test) in (1..).zip(&results.tests) {
        let name = escaped(&test.id());
        match &test.verdict {
            Verdict::Passed => line(&mut text, &format!("ok {number} - {name}")),
            Verdict::NotRun(_) => {
                let reason = test.verdict.summary();
                line(&mut text, &format!("ok {number} - {name} # SKIP {reason}"));
            }
            _ => {
                line(&mut text, &format!("not ok {number} - {name}"));
                diagnostics(&mut text, test);
            }
        }
    }
    text
}

fn diagnostics(text: &mut String, test: &TestResult) {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let severity = if test.verdict.is_our_bug() {
        "error"
    } else {
        "fail"
    };
    line(text, "  ---");
    line(
        text,
        &format!("  message: {}", quoted(&test.verdict.summary())),
    );
    line(text, &format!("  severity: {severity}"));
    // A block is indented as its first line, which says what the test shows.
    line(text, "  details: |");
    for detail in details::plain(test).lines() {
        line(text, format!("    {detail}").trim_end());
    }
    line(text, "  ...");
}

/// Escapes a description, so that no character begins a directive.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('#', "\\#")
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes all");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::all_kinds;

    #[test]
    fn the_stream_follows_the_grammar() {
        let text = render(&all_kinds());
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("TAP version 14"));
        assert_eq!(lines.next(), Some("1..7"));
        let mut number = 0;
        let mut in_yaml = false;
        let mut last_failed = false;
        for line in lines {
            if in_yaml {
                assert!(line.is_empty() || line.starts_with("  "), "{line}");
                in_yaml = line != "  ...";
            } else if line == "  ---" {
                assert!(last_failed, "diagnostics belong to what failed");
                in_yaml = true;
            } else {
                number += 1;
                last_failed = line.starts_with("not ok ");
                let rest = line.strip_prefix("not ").unwrap_or(line);
                let start = format!("ok {number} - ");
                let description = rest
                    .strip_prefix(&start)
                    .unwrap_or_else(|| panic!("{line}"));
                let directives = description.matches('#').count();
                assert_eq!(directives, description.matches("# SKIP ").count(), "{line}");
            }
        }
        assert_eq!((number, in_yaml), (7, false));
    }

    #[test]
    fn diagnostics_say_whose_fault_it_is() {
        let text = render(&all_kinds());
        assert_eq!(text.matches("\n  severity: fail\n").count(), 3);
        assert_eq!(text.matches("\n  severity: error\n").count(), 1);
    }
}
