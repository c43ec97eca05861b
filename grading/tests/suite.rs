//! Every test of the bundled suites, as a test of cargo's: `cargo test -p grading --test suite
//! page-` and `cargo nextest run page-` run some of them. This program is its own machine program,
//! so the kernel is that of the current sources.

use std::process::ExitCode;

use grading::report::Format;
use grading::results::{Results, TestResult};
use grading::rubric::Rubric;
use grading::runner::Job;
use grading::suite::{Suite, Test};
use host::scratch::Scratch;
use libtest_mimic::{Arguments, Failed, Trial};
use protocol::settings::Settings;

fn main() -> ExitCode {
    if driver::command::is_asked() {
        return driver::command::main().into();
    }
    let suites = Suite::bundled().unwrap_or_else(|error| panic!("{error}"));
    let mut trials = Vec::new();
    for suite in suites {
        for test in suite.tests.clone() {
            let (suite, name) = (suite.clone(), format!("{}/{}", suite.name, test.name));
            trials.push(Trial::test(name, move || run(&suite, &test)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs a test as `vmlab grade` does; a failure shows the same as the score board.
fn run(suite: &Suite, test: &Test) -> Result<(), Failed> {
    let machine = std::env::current_exe()?;
    let scratch = Scratch::new()?;
    let outcome = Job::of(test, &Settings::default()).run(&machine, &scratch.path().join("test"));
    if outcome.verdict.passed() {
        return Ok(());
    }
    let result = TestResult::of(1, suite, test, outcome, &Rubric::bundled()?);
    let results = Results {
        shard: None,
        all_tests: 1,
        tests: vec![result],
    };
    let board = Format::Human.render(&results);
    Err(anstream::adapter::strip_str(&board).to_string().into())
}
