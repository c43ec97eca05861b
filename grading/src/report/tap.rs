//! The Test Anything Protocol, version 14.
//!
//! # Invariants
//!
//! The plan comes first and has the number of tests. Numbers go from 1 without a gap. Diagnostics
//! are YAML whose strings are either blocks or quoted as in JSON.

use std::fmt::Write;

use super::details;
use super::words::Words;
use crate::printable::printable;
use crate::results::{Results, TestResult};
use crate::verdict::Verdict;

/// Renders the stream.
pub(super) fn render(results: &Results) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", results.tests.len());
    for (number, test) in (1..).zip(&results.tests) {
        let name = escaped(&test.id());
        match (&test.verdict, Words::of(&test.verdict).tap) {
            (_, Some(severity)) => {
                line(&mut text, &format!("not ok {number} - {name}"));
                diagnostics(&mut text, test, severity);
            }
            (Verdict::NotRun(_), None) => {
                let reason = test.verdict.summary();
                line(&mut text, &format!("ok {number} - {name} # SKIP {reason}"));
            }
            (_, None) => line(&mut text, &format!("ok {number} - {name}")),
        }
    }
    text
}

fn diagnostics(text: &mut String, test: &TestResult, severity: &str) {
    let quoted = |text: &str| serde_json::Value::from(printable(text)).to_string();
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
    use crate::results::tests::{all_kinds, hostile};

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

    /// The diagnostics of a stream, each as the text of its YAML document.
    fn diagnostics_of(stream: &str) -> Vec<String> {
        let parts = stream.split("\n  ---\n").skip(1);
        let parts = parts.map(|part| part.split_once("\n  ...\n").expect("it ends").0);
        parts.map(|part| format!("{part}\n")).collect()
    }

    #[test]
    fn whatever_a_program_prints_it_is_yaml() {
        let results = hostile();
        let found = diagnostics_of(&render(&results));
        assert_eq!(found.len(), results.tests.len());
        for (yaml, test) in found.iter().zip(&results.tests) {
            // YAML 1.2, rule 1 and 26: what may stand in a block.
            let is_allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
            assert!(
                yaml.chars().all(|c| is_allowed(c) && c != '\u{feff}'),
                "{yaml}"
            );
            let documents = yaml_rust2::YamlLoader::load_from_str(yaml);
            let documents = documents.unwrap_or_else(|error| panic!("{error}: {yaml}"));
            let [document] = documents.as_slice() else {
                panic!("{yaml}")
            };
            let summary = printable(&test.verdict.summary());
            assert_eq!(document["message"].as_str(), Some(summary.as_str()));
            let details = details::plain(test);
            let details: Vec<_> = details.lines().map(str::trim_end).collect();
            assert_eq!(
                document["details"].as_str(),
                Some(format!("{}\n", details.join("\n")).as_str())
            );
        }
    }

    #[test]
    fn diagnostics_say_whose_fault_it_is() {
        let text = render(&all_kinds());
        assert_eq!(text.matches("\n  severity: fail\n").count(), 3);
        assert_eq!(text.matches("\n  severity: error\n").count(), 1);
    }
}
