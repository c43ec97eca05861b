//! Grades one submission of a plan: the command that each engine runs, on any machine.

use std::path::PathBuf;

use clap::Args;
use host::command::UsageError;
use protocol::exit::Exit;

use crate::build::places;
use crate::class::results::ResultsFolder;
use crate::judge::{Judge, Judged};
use crate::plan::Plan;

/// Grades one submission of a plan
#[derive(Args)]
pub(super) struct OneArgs {
    /// The folder of the results, with the plan
    #[arg(value_name = "RESULTS")]
    results: PathBuf,

    /// The number of the submission, from 0
    #[arg(value_name = "NUMBER")]
    number: usize,

    /// The folder with folders to compile in
    #[arg(long, value_name = "DIR")]
    places: PathBuf,

    /// Grade it even if it was graded before
    #[arg(long)]
    again: bool,
}

impl OneArgs {
    /// Grades it, and stores the record.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let results = ResultsFolder::new(&self.results);
        let plan = Plan::read(&results.plan())?;
        let submission = plan.submissions.get(self.number);
        let submission = submission.ok_or("the plan has no submission of this number")?;
        // The known grades of other tests stay.
        let known = match self.again && plan.again.is_empty() {
            true => None,
            false => results.record(&submission.student)?,
        };
        let place = places::take(&self.places)?;
        match Judge::new(&plan, &place.folder)?.judge(submission, known)? {
            Judged::Known => {}
            Judged::New(new) => {
                let (record, cost) = &*new;
                results.keep_cost(&submission.student, *cost)?;
                results.keep(record)?;
            }
        }
        results.note_done(self.number)?;
        Ok(Exit::Success)
    }
}
