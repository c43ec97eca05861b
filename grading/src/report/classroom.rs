//! The result that GitHub Classroom's reporter expects from a runner: a JSON object in base64.
//!
//! # Invariants
//!
//! The reporter's table counts passed tests, and its notice adds up their scores; here every test
//! is worth 1, so that both agree. `error` fails the job, and is reserved for failures that are not
//! the student's fault.

use serde::Serialize;

use super::base64::encode;
use super::details;
use crate::results::{Results, TestResult};
use crate::verdict::Verdict;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document {
    version: u32,
    status: &'static str,
    max_score: usize,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    status: &'static str,
    message: String,
    test_code: String,
    filename: String,
    line_no: u32,
    execution_time: String,
    score: u32,
}

/// Renders the value of the runner's result.
pub fn render(results: &Results) -> String {
    let tests: Vec<Test> = results.tests.iter().map(Test::of).collect();
    let has = |status| tests.iter().any(|test| test.status == status);
    let document = Document {
        version: VERSION,
        status: match (has("error"), has("fail")) {
            (true, _) => "error",
            (false, true) => "fail",
            (false, false) => "pass",
        },
        max_score: tests.len(),
        tests,
    };
    let json = serde_json::to_vec(&document).expect("results are plain data");
    format!("{}\n", encode(&json))
}

impl Test {
    fn of(test: &TestResult) -> Test {
        let status = match &test.verdict {
            Verdict::Passed => "pass",
            verdict if verdict.is_our_bug() => "error",
            _ => "fail",
        };
        let message = match status {
            "pass" => String::new(),
            _ => format!("{}\n{}", test.verdict.summary(), details::plain(test)),
        };
        Test {
            name: test.id(),
            status,
            message,
            test_code: test.repeat.clone(),
            filename: String::new(),
            line_no: 0,
            execution_time: format!("{:.3}s", test.seconds),
            score: u32::from(test.verdict.passed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{all_kinds, result, results};
    use serde_json::Value;

    /// Decodes the result of [`encode`], bit by bit.
    fn decode(text: &str) -> Vec<u8> {
        const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digits = text.trim_end().trim_end_matches('=').chars();
        let bits: Vec<bool> = digits
            .map(|digit| DIGITS.find(digit).expect("a digit"))
            .flat_map(|value| (0..6).rev().map(move |bit| value >> bit & 1 == 1))
            .collect();
        let bytes = bits.chunks_exact(8);
        bytes
            .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
            .collect()
    }

    fn document(results: &Results) -> Value {
        serde_json::from_slice(&decode(&render(results))).unwrap()
    }

    #[test]
    fn the_table_and_the_notice_say_the_same() {
        let json = document(&all_kinds());
        let tests = json["tests"].as_array().unwrap();
        let passes = tests.iter().filter(|test| test["status"] == "pass").count() as f64;
        let table = passes / tests.len() as f64 * json["max_score"].as_f64().unwrap();
        let notice: f64 = tests
            .iter()
            .map(|test| test["score"].as_f64().unwrap())
            .sum();
        assert_eq!(table, notice);
    }

    #[test]
    fn the_fields_are_those_of_the_reporter() {
        let json = document(&all_kinds());
        assert_eq!(
            (&json["version"], &json["status"]),
            (&1.into(), &"error".into())
        );
        for test in json["tests"].as_array().unwrap() {
            let keys: Vec<_> = test.as_object().unwrap().keys().collect();
            let expected = [
                "name",
                "status",
                "message",
                "test_code",
                "filename",
                "line_no",
                "execution_time",
                "score",
            ];
            assert_eq!(keys, expected);
            assert!(["pass", "fail", "error"].contains(&test["status"].as_str().unwrap()));
        }
    }

    #[test]
    fn only_what_is_no_fault_of_a_student_is_an_error() {
        let one = |verdict| document(&results(vec![result(1, "vm", 1, verdict)]))["status"].clone();
        assert_eq!(one(Verdict::Passed), "pass");
        assert_eq!(one(crate::results::tests::failed()), "fail");
        assert_eq!(one(Verdict::Hang(1)), "fail");
        assert_eq!(one(Verdict::Bug("x".to_owned())), "error");
    }
}
