//! `vmlab grade`: runs the tests and prints their score.

use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::lab::passed;
use super::select::{Choice, Selection};
use crate::checking::Checking;
use crate::failures::Failures;
use crate::nonce::{self, Nonce};
use crate::programs;
use crate::report::{self, Names, Request, SoFar};
use crate::results::{Results, TestResult};
use crate::rubric::Rubric;
use crate::runner::{Job, MEMORY_BEYOND_MACHINE, OnFailure, Outcome, Runner, Sandbox, TIME_LIMIT};
use crate::seeds::Seeds;
use crate::suite::{Suite, Test};
use crate::verdict::Skipped;
use host::command::{UsageError, print};
use host::interrupt;
use protocol::exit::{Exit, GRADE_CODES};
use protocol::pages::UNITS;
use protocol::settings::Settings;

/// The number of tests in which the kernel may hang before no more are started.
const MAX_HANGS: NonZeroUsize = NonZeroUsize::new(5).expect("not zero");

/// The number of failures that are shown as they happen; all of them are in the report.
const FAILURES_AT_ONCE: usize = 5;
/// The number of tests after which a log gets a progress line.
const LINE_EVERY: usize = 50;

/// Runs the bundled tests and prints a score board
#[derive(Args)]
#[command(after_help = format!("\
Options for the machine override those of each test. The default work limit of a test is
1000000000 (`--max-work`), with a page fault for each 1000 of it and a system call for each
50. A kernel that is not entered for {seconds} s of CPU time, or needs {gib} GiB of address space
beyond RAM and swap of its machine, is killed, with all that it has started.

{UNITS}

Examples:
  vmlab grade
  vmlab grade --suite vm --only 'page-*' --frames 64
  vmlab grade --failed
  vmlab grade --report gradescope=results.json --report junit=junit.xml

{GRADE_CODES}", seconds = TIME_LIMIT.as_secs(), gib = MEMORY_BEYOND_MACHINE >> 30))]
pub(super) struct GradeArgs {
    #[command(flatten)]
    selection: Selection,

    /// The number of tests that run at a time [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Start no more tests after one has failed
    #[arg(long)]
    fail_fast: bool,

    /// Start no more tests after the kernel has hung in this many
    #[arg(long, value_name = "N", default_value_t = MAX_HANGS)]
    max_hangs: NonZeroUsize,

    /// Start no more tests after this many seconds; those that have ended count
    #[arg(long, value_name = "SECONDS")]
    budget: Option<u64>,

    /// Print on standard error how each test ended and how long it took, and name all tests that
    /// failed
    #[arg(long, short)]
    verbose: bool,

    /// Run each test this many times with each seed; it must do the same every time
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::MIN)]
    repeat: NonZeroUsize,

    /// What to check of the virtual memory while tests run (`vmlab run --check`). bytes: in all tests
    /// that a program's memory holds what the program put there, and in those that failed, in another
    /// run to find the cause, all rules. failed: only the latter. always: all rules in all tests, which
    /// takes longer. never: nothing
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true,
          default_missing_value = "always", default_value = "bytes")]
    check: Checking,

    /// Write a report: human, json, gradescope, classroom, junit or tap, to a file or to standard
    /// output instead of the score board. May be given several times
    #[arg(long, value_name = "FORMAT[=FILE]")]
    report: Vec<Request>,

    /// The weights of the sets of tests in the score, instead of the bundled rubric
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,

    /// The machine program that runs the tests [default: vmlab-machine, next to vmlab]
    #[arg(long, value_name = "PROGRAM")]
    machine: Option<PathBuf>,

    /// The number that tests with `nonce = true` compute with instead of 0; their expected output is then
    /// what they print on the machine program next to vmlab, which must be the sound kernel
    #[arg(long, value_name = "NUMBER", requires = "machine")]
    nonce: Option<Nonce>,

    /// Run no test if the host cannot build all walls around the kernel: without Landlock or
    /// seccomp a kernel could open other files, start processes, use the network
    #[arg(long)]
    require_sandbox: bool,

    #[command(flatten)]
    settings: Settings,

    /// Seed of everything random in the machine, or several: a test must pass with each
    #[arg(long, value_name = "N[..M]", help_heading = "Machine")]
    seed: Option<Seeds>,
}

