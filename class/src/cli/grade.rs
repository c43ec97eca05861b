//! `vmlab class grade`: grades a class with one command.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::{Args, ValueEnum};
use host::command::{UsageError, print};
use protocol::exit::Exit;

use super::handout::HandoutArgs;
use super::planned::planned;
use super::whole;
use crate::class::engine::{Engine, Work};
use crate::class::results::ResultsFolder;
use crate::found;
use crate::intake;
use crate::pages::grades;
use crate::plan::{Options, Plan};
use crate::record::Record;
use crate::similar::{self, Fingerprint, Pair};

/// The percentage of common code from which on two submissions are reported.
const SIMILAR: u32 = 40;

/// Grades all submissions in a folder
#[derive(Args)]
#[command(after_help = "\
SUBMISSIONS has a folder or an archive for each student, named after the student; exports
of Moodle and Gradescope are such folders. Each is read as data, compiled and run in a
sandbox. RESULTS gets a page and a JSON file for each student, grades.csv, class.json,
class.html and times.csv. If interrupted and called again, it continues; a submission is
graded again if it, the hand-out, the tests or the options have changed.

Examples:
  vmlab class grade submissions -o results
  vmlab class grade submissions -o results --handout ../lab-2026 --roster roster.csv
  vmlab class grade submissions -o results --hidden ../hidden/suite.toml --student ada
  vmlab class grade submissions -o results --test vm/page-linear
  vmlab class grade submissions -o results --engine slurm --partition teaching

Exit codes:
  0  each submission has a grade, possibly 0 points
  2  usage or set-up
  3  a bug of vmlab: a submission has no grade")]
pub(super) struct GradeArgs {
    /// The folder of submissions
    #[arg(value_name = "SUBMISSIONS")]
    submissions: PathBuf,

    /// The folder of the results, created if needed
    #[arg(long, short, value_name = "RESULTS")]
    output: PathBuf,

    #[command(flatten)]
    handout: HandoutArgs,

    /// A CSV file with a column `student` and, optionally, `late_days`: there is a grade for each
    /// student on it
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,

    /// The penalty for each day late, in per cent of the score
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100))]
    late_penalty: u32,

    /// Grade only this student, again. May be given several times
    #[arg(long, value_name = "NAME")]
    student: Vec<String>,

    /// Grade only these tests again (NAME or SUITE/NAME), for when only they have changed: what is known
    /// of the others stays. Submissions without such grades are graded whole. May be given several times
    #[arg(long, value_name = "GLOB", conflicts_with = "student")]
    test: Vec<String>,

    /// The number of submissions at a time [default: the number of cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Where submissions are graded
    #[arg(long, value_enum, default_value_t = EngineKind::Local, help_heading = "Engine")]
    engine: EngineKind,

    /// With Slurm: the partition
    #[arg(long, value_name = "NAME", help_heading = "Engine")]
    partition: Option<String>,

    /// With Slurm: the number of submissions at a time
    #[arg(long, value_name = "N", help_heading = "Engine")]
    array_limit: Option<NonZeroUsize>,

    /// With Slurm: another option of sbatch, such as --sbatch=--time=30. May be given several times
    #[arg(long, value_name = "OPTION", help_heading = "Engine")]
    sbatch: Vec<String>,

    /// With `command`: the shell command that grades one submission, in which {host} and {command}
    /// are replaced, such as 'ssh {host} {command}'
    #[arg(long, value_name = "LINE", help_heading = "Engine")]
    command: Option<String>,

    /// With `command`: a host, which grades one submission at a time. May be given several times
    #[arg(long, value_name = "HOST", help_heading = "Engine")]
    host: Vec<String>,

    #[command(flatten)]
    options: Options,
}

/// Where submissions are graded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum EngineKind {
    /// On this machine
    Local,
    /// As tasks of Slurm; the tree and the results are in folders that all nodes share
    Slurm,
    /// By a command, on hosts that share these folders
    Command,
}

impl GradeArgs {
    /// Grades the class.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let submissions = found::submissions(&whole(&self.submissions)?, self.roster.as_deref())?;
        let plan = Plan {
            late_penalty: self.late_penalty,
            ..planned(&self.handout, &self.options, &self.test, submissions)?
        };
        let results = ResultsFolder::new(&self.output);
        results.make()?;
        plan.write(&results.plan())?;
        let work = Work {
            plan: &plan,
            results: &whole(&self.output)?,
            numbers: match self.student.is_empty() {
                true => (0..plan.submissions.len()).collect(),
                false => plan.numbers_of(&self.student)?,
            },
            again: !self.student.is_empty(),
        };
        let failures = self.engine()?.grade(&work)?;
        for failure in &failures {
            anstream::eprintln!("vmlab: {failure}");
        }
        let mut records = Vec::new();
        for submission in &plan.submissions {
            records.extend(results.record(&submission.student)?);
        }
        results.write_pages(&plan, &records, &pairs(&plan, &records))?;
        print(&grades::table(&grades::rows(&plan, &records)))?;
        Ok(match failures.is_empty() {
            true => Exit::Success,
            false => Exit::Bug,
        })
    }

    fn engine(&self) -> Result<Engine, UsageError> {
        Ok(match self.engine {
            EngineKind::Local => Engine::Local(match self.jobs {
                Some(jobs) => jobs,
                None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            }),
            EngineKind::Slurm => {
                let partition = self
                    .partition
                    .as_ref()
                    .map(|name| format!("--partition={name}"));
                Engine::Slurm {
                    at_once: self.array_limit,
                    options: partition
                        .into_iter()
                        .chain(self.sbatch.iter().cloned())
                        .collect(),
                }
            }
            EngineKind::Command => Engine::Command {
                template: self
                    .command
                    .clone()
                    .ok_or("--engine command takes --command")?,
                hosts: match self.host.is_empty() {
                    true => return Err("--engine command takes a --host, or several".into()),
                    false => self.host.clone(),
                },
            },
        })
    }
}

/// Returns submissions that have much in common, by the indices of their records.
fn pairs(plan: &Plan, records: &[Record]) -> Vec<Pair> {
    let given = similar::every_gram(&plan.pristine.kernel);
    let print = |record: &Record| -> Fingerprint {
        let submission = plan
            .submissions
            .iter()
            .find(|one| one.student == record.student);
        let path = submission.and_then(|one| one.path.as_ref());
        let taken = path.and_then(|path| intake::take(path, &plan.pristine.kernel).ok());
        let sources = taken
            .map(|taken| taken.over(&plan.pristine.kernel))
            .unwrap_or_default();
        similar::fingerprint(&sources).without(&given)
    };
    similar::pairs(&records.iter().map(print).collect::<Vec<_>>(), SIMILAR)
}
