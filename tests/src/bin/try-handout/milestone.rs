//! A milestone in two hand-outs: with its solution its tests pass, without it they do not.

use std::collections::BTreeSet;
use std::error::Error;

use lab::course::Stage;
use lab::handout;
use lab::ids::Unsolved;
use tests::bundled_tests;

use crate::workbench::Workbench;

/// What a milestone's tests came to in one hand-out.
struct Outcome {
    kernel_passed: bool,
    passed: usize,
    tests: usize,
}

impl Outcome {
    fn all_passed(&self) -> bool {
        self.kernel_passed && self.passed == self.tests
    }

    fn words(&self) -> String {
        let kernel = match self.kernel_passed {
            true => "pass",
            false => "fail",
        };
        format!("{}/{} and vm's {kernel}", self.passed, self.tests)
    }
}

/// What they came to in both.
pub(crate) struct Trial {
    without: Outcome,
    with: Outcome,
}

impl Trial {
    /// Whether it is as it should be.
    pub(crate) fn is_good(&self) -> bool {
        self.with.all_passed() && !self.without.all_passed()
    }

    /// A line about it.
    pub(crate) fn line(&self, stage: &Stage) -> String {
        let (number, title) = (stage.number.to_string(), &stage.title);
        let word = match self.is_good() {
            true => "ok",
            false => "WRONG",
        };
        let (with, without) = (self.with.words(), self.without.words());
        format!("{number:>2} {title}: with it {with}, without it {without}: {word}")
    }
}

impl Trial {
    /// Makes both hand-outs and runs the tests in each.
    pub(crate) fn of(bench: &Workbench<'_>, stage: &Stage) -> Result<Trial, Box<dyn Error>> {
        let from_it = bench.source.course.from(stage.number)?;
        let mut behind_it = from_it.clone();
        behind_it.0.remove(&stage.number);
        Ok(Trial {
            without: outcome(bench, stage, &from_it)?,
            with: outcome(bench, stage, &behind_it)?,
        })
    }
}

/// Makes a hand-out, builds it, runs the milestone's tests.
fn outcome(
    bench: &Workbench<'_>,
    stage: &Stage,
    unsolved: &Unsolved,
) -> Result<Outcome, Box<dyn Error>> {
    let (number, left) = (stage.number, unsolved.0.len());
    eprintln!("try-handout: milestone {number}, {left} left to do");
    bench.put(&handout::files(bench.source, unsolved)?)?;
    let feature = stage.number.feature();
    let kernel_passed = match unsolved.has(stage.number) {
        true => bench.test_vm(&["--features", &feature])?,
        false => bench.test_vm(&[])?,
    };
    bench.build()?;
    let (passed, tests) = bundled(bench, stage)?;
    Ok(Outcome {
        kernel_passed,
        passed,
        tests,
    })
}

/// How many of the milestone's bundled tests pass, and how many there are.
fn bundled(bench: &Workbench<'_>, stage: &Stage) -> Result<(usize, usize), Box<dyn Error>> {
    let all = bundled_tests();
    let names: Vec<String> = all
        .iter()
        .map(|(suite, test)| format!("{suite}/{}", test.name))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let owned = bench.source.course.owned(&names);
    let Some(own) = owned.get(&stage.number) else {
        return Ok((0, 0));
    };
    let results = bench.grade(own)?;
    let passed = results.tests.iter().filter(|test| test.verdict.passed());
    let passed: BTreeSet<String> = passed.map(|test| test.id()).collect();
    Ok((passed.len(), own.len()))
}
