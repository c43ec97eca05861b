//! Gradescope's `results.json`.
//!
//! # Invariants
//!
//! The score at the top is the weighted one, in per cent, and overrides the points of the tests.
//! The file contains no NaN, no CR and no control character.

use serde::Serialize;

use super::details;
use super::words::Words;
use crate::results::{Results, TestResult};

#[derive(Serialize)]
struct Document {
    score: f64,
    execution_time: f64,
    output: String,
    output_format: &'static str,
    test_output_format: &'static str,
    visibility: &'static str,
    stdout_visibility: &'static str,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    number: String,
    score: u32,
    max_score: u32,
    status: &'static str,
    output: String,
    tags: Vec<String>,
    visibility: &'static str,
}

/// Renders `results.json`.
pub(super) fn render(results: &Results) -> String {
    let mut output = format!("Total testing score: {:.1} %", results.score());
    if let Some(extra) = results.extra() {
        output += &format!("\nExtra points: {} of {}", extra.got, extra.max);
    }
    let seconds: f64 = results.tests.iter().map(|test| test.seconds).sum();
    let document = Document {
        score: results.score(),
        execution_time: (seconds * 1e3).round() / 1e3,
        output,
        output_format: "text",
        test_output_format: "ansi",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: numbered(&results.tests),
    };
    let json = serde_json::to_string_pretty(&document).expect("results are plain data");
    format!("{json}\n")
}

/// Returns the tests, numbered within their suites: 1.1, 1.2, 2.1...
fn numbered(tests: &[TestResult]) -> Vec<Test> {
    let (mut suite, mut place) = (0, 0);
    let mut last = None;
    let mut numbered = Vec::new();
    for test in tests {
        if last.replace(&test.suite) != Some(&test.suite) {
            (suite, place) = (suite + 1, 0);
        }
        place += 1;
        let passed = test.verdict.passed();
        numbered.push(Test {
            name: test.id(),
            number: format!("{suite}.{place}"),
            score: test.got(),
            max_score: test.points,
            status: Words::of(&test.verdict).gradescope,
            output: if passed {
                test.shows.clone()
            } else {
                format!("{}\n{}", test.verdict.summary(), details::render(test))
            },
            tags: test.tags.clone(),
            visibility: "visible",
        });
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::all_kinds;
    use serde_json::Value;

    const TOP: &[&str] = &[
        "score",
        "execution_time",
        "output",
        "output_format",
        "test_output_format",
        "test_name_format",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
        "leaderboard",
    ];
    const OF_A_TEST: &[&str] = &[
        "score",
        "max_score",
        "status",
        "name",
        "name_format",
        "number",
        "output",
        "output_format",
        "tags",
        "visibility",
        "extra_data",
    ];
    const FORMATS: &[&str] = &["text", "html", "simple_format", "md", "ansi"];
    const VISIBILITIES: &[&str] = &["hidden", "after_due_date", "after_published", "visible"];

    #[test]
    fn only_known_fields_with_known_values_are_there() {
        let text = render(&all_kinds());
        assert!(!text.contains('\r') && !text.contains("NaN"));
        let json: Value = serde_json::from_str(&text).unwrap();
        let one_of = |value: &Value, all: &[&str]| all.contains(&value.as_str().unwrap());
        assert!(
            json.as_object()
                .unwrap()
                .keys()
                .all(|key| TOP.contains(&key.as_str()))
        );
        assert!(one_of(&json["output_format"], FORMATS));
        assert!(one_of(&json["test_output_format"], FORMATS));
        assert!(one_of(&json["stdout_visibility"], VISIBILITIES));
        for test in json["tests"].as_array().unwrap() {
            let mut keys = test.as_object().unwrap().keys();
            assert!(keys.all(|key| OF_A_TEST.contains(&key.as_str())));
            assert!(one_of(&test["status"], &["passed", "failed"]));
            assert!(one_of(&test["visibility"], VISIBILITIES));
            assert!(test["score"].as_f64() <= test["max_score"].as_f64());
            assert!(test["number"].is_string() && test["tags"].is_array());
        }
    }

    #[test]
    fn tests_are_numbered_within_their_suites() {
        let json: Value = serde_json::from_str(&render(&all_kinds())).unwrap();
        let tests = json["tests"].as_array().unwrap();
        let numbers: Vec<_> = tests
            .iter()
            .map(|t| t["number"].as_str().unwrap())
            .collect();
        assert_eq!(numbers, ["1.1", "1.2", "2.1", "3.1", "3.2", "3.3", "3.4"]);
    }
}
