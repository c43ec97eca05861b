//! `vmlab merge`: merges the parts of a run on several machines.

use std::path::{Path, PathBuf};

use clap::Args;

use super::grade::exit_of;
use crate::report::{self, Names, Request};
use crate::results::Results;
use host::command::{UsageError, print};
use protocol::exit::{Exit, GRADE_CODES};

/// Merges the JSON reports of `vmlab grade --shard`
#[derive(Args)]
#[command(after_help = format!("\
Example:
  vmlab grade --shard 1/2 --report json=1.json
  vmlab grade --shard 2/2 --report json=2.json
  vmlab merge 1.json 2.json --report gradescope=results.json

{GRADE_CODES}"))]
pub(super) struct MergeArgs {
    /// The JSON reports of all parts
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Write a report, as in `vmlab grade`
    #[arg(long, value_name = "FORMAT[=FILE]")]
    report: Vec<Request>,
}

impl MergeArgs {
    /// Reads the parts and writes the reports of the whole.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        report::check(&self.report)?;
        let parts = self.files.iter().map(|file| read(file));
        let results = Results::merge(parts.collect::<Result<_, _>>()?)?;
        let written = report::write_files(&self.report, &results);
        print(&report::shown(&self.report, &results, Names::Some))?;
        written?;
        Ok(exit_of(&results))
    }
}

fn read(file: &Path) -> Result<Results, UsageError> {
    let text = host::host_file::read_text(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(report::read(&text).map_err(|error| format!("{}: {error}", file.display()))?)
}
