//! Tests of the results, and results for the tests of reports.

use super::*;
use protocol::difference::Comparison;

use crate::verdict::{Complaint, Skipped};

/// Returns a result of a test of `suite`.
///
/// # Panics
/// If the bundled rubric has an error.
#[must_use]
pub fn result(number: usize, suite: &str, points: u32, verdict: Verdict) -> TestResult {
    let rubric = Rubric::bundled().unwrap();
    TestResult {
        number,
        suite: suite.to_owned(),
        title: format!("Suite {suite}"),
        name: format!("test-{number}"),
        shows: "It works.".to_owned(),
        points,
        share: rubric.share(suite, ""),
        tags: vec!["tag".to_owned()],
        verdict,
        notes: Vec::new(),
        deaths: Vec::new(),
        events: Vec::new(),
        console: Vec::new(),
        needs: Vec::new(),
        repeat: "./vmlab run hello".to_owned(),
        seconds: 0.25,
    }
}

/// Returns a verdict with a difference, with characters that formats have to escape.
#[must_use]
pub fn failed() -> Verdict {
    Verdict::Failed(vec![Complaint::Console(Comparison {
        expected: "a <&> \"b\"\n".to_owned(),
        actual: "b \\u{1b}[31m ]]> # é\n".to_owned(),
    })])
}

/// Returns results of these tests.
#[must_use]
pub fn results(tests: Vec<TestResult>) -> Results {
    Results {
        shard: None,
        all_tests: tests.len(),
        tests,
    }
}

/// Returns one test of each kind of verdict.
#[must_use]
pub fn all_kinds() -> Results {
    let mut failing = result(2, "vm", 3, failed());
    failing.notes = vec!["a note".to_owned()];
    failing.deaths = vec!["hello died at a.c:1".to_owned()];
    failing.events = vec!["1 fault pid=1".to_owned()];
    results(vec![
        result(1, "vm", 1, Verdict::Passed),
        failing,
        result(
            3,
            "filesys",
            2,
            Verdict::Bug("panicked\u{1b} at x\n".to_owned()),
        ),
        result(4, "hostile", 2, Verdict::NotRun(Skipped::FailFast)),
        result(5, "hostile", 2, Verdict::Passed),
        result(6, "hostile", 1, Verdict::WorkLimit(Vec::new())),
        result(7, "hostile", 1, Verdict::Hang(15)),
    ])
}

/// Each character that some format forbids, takes for its own or shows wrongly, in all that a
/// stranger can print.
#[must_use]
pub fn hostile() -> Results {
    let text = "\u{0}\u{1}\u{1b}[31m\u{7f}\u{85}\u{9b}\u{feff}\u{fffd}\u{fffe}\u{ffff}\u{2028}]]>&amp;<![CDATA[--- '\" #: |\t";
    let mut tests = Vec::new();
    let verdicts = [
        Verdict::Failed(vec![Complaint::Console(Comparison {
            expected: "a\n".to_owned(),
            actual: format!("{text}\n"),
        })]),
        Verdict::NotWritten(text.to_owned()),
        Verdict::Stuck(text.to_owned()),
        Verdict::Unsteady(text.to_owned()),
        Verdict::Bug(text.to_owned()),
        Verdict::SetUp(text.to_owned()),
    ];
    for (index, verdict) in verdicts.into_iter().enumerate() {
        let mut test = result(index + 1, "vm", 1, verdict);
        let lines = vec![text.to_owned(), format!("  {text}")];
        (test.notes, test.deaths) = (lines.clone(), lines.clone());
        (test.events, test.console) = (lines.clone(), lines);
        test.repeat = format!("./vmlab run '{text}'");
        test.shows = text.to_owned();
        tests.push(test);
    }
    results(tests)
}

#[test]
fn sets_count_by_weight_and_extra_points_are_apart() {
    let results = results(vec![
        result(1, "vm", 1, Verdict::Passed),
        result(2, "vm", 3, failed()),
        result(3, "filesys", 2, Verdict::Passed),
        result(4, "hostile", 5, failed()),
    ]);
    // (50 * 1/4 + 20) / 70
    assert_eq!(results.score(), 46.4);
    assert_eq!(results.extra(), Some(Points { got: 0, max: 5 }));
    let weights: Vec<_> = results.sets().iter().map(|set| set.weight).collect();
    assert_eq!(weights, [Some(50), Some(20), None]);
}

#[test]
fn without_weights_all_points_count() {
    let tests = vec![
        result(1, "mine", 1, Verdict::Passed),
        result(2, "mine", 2, failed()),
    ];
    let results = results(tests);
    assert_eq!((results.score(), results.extra()), (33.3, None));
}

#[test]
fn less_than_all_points_is_never_a_hundred() {
    let mut tests = vec![result(1, "vm", 1, failed())];
    tests.extend((2..5000).map(|number| result(number, "vm", 3, Verdict::Passed)));
    assert_eq!(results(tests).score(), 99.9);
    let passed = results(vec![result(1, "vm", 1, Verdict::Passed)]);
    assert_eq!(passed.score(), 100.0);
    assert_eq!(results(vec![result(1, "vm", 1, failed())]).score(), 0.0);
}

#[test]
fn extra_points_lost_leave_the_score() {
    let tests = vec![
        result(1, "vm", 1, Verdict::Passed),
        result(2, "hostile", 2, failed()),
    ];
    assert_eq!(results(tests).score(), 100.0);
}

#[test]
fn parts_make_a_whole_again_and_nothing_else() {
    let whole = all_kinds();
    let part = |odd| Results {
        tests: whole
            .tests
            .iter()
            .filter(|test| test.number % 2 == odd)
            .cloned()
            .collect(),
        ..whole.clone()
    };
    assert_eq!(Results::merge(vec![part(0), part(1)]), Ok(whole.clone()));
    assert_eq!(
        Results::merge(vec![part(1)]),
        Err(MergeError::Missing(3, 7))
    );
    let twice = Results::merge(vec![part(0), part(0), part(1)]);
    assert_eq!(twice, Err(MergeError::Twice("vm/test-2".to_owned())));
    let other = results(vec![result(1, "vm", 1, Verdict::Passed)]);
    let different = Results::merge(vec![whole, other]);
    assert_eq!(different, Err(MergeError::Different(7, 1)));
}

#[test]
fn newer_results_take_the_place_of_earlier_ones_of_the_same_tests() {
    let earlier = || {
        results(vec![
            result(1, "a", 1, Verdict::Passed),
            result(2, "b", 1, failed()),
            result(3, "c", 1, failed()),
        ])
    };
    // Numbered as one of those that were run this time.
    let newer = |number, suite| results(vec![result(number, suite, 1, Verdict::Passed)]);
    let mut again = newer(2, "b");
    again.tests[0].number = 1;
    let merged = earlier().with(again).unwrap();
    assert_eq!(merged.tests[1], newer(2, "b").tests[0]);
    assert_eq!((merged.passed(), merged.all_tests), (2, 3));
    assert_eq!(earlier().with(newer(1, "d")), None);
}

#[test]
fn a_test_that_needs_a_failed_one_says_so() {
    let mut results = all_kinds();
    results.tests[2].needs = ["vm/test-1", "vm/test-2"].map(str::to_owned).to_vec();
    results.note_needs();
    assert_eq!(
        results.tests[2].notes,
        ["look at vm/test-2 first: this test needs what it tests"]
    );
}
