//! Judges one submission, from its files to its record.
//!
//! # Invariants
//! Each step only sees what passed the one before: data, rules, compiler, tests.

use std::ffi::OsString;
use std::path::Path;
use std::{fs, io};

use grading::results::Results;
use grading::verdict::Verdict;
use host::scratch::Scratch;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use thiserror::Error;

use crate::build::place::{BuildFolder, NotBuilt};
use crate::class::results::Cost;
use crate::grader::{GraderError, Request};
use crate::hash::Hash;
use crate::intake;
use crate::json;
use crate::plan::{Options, Plan, Submission};
use crate::record::{Outcome, Record};
use crate::rules;
use crate::sources::Sources;

/// The number of places that are listed where a submission uses something forbidden.
const MOST_PLACES: usize = 20;
/// The number of characters of an error message that are kept.
const MOST_LETTERS: usize = 20_000;

/// Why there is no record: never the submission's fault.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// The kernel that was handed out does not compile.
    #[error("the hand-out's own kernel: {0}")]
    Pristine(NotBuilt),
    /// The folder to compile in cannot be used.
    #[error(transparent)]
    Place(NotBuilt),
    /// The grader failed.
    #[error(transparent)]
    Grader(#[from] GraderError),
    /// The host's.
    #[error("cannot grade: {0}")]
    Host(#[from] io::Error),
}

/// Grades submissions of one plan, in one folder.
#[derive(Debug)]
pub struct Judge<'a> {
    plan: &'a Plan,
    place: BuildFolder,
}

/// The result of judging.
#[derive(Debug)]
pub enum Judged {
    /// Nothing has changed: the known record holds.
    Known,
    /// It was graded.
    New(Box<(Record, Cost)>),
}

/// Returns the resources used so far by the processes that this one has started and waited for.
#[derive(Clone, Copy)]
struct Used {
    seconds: f64,
    mebibytes: u64,
}

impl Used {
    fn now() -> io::Result<Used> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let seconds = |time: TimeVal| time.num_microseconds() as f64 / 1e6;
        Ok(Used {
            seconds: seconds(usage.user_time()) + seconds(usage.system_time()),
            mebibytes: usage.max_rss().unsigned_abs() >> 10,
        })
    }
}

/// The submission as data.
enum Data {
    Sources {
        sources: Sources,
        notes: Vec<String>,
    },
    Not(Outcome),
}