impl GradeArgs {
    /// Returns the arguments that run some bundled tests (SUITE/NAME) and nothing else.
    pub(super) fn of(tests: &[&str]) -> GradeArgs {
        GradeArgs {
            selection: Selection::of(tests),
            jobs: None,
            fail_fast: false,
            max_hangs: MAX_HANGS,
            budget: None,
            verbose: false,
            repeat: NonZeroUsize::MIN,
            check: Checking::default(),
            report: Vec::new(),
            rubric: None,
            machine: None,
            nonce: None,
            require_sandbox: false,
            settings: Settings::default(),
            seed: None,
        }
    }

    /// Runs the tests.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        report::check(&self.report)?;
        let rubric = match &self.rubric {
            Some(path) => Rubric::read(path)?,
            None => Rubric::bundled()?,
        };
        let mut suites = self.selection.suites()?;
        self.give_nonce(&mut suites)?;
        let choice = self.selection.choose(&suites)?;
        let jobs: Vec<Job<'_>> = choice.tests.iter().map(|c| self.job(c.test)).collect();
        // What was found out until then is kept and told.
        interrupt::catch();
        let not_ended = jobs.iter().map(|job| job.not_run(Skipped::Interrupted));
        let so_far = SoFar::new(&self.report, not_ended.collect(), |outcomes| {
            self.results(&choice, outcomes, &rubric)
        });
        let outcomes = self.run(&choice, &jobs, &so_far)?;
        tell_of_missing_walls(&outcomes);
        let results = self.results(&choice, outcomes, &rubric);
        if let Err(error) = Failures::of(Path::new(".")).update(&results) {
            log::warn!("cannot record for --failed which tests failed: {error}");
        }
        if self.is_as_bundled()?
            && let Err(error) = passed::note(&results)
        {
            log::warn!("cannot record for `vmlab lab` which tests passed: {error}");
        }
        let names = if self.verbose {
            Names::All
        } else {
            Names::Some
        };
        let written = report::write_files(&self.report, &results);
        print(&report::shown(&self.report, &results, names))?;
        written?;
        Ok(match interrupt::is_raised() {
            true => Exit::Interrupted,
            false => exit_of(&results),
        })
    }

    fn give_nonce(&self, suites: &mut [Suite]) -> Result<(), UsageError> {
        if suites
            .iter()
            .flat_map(|suite| &suite.tests)
            .any(|test| test.nonce)
        {
            let nonce = self.nonce.unwrap_or_default();
            nonce::give(suites, nonce, &programs::machine()?)?;
        }
        Ok(())
    }

    /// Returns whether all tests are bundled ones, each on its own machine.
    fn is_as_bundled(&self) -> Result<bool, UsageError> {
        let has_own_machine = self.settings == Settings::default() && self.seed.is_none();
        Ok(has_own_machine && self.selection.is_bundled()?)
    }

    /// Returns the job of a test on the machine and with the seeds that the user chose.
    fn job<'a>(&self, test: &'a Test) -> Job<'a> {
        let mut job = Job::of(test, &self.settings);
        if self.require_sandbox {
            job.sandbox = Sandbox::Required;
        }
        job.checking = self.check;
        job.settings.check = self.check.at_first();
        if let Some(seeds) = &self.seed {
            job.seeds = seeds.numbers().iter().copied().map(Some).collect();
        }
        let again = self.repeat.get();
        let seeds = job.seeds.into_iter();
        job.seeds = seeds
            .flat_map(|seed| std::iter::repeat_n(seed, again))
            .collect();
        job
    }

    fn run(
        &self,
        choice: &Choice<'_>,
        jobs: &[Job<'_>],
        so_far: &SoFar<'_>,
    ) -> Result<Vec<Outcome>, UsageError> {
        let program = match &self.machine {
            Some(program) => program.clone(),
            None => programs::machine()?,
        };
        check_kinds(&program, jobs)?;
        // The note hides itself if standard error is not a terminal; a log gets a line now and
        // then.
        let is_log = !io::stderr().is_terminal();
        let (ended, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let bar = ProgressBar::new(jobs.len() as u64);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}").expect("valid"),
        );
        let done = |number: usize, outcome: &Outcome| {
            so_far.note(number, outcome);
            let name = &jobs[number].test.name;
            let suite = &choice.tests[number].suite.name;
            let is_failure = outcome.verdict.was_run() && !outcome.verdict.passed();
            if self.verbose && outcome.verdict.was_run() {
                let word = if is_failure { "FAIL" } else { "PASS" };
                let seconds = outcome.elapsed.as_secs_f64();
                bar.suspend(|| anstream::eprintln!("{word} {suite}/{name} {seconds:.2} s"));
            }
            if is_failure {
                let before = failed.fetch_add(1, Ordering::Relaxed);
                if !self.verbose && before < FAILURES_AT_ONCE {
                    let summary = outcome.verdict.summary();
                    bar.println(format!("FAIL {suite}/{name}: {summary}"));
                }
            }
            bar.set_message(name.clone());
            bar.inc(1);
            if !outcome.verdict.was_run() {
                return;
            }
            let ended = ended.fetch_add(1, Ordering::Relaxed) + 1;
            if is_log && ended % LINE_EVERY == 0 && ended < jobs.len() {
                let failed = failed.load(Ordering::Relaxed);
                let all = jobs.len();
                anstream::eprintln!(
                    "vmlab: {ended} of {all} tests have ended, {failed} not passed"
                );
            }
        };
        let runner = Runner {
            program: &program,
            at_once: match self.jobs {
                Some(jobs) => jobs,
                None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            },
            on_failure: if self.fail_fast {
                OnFailure::Stop
            } else {
                OnFailure::GoOn
            },
            most_hangs: self.max_hangs,
            budget: self.budget.map(Duration::from_secs),
            done: &done,
        };
        let outcomes = runner
            .run_all(jobs)
            .map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        bar.finish_and_clear();
        Ok(outcomes)
    }

    fn results(&self, choice: &Choice<'_>, outcomes: Vec<Outcome>, rubric: &Rubric) -> Results {
        let tests = choice.tests.iter().zip(outcomes);
        let mut results = Results {
            shard: self.selection.shard,
            all_tests: choice.all,
            tests: tests
                .map(|(chosen, outcome)| {
                    TestResult::of(chosen.number, chosen.suite, chosen.test, outcome, rubric)
                })
                .collect(),
        };
        results.note_needs();
        results
    }
}

