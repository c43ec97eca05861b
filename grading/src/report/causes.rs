//! Groups failures by cause, so that one mistake of a kernel is reported once and not a hundred
//! times.
//!
//! # Invariants
//! Every test that was run and did not pass is in one cause. Tests that others need come before them,
//! and so do their causes; otherwise the order is that of the tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::results::{Results, TestResult};
use crate::verdict::Verdict;

/// The cause of some failures.
pub(crate) struct Cause<'a> {
    /// The tests, those that others need first.
    pub tests: Vec<&'a TestResult>,
}

impl Cause<'_> {
    /// Describes what the failures have in common, in the words of the first.
    pub(crate) fn summary(&self) -> String {
        self.tests[0].verdict.summary()
    }

    /// Returns whether each test has its own details to show.
    pub(crate) fn differs_by_test(&self) -> bool {
        !self.tests[0].verdict.is_kernels()
    }

    /// Returns the points that the tests would have given.
    pub(crate) fn points(&self) -> u32 {
        self.tests.iter().map(|test| test.points).sum()
    }
}

/// Returns the causes of all failures.
pub(crate) fn of(results: &Results) -> Vec<Cause<'_>> {
    let failed = |test: &&TestResult| test.verdict.was_run() && !test.verdict.passed();
    let mut tests: Vec<&TestResult> = results.tests.iter().filter(failed).collect();
    let depths = depths(&tests);
    tests.sort_by_key(|test| (depths[&test.id()], test.number));
    let mut causes: Vec<(String, Cause<'_>)> = Vec::new();
    for test in tests {
        let key = key(&test.verdict);
        match causes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, cause)) => cause.tests.push(test),
            None => causes.push((key, Cause { tests: vec![test] })),
        }
    }
    causes.into_iter().map(|(_, cause)| cause).collect()
}

/// Returns the key that failures of one cause have in common.
fn key(verdict: &Verdict) -> String {
    match verdict {
        Verdict::KernelPanic(panic) => format!("panic {}", panic.place),
        Verdict::Broken(rule) => format!("rule {:?}", rule.what.split(':').next()),
        // Several tests may fail for the same reason.
        Verdict::SetUp(messages) => format!("set-up {messages}"),
        _ => without_numbers(&verdict.summary()),
    }
}

/// Removes numbers: failures of one kind differ in addresses and counts, but not in places in
/// sources and tasks.
fn without_numbers(text: &str) -> String {
    let word = |word: &str| match word.contains(['/', '.']) {
        true => word.to_owned(),
        false => word.replace(|c: char| c.is_ascii_hexdigit(), ""),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Returns, for each test, the length of the longest chain of failed tests that it needs.
fn depths(tests: &[&TestResult]) -> BTreeMap<String, usize> {
    let needs: BTreeMap<String, &[String]> = tests
        .iter()
        .map(|test| (test.id(), test.needs.as_slice()))
        .collect();
    let depth = |id: &String| depth(id, &needs, &mut BTreeSet::new());
    needs.keys().map(|id| (id.clone(), depth(id))).collect()
}

fn depth<'a>(
    id: &'a str,
    needs: &BTreeMap<String, &'a [String]>,
    above: &mut BTreeSet<&'a str>,
) -> usize {
    // Tests that need each other are in a cycle, which is cut here.
    if !above.insert(id) {
        return 0;
    }
    let failed = needs.get(id).copied().unwrap_or_default().iter();
    let failed = failed.filter(|need| needs.contains_key(*need));
    let deepest = failed.map(|need| 1 + depth(need, needs, above)).max();
    above.remove(id);
    deepest.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::{failed, result, results};

    fn stuck(number: u32) -> Verdict {
        Verdict::Stuck(format!("fault {number} was resolved, but its entry"))
    }

    fn numbers(results: &Results) -> Vec<Vec<usize>> {
        let causes = of(results).into_iter();
        let numbers = |cause: Cause<'_>| cause.tests.iter().map(|test| test.number).collect();
        causes.map(numbers).collect()
    }

    #[test]
    fn failures_that_differ_in_numbers_alone_have_one_cause() {
        let task = |task: &str| Verdict::NotWritten(format!("{task} (vm/src/pager/evict.rs:63)"));
        let results = results(vec![
            result(1, "vm", 1, stuck(412)),
            result(2, "vm", 1, failed()),
            result(3, "vm", 1, stuck(7)),
            result(4, "vm", 1, task("3.2, x")),
            result(5, "vm", 1, task("3.3, x")),
            result(6, "vm", 1, Verdict::Passed),
        ]);
        assert_eq!(numbers(&results), [vec![1, 3], vec![2], vec![4], vec![5]]);
    }

    #[test]
    fn what_others_need_comes_first() {
        let mut results = results(vec![
            result(1, "vm", 1, failed()),
            result(2, "vm", 1, stuck(1)),
            result(3, "vm", 1, failed()),
        ]);
        results.tests[0].needs = vec!["vm/test-3".to_owned()];
        results.tests[2].needs = vec!["vm/test-2".to_owned()];
        assert_eq!(numbers(&results), [vec![2], vec![3, 1]]);
    }

    #[test]
    fn tests_that_need_each_other_are_told_all_the_same() {
        let mut results = results(vec![
            result(1, "vm", 1, failed()),
            result(2, "vm", 1, failed()),
        ]);
        results.tests[0].needs = vec!["vm/test-2".to_owned()];
        results.tests[1].needs = vec!["vm/test-1".to_owned()];
        assert_eq!(numbers(&results), [vec![1, 2]]);
    }
}
