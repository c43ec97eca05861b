//! JUnit XML, in the dialect that Jenkins reads.
//!
//! # Invariants
//!
//! A wrong result is a `failure`; a crash, a hang, a work limit and a test that could not be run
//! are an `error`. The document contains no control characters.

use std::time::Duration;

use quick_junit::{Report, TestCase, TestCaseStatus, TestSuite};

use super::details;
use super::words::{Junit, Words};
use crate::printable::printable;
use crate::results::{Results, TestResult};

/// Renders the document.
pub(super) fn render(results: &Results) -> String {
    let mut report = Report::new("vmlab");
    let mut suites: Vec<TestSuite> = Vec::new();
    for test in &results.tests {
        if suites
            .last()
            .is_none_or(|suite| suite.name.as_str() != test.suite)
        {
            suites.push(TestSuite::new(test.suite.as_str()));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(test));
        }
    }
    let times = results.tests.iter().map(|test| test.seconds).sum();
    report.set_time(seconds(times));
    report.add_test_suites(suites);
    let mut xml = report.to_string().expect("a String takes all");
    if !xml.ends_with('\n') {
        xml.push('\n');
    }
    xml
}

fn case(test: &TestResult) -> TestCase {
    let summary = || printable(&test.verdict.summary());
    let status = match Words::of(&test.verdict).junit {
        Junit::Success => TestCaseStatus::success(),
        Junit::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(summary());
            return TestCase::new(test.name.as_str(), status);
        }
        Junit::Not(kind) => {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(summary());
            status.set_description(details::plain(test));
            status
        }
    };
    let mut case = TestCase::new(test.name.as_str(), status);
    case.set_classname(format!("vmlab.{}", test.suite));
    case.set_time(seconds(test.seconds));
    case
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{all_kinds, hostile};

    #[test]
    fn the_document_can_be_read_and_counts_what_is_in_it() {
        let xml = render(&all_kinds());
        let report = Report::deserialize_from_str(&xml).unwrap();
        assert_eq!((report.tests, report.failures, report.errors), (7, 1, 3));
        let suites: Vec<_> = report.test_suites.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(suites, ["vm", "filesys", "hostile"]);
        let skipped = xml.matches("<skipped ").count();
        assert_eq!(skipped, 1);
    }

    #[test]
    fn whatever_a_program_prints_it_is_xml() {
        let xml = render(&hostile());
        let document =
            roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
        let cases = document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"));
        assert_eq!(cases.count(), 6);
        let told = document.descendants().filter_map(|node| node.text());
        assert!(
            told.into_iter()
                .any(|text| text.contains("\\u{fffe}\\u{ffff}")),
            "{xml}"
        );
    }

    #[test]
    fn there_are_no_control_characters_and_everything_is_escaped() {
        let xml = render(&all_kinds());
        assert!(!xml.contains(|c: char| c.is_control() && c != '\n'));
        assert!(xml.contains("a &lt;&amp;&gt;"), "{xml}");
    }
}