impl<'a> Judge<'a> {
    /// One that compiles in this folder, where the hand-out's own kernel is compiled first.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn new(plan: &'a Plan, folder: &Path) -> Result<Judge<'a>, JudgeError> {
        let place = BuildFolder::new(
            folder,
            &plan.root,
            plan.recipe.clone(),
            plan.options.require_sandbox,
        )
        .map_err(JudgeError::Place)?;
        place
            .prepare(&plan.pristine.kernel)
            .map_err(JudgeError::Pristine)?;
        Ok(Judge { plan, place })
    }

    /// Returns the record of a submission and its cost; an earlier record `known` is reused if nothing has changed.
    ///
    /// # Errors
    /// A failure that is not the submission's fault.
    pub fn judge(
        &self,
        submission: &Submission,
        known: Option<Record>,
    ) -> Result<Judged, JudgeError> {
        let (data, notes) = match self.data(submission) {
            Data::Sources { sources, notes } => (Ok(sources), notes),
            Data::Not(outcome) => (Err(outcome), Vec::new()),
        };
        let key = self.key(&data);
        let is_asked_again = !self.plan.again.is_empty();
        if !is_asked_again && known.as_ref().is_some_and(|known| known.key == key) {
            return Ok(Judged::Known);
        }
        let known = known.filter(|_| is_asked_again);
        let begin = Used::now()?;
        let mut compiled = begin;
        let mut record = Record {
            student: submission.student.clone(),
            vmlab: env!("CARGO_PKG_VERSION").to_owned(),
            grader: self.plan.grader.clone(),
            handout: self.plan.pristine.hash(),
            sources: String::new(),
            key,
            notes,
            outcome: Outcome::Missing,
        };
        record.outcome = match data {
            Err(outcome) => outcome,
            Ok(sources) => {
                let mut hash = Hash::default();
                hash.add_sources(&sources);
                record.sources = hash.text();
                let earlier = known.and_then(|known| known.results_for(&record));
                self.outcome(&sources, earlier, &mut compiled)?
            }
        };
        let end = Used::now()?;
        let cost = Cost {
            compiling: compiled.seconds - begin.seconds,
            tests: end.seconds - compiled.seconds,
            mebibytes: end.mebibytes,
        };
        Ok(Judged::New(Box::new((record, cost))))
    }

    fn data(&self, submission: &Submission) -> Data {
        let Some(path) = &submission.path else {
            return Data::Not(Outcome::Missing);
        };
        let pristine = &self.plan.pristine.kernel;
        match intake::take(path, pristine) {
            Ok(taken) => {
                let notes = taken.notes.clone();
                let sources = taken.over(pristine);
                Data::Sources { sources, notes }
            }
            Err(refusal) => Data::Not(Outcome::Refused {
                why: short(&refusal.to_string()),
            }),
        }
    }

    /// Returns a hash of everything that the outcome depends on.
    fn key(&self, data: &Result<Sources, Outcome>) -> String {
        let mut hash = Hash::default();
        hash.add(self.plan.grader.as_bytes());
        hash.add(self.plan.pristine.hash().as_bytes());
        hash.add(&json::compact(&self.plan.options.by_name()));
        match data {
            Ok(sources) => hash.add_sources(sources),
            Err(outcome) => hash.add(&json::compact(outcome)),
        }
        hash.text()
    }

    /// Grades sources, of which `earlier` results may be known.
    fn outcome(
        &self,
        sources: &Sources,
        earlier: Option<Results>,
        compiled: &mut Used,
    ) -> Result<Outcome, JudgeError> {
        let breaches = rules::breaches(sources, &self.plan.pristine.kernel);
        if !breaches.is_empty() {
            let places = breaches.iter().take(MOST_PLACES).map(ToString::to_string);
            return Ok(Outcome::Forbidden {
                places: places.map(|place| short(&place)).collect(),
            });
        }
        let made = self.place.compile(sources);
        *compiled = Used::now()?;
        match made {
            Ok(machine) => self.graded(&machine, earlier),
            Err(error @ NotBuilt::Host { .. }) => Err(JudgeError::Place(error)),
            Err(error) => {
                // A full disk must not count as a mistake of the student.
                let sound = self.place.is_sound(&self.plan.pristine.kernel);
                sound.map_err(JudgeError::Pristine)?;
                Ok(Outcome::NotBuilt {
                    why: short(&error.to_string()),
                })
            }
        }
    }

    /// Runs the tests with a machine program: if there are earlier results, only those that are to be graded again.
    fn graded(&self, machine: &Path, earlier: Option<Results>) -> Result<Outcome, JudgeError> {
        let Some(earlier) = earlier else {
            return Ok(graded(self.results(machine, &self.plan.options)?));
        };
        let only = self.plan.again.clone();
        let options = Options {
            only,
            ..self.plan.options.clone()
        };
        match earlier.with(self.results(machine, &options)?) {
            Some(results) => Ok(graded(results)),
            // One of them was not graded before, so others may have been added or left out.
            None => self.graded(machine, None),
        }
    }

    fn results(&self, machine: &Path, options: &Options) -> Result<Results, JudgeError> {
        let scratch = Scratch::new()?;
        let rubric = scratch.path().join("rubric.toml");
        fs::write(&rubric, &self.plan.pristine.rubric)?;
        let mut request = Request::of(machine);
        request.words.extend(["--rubric".into(), rubric.into()]);
        request.words.extend(words(options));
        let results = request.run()?;
        if let Some(test) = results.tests.iter().find(|test| test.verdict.is_our_bug()) {
            let (test, what) = (test.id(), test.verdict.summary());
            return Err(GraderError::Lost(format!("{test}: {what}")).into());
        }
        Ok(timeless(results))
    }
}

fn graded(results: Results) -> Outcome {
    Outcome::Graded {
        score: results.score(),
        results,
    }
}

/// Removes what differs from run to run: times, and what a hung kernel was doing when its time was up.
fn timeless(mut results: Results) -> Results {
    for test in &mut results.tests {
        test.seconds = 0.0;
        if matches!(test.verdict, Verdict::Hang(_)) {
            for texts in [
                &mut test.notes,
                &mut test.console,
                &mut test.deaths,
                &mut test.events,
            ] {
                texts.clear();
            }
        }
    }
    results
}

fn words(options: &Options) -> impl Iterator<Item = OsString> {
    let suites = options.suite.iter().chain(&options.hidden);
    let suites = suites.map(|suite| format!("--suite={suite}"));
    let only = options.only.iter().map(|only| format!("--only={only}"));
    let budget = format!("--budget={}", options.budget);
    let sandbox = options
        .require_sandbox
        .then(|| "--require-sandbox".to_owned());
    let check = options.check.then(|| "--check=always".to_owned());
    let seed = options.seed.iter().map(|seed| format!("--seed={seed}"));
    let nonce = options.nonce.map(|nonce| format!("--nonce={nonce}"));
    let flags = sandbox.into_iter().chain(check).chain(seed).chain(nonce);
    let all = suites.chain(only).chain([budget]).chain(flags);
    all.map(OsString::from)
}

/// Returns an untrusted text, cut.
fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_LETTERS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}\n... (cut here)", &text[..end]),
    }
}