/// Prints a note once if a kernel ran without all walls around it.
fn tell_of_missing_walls(outcomes: &[Outcome]) {
    let mut walls = outcomes.iter().filter_map(|outcome| outcome.walls);
    if let Some(walls) = walls.find(|walls| !walls.stand()) {
        anstream::eprintln!(
            "vmlab: note: this host cannot build all walls around the kernel (files and network: {}, system \
             calls: {}); --require-sandbox runs nothing then",
            walls.files,
            walls.calls
        );
    }
}

/// Checks that the machine program has the policies and slot allocators that the tests run with.
fn check_kinds(program: &Path, jobs: &[Job<'_>]) -> Result<(), UsageError> {
    let is_named =
        |job: &Job<'_>| job.settings.policy.is_some() || job.settings.base.slot_allocator.is_some();
    if !jobs.iter().any(is_named) {
        return Ok(());
    }
    let kinds = programs::kinds(program)?;
    for job in jobs {
        kinds
            .check(&job.settings)
            .map_err(|error| format!("test {}: {error}", job.test.name))?;
    }
    Ok(())
}

/// Returns the exit code for results.
pub(super) fn exit_of(results: &Results) -> Exit {
    if results.tests.iter().any(|test| test.verdict.is_our_bug()) {
        Exit::Bug
    } else if results.all_passed() {
        Exit::Success
    } else {
        Exit::Failed
    }
}
