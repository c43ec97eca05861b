//! The result that GitHub Classroom's reporter expects from a runner: a JSON object in base64.
//!
//! # Invariants
//!
//! The reporter adds up the scores of the tests, and the runner's `max_score` is what they can add
//! up to: each test counts its points. `error` fails the job, and is kept for what is no student's
//! fault. However many tests there are, and whatever failed, the text fits a variable of the
//! environment ([`MOST`]): messages are cut first, all to the same length; then a suite counts as
//! one test.

use std::ops::AddAssign;

use serde::Serialize;

use super::base64::encode;
use super::details;
use super::words::Words;
use crate::printable::printable;
use crate::results::{Results, TestResult};

/// The most bytes that the result may have: an environment's variable has 128 KiB on Linux, its
/// name among it.
const MOST: usize = 100_000;
/// To how many bytes messages are cut, from the first of these on with which the result is not too
/// long.
const CUTS: [usize; 6] = [4000, 1500, 600, 250, 100, 0];

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document {
    version: u32,
    status: &'static str,
    max_score: u64,
    tests: Vec<Test>,
}

#[derive(Clone, Serialize)]
struct Test {
    name: String,
    status: &'static str,
    message: String,
    test_code: String,
    filename: String,
    line_no: u32,
    execution_time: String,
    score: u64,
    #[serde(skip)]
    seconds: f64,
}

/// Renders the value of the runner's result.
pub(super) fn render(results: &Results) -> String {
    let tests: Vec<Test> = results.tests.iter().map(Test::of).collect();
    let cut = CUTS.iter().map(|most| {
        let tests = tests.iter().map(|test| test.with_message_of(*most));
        document(results, tests.collect())
    });
    let mut fitting = cut.filter(|text| text.len() <= MOST);
    let whole = || document(results, by_suite(results, &tests));
    fitting.next().unwrap_or_else(whole)
}

fn document(results: &Results, tests: Vec<Test>) -> String {
    let has = |status| tests.iter().any(|test| test.status == status);
    let document = Document {
        version: VERSION,
        status: match (has("error"), has("fail")) {
            (true, _) => "error",
            (false, true) => "fail",
            (false, false) => "pass",
        },
        max_score: results
            .tests
            .iter()
            .map(|test| u64::from(test.points))
            .sum(),
        tests,
    };
    let json = serde_json::to_vec(&document).expect("results are plain data");
    format!("{}\n", encode(&json))
}

/// One test for each suite, where there are too many.
fn by_suite(results: &Results, tests: &[Test]) -> Vec<Test> {
    let mut suites: Vec<(&str, Counts, Test)> = Vec::new();
    for (result, test) in results.tests.iter().zip(tests) {
        let counts = Counts::of(test);
        match suites.iter_mut().find(|(name, ..)| *name == result.suite) {
            Some((_, all, suite)) => {
                *all += counts;
                suite.score += test.score;
                if test.status != "pass" && suite.status != "error" {
                    suite.status = test.status;
                }
            }
            None => {
                let (name, message) = (result.suite.clone(), String::new());
                let test_code = format!("./vmlab grade --suite {name}");
                let suite = Test {
                    name,
                    message,
                    test_code,
                    ..test.clone()
                };
                suites.push((&result.suite, counts, suite));
            }
        }
    }
    let told = suites.into_iter().map(|(_, counts, suite)| Test {
        message: format!("{} of {} tests passed", counts.passed, counts.all),
        execution_time: format!("{:.3}s", counts.seconds),
        ..suite
    });
    told.collect()
}

/// What the tests of a suite come to.
struct Counts {
    all: u32,
    passed: u32,
    seconds: f64,
}

impl Counts {
    fn of(test: &Test) -> Counts {
        Counts {
            all: 1,
            passed: u32::from(test.status == "pass"),
            seconds: test.seconds,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.all += other.all;
        self.passed += other.passed;
        self.seconds += other.seconds;
    }
}

impl Test {
    fn of(test: &TestResult) -> Test {
        let status = Words::of(&test.verdict).classroom;
        let message = match status {
            "pass" => String::new(),
            _ => format!(
                "{}\n{}",
                printable(&test.verdict.summary()),
                details::plain(test)
            ),
        };
        Test {
            name: test.id(),
            status,
            message,
            test_code: test.repeat.clone(),
            filename: String::new(),
            line_no: 0,
            execution_time: format!("{:.3}s", test.seconds),
            score: test.got().into(),
            seconds: test.seconds,
        }
    }

    /// The same with no more than so many bytes of its message.
    fn with_message_of(&self, most: usize) -> Test {
        let mut test = self.clone();
        let whole = test.message.len();
        if whole > most {
            let end = (0..=most)
                .rev()
                .find(|&at| test.message.is_char_boundary(at));
            test.message.truncate(end.unwrap_or(0));
            test.message += &format!("... ({whole} bytes; {} shows all)", test.test_code);
        }
        test
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{all_kinds, failed, result, results};
    use crate::verdict::Verdict;
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

    fn sum(json: &Value, field: &str) -> u64 {
        let tests = json["tests"].as_array().unwrap().iter();
        tests.map(|test| test[field].as_u64().unwrap()).sum()
    }

    #[test]
    fn each_test_counts_its_points() {
        let json = document(&all_kinds());
        let scores: Vec<_> = json["tests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|test| &test["score"])
            .collect();
        assert_eq!(scores, [1, 0, 0, 0, 2, 0, 0]);
        assert_eq!(json["max_score"], 12);
    }

    /// Tests that failed with all that a long difference and a flood of messages can say.
    fn many(count: usize) -> Results {
        let one = |number| {
            let suite = ["vm", "filesys", "userprog"][number % 3];
            let verdict = match number % 4 {
                0 => Verdict::Passed,
                _ => failed(),
            };
            let mut test = result(number, suite, 3, verdict);
            test.events = (0..16)
                .map(|n| format!("{n} fault {}", "\u{fffe}ä\"".repeat(100)))
                .collect();
            test
        };
        results((1..=count).map(one).collect())
    }

    #[test]
    fn however_many_tests_fail_it_fits_and_counts_all() {
        for count in [1, 40, 200, 1000, 20_000] {
            let results = many(count);
            let text = render(&results);
            assert!(text.len() <= MOST, "{count}: {}", text.len());
            let json = document(&results);
            assert_eq!(sum(&json, "score"), count as u64 / 4 * 3, "{count}");
            assert_eq!(json["max_score"], count * 3);
            assert_eq!(json["status"], "fail");
            for test in json["tests"].as_array().unwrap() {
                let is_passed = test["status"] == "pass";
                assert_eq!(test["message"] == "", is_passed, "{count}");
            }
        }
        assert_eq!(document(&many(200))["tests"].as_array().unwrap().len(), 200);
        let suites = &document(&many(20_000))["tests"];
        assert_eq!(suites[0]["message"], "1667 of 6667 tests passed");
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
        assert_eq!(one(failed()), "fail");
        assert_eq!(one(Verdict::Hang(1)), "fail");
        assert_eq!(one(Verdict::Bug("x".to_owned())), "error");
    }
}
