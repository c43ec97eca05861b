//! `vmlab grade`: all tests, and what they are worth.

use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use clap::Args;
use glob::Pattern;
use indicatif::{ProgressBar, ProgressStyle};

use super::{UsageError, print};
use crate::board::{self, SuiteResult};
use crate::exit::{Exit, GRADE_CODES};
use crate::runner::{self, Job, Outcome};
use crate::settings::{Settings, TEST_MAX_WORK};
use crate::suite::{Suite, Test};

/// Runs the bundled tests and prints a score board
#[derive(Args)]
#[command(after_help = format!("\
A choice made here for the machine goes before the one of each test. A test that says nothing of
its own work limit has 1000000000.

Examples:
  vmlab grade
  vmlab grade --suite vm --only 'page-*' --frames 64

{GRADE_CODES}"))]
pub struct GradeArgs {
    /// Only this suite: a bundled one, or the path of a suite file. May be given several times
    #[arg(long, value_name = "SUITE")]
    suite: Vec<String>,

    /// Only tests whose name matches, as file names do in a shell. May be given several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// How many tests run at a time [default: as many as there are cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    settings: Settings,
}

impl GradeArgs {
    /// Runs the tests.
    pub fn execute(&self) -> Result<Exit, UsageError> {
        let suites = self.suites()?;
        let jobs: Vec<Job<'_>> = suites
            .iter()
            .flat_map(|suite| &suite.tests)
            .map(|test| self.job(test))
            .collect();
        if jobs.is_empty() {
            return Err("no test matches --only".into());
        }
        let outcomes = self.run(&jobs)?;
        let results = by_suite(&suites, outcomes);
        print(&board::render(&results))?;
        Ok(exit_of(&results))
    }

    /// The machine of a test: the user's choices go before its own.
    fn job<'a>(&self, test: &'a Test) -> Job<'a> {
        let limit = Settings {
            max_work: Some(TEST_MAX_WORK),
            ..Settings::default()
        };
        Job {
            test,
            settings: self.settings.or(&test.settings).or(&limit),
        }
    }

    /// The suites asked for, with the tests asked for.
    fn suites(&self) -> Result<Vec<Suite>, UsageError> {
        let bundled = Suite::bundled()?;
        let mut suites = Vec::new();
        if self.suite.is_empty() {
            suites = bundled;
        } else {
            for asked in &self.suite {
                suites.push(match bundled.iter().find(|suite| suite.name == *asked) {
                    Some(suite) => suite.clone(),
                    None => read_suite(asked, &bundled)?,
                });
            }
        }
        for suite in &mut suites {
            suite.tests.retain(|test| self.wants(test));
        }
        suites.retain(|suite| !suite.tests.is_empty());
        Ok(suites)
    }

    fn wants(&self, test: &Test) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(&test.name))
    }

    fn run(&self, jobs: &[Job<'_>]) -> Result<Vec<Outcome>, UsageError> {
        let program = std::env::current_exe()
            .map_err(|error| format!("cannot find the executable of vmlab itself: {error}"))?;
        let at_once = match self.jobs {
            Some(jobs) => jobs,
            None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        // Hidden by itself if standard error is not a terminal.
        let bar = ProgressBar::new(jobs.len() as u64);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}").expect("valid"),
        );
        let done = |number: usize, outcome: &Outcome| {
            let name = &jobs[number].test.name;
            if !outcome.verdict.passed() {
                bar.println(format!("FAIL {name}: {}", outcome.verdict.summary()));
            }
            bar.set_message(name.clone());
            bar.inc(1);
        };
        let outcomes = runner::run_all(&program, jobs, at_once, &done)
            .map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        bar.finish_and_clear();
        Ok(outcomes)
    }
}

/// A suite file of the user's.
fn read_suite(asked: &str, bundled: &[Suite]) -> Result<Suite, UsageError> {
    let path = Path::new(asked);
    if !path.is_file() {
        let names: Vec<_> = bundled.iter().map(|suite| suite.name.as_str()).collect();
        let names = names.join(", ");
        return Err(format!(
            "there is no bundled suite and no suite file '{asked}'; bundled are: {names}"
        )
        .into());
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(Suite::parse(asked, &text)?)
}

/// Gives each suite the outcomes of its tests, which come in the same order.
fn by_suite(suites: &[Suite], outcomes: Vec<Outcome>) -> Vec<SuiteResult<'_>> {
    let mut outcomes = outcomes.into_iter();
    suites
        .iter()
        .map(|suite| SuiteResult {
            name: &suite.name,
            title: &suite.title,
            results: suite.tests.iter().zip(outcomes.by_ref()).collect(),
        })
        .collect()
}

fn exit_of(results: &[SuiteResult<'_>]) -> Exit {
    let mut outcomes = results.iter().flat_map(|suite| &suite.results);
    if outcomes.any(|(_, outcome)| outcome.verdict.is_our_bug()) {
        Exit::Bug
    } else if board::all_passed(results) {
        Exit::Success
    } else {
        Exit::Failed
    }
}
