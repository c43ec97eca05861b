//! `vmlab class verify`: grades a sample of a class once more, to verify the results.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::Args;
use host::command::{UsageError, print};
use host::scratch::Scratch;
use protocol::exit::{Exit, GRADE_CODES};

use crate::class::engine::{Engine, Work};
use crate::class::results::ResultsFolder;
use crate::hash::Hash;
use crate::plan::Plan;

/// Grades a sample of a class once more, and compares it to the byte
#[derive(Args)]
#[command(after_help = format!("\
The plan of the results is used unchanged: the same tree, hand-out, tests and options, and
the submissions where they were. It reports results that were changed by hand, a different
tree, and kernels that do not do the same each time.

Examples:
  vmlab class verify results
  vmlab class verify results --sample 20 --seed 7
  vmlab class verify results --student ada

{GRADE_CODES}"))]
pub(super) struct VerifyArgs {
    /// The folder of the results
    #[arg(value_name = "RESULTS")]
    results: PathBuf,

    /// The number of submissions
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        conflicts_with = "student"
    )]
    sample: usize,

    /// The seed that selects the submissions
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// This student's. May be given several times
    #[arg(long, value_name = "NAME")]
    student: Vec<String>,
}

impl VerifyArgs {
    /// Grades the sample and compares the results.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let kept = ResultsFolder::new(&self.results);
        let plan = Plan::read(&kept.plan()).map_err(|error| {
            format!(
                "{} has no results of a class: {error}",
                self.results.display()
            )
        })?;
        let scratch = Scratch::new()?;
        let again = ResultsFolder::new(scratch.path());
        again.make()?;
        plan.write(&again.plan())?;
        let work = Work {
            plan: &plan,
            results: scratch.path(),
            numbers: self.numbers(&plan)?,
            again: true,
        };
        let jobs = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let failures = Engine::Local(jobs).grade(&work)?;
        for failure in &failures {
            anstream::eprintln!("vmlab: {failure}");
        }
        let mut all_same = failures.is_empty();
        for &number in &work.numbers {
            let student = &plan.submissions[number].student;
            let (before, now) = (kept.record(student)?, again.record(student)?);
            let words = match (&before, &now) {
                (Some(before), Some(now)) if before == now => "the same",
                (None, _) => "was not graded before",
                _ => "not the same",
            };
            all_same &= words == "the same";
            print(&format!("{student}: {words}\n"))?;
        }
        Ok(match all_same {
            true => Exit::Success,
            false => Exit::Failed,
        })
    }

    /// Returns the indices of the submissions to grade once more, in order.
    fn numbers(&self, plan: &Plan) -> Result<Vec<usize>, UsageError> {
        if !self.student.is_empty() {
            return plan.numbers_of(&self.student);
        }
        let lot = |number: &usize| {
            let mut hash = Hash::default();
            hash.add(&self.seed.to_le_bytes());
            hash.add(plan.submissions[*number].student.as_bytes());
            hash.text()
        };
        let mut numbers = Vec::from_iter(0..plan.submissions.len());
        numbers.sort_by_cached_key(lot);
        numbers.truncate(self.sample);
        Ok(BTreeSet::from_iter(numbers).into_iter().collect())
    }
}
