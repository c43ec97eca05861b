//! `vmlab lab grade`: the tests of one milestone, those of crate `vm` first.

use std::io;
use std::process::{Command, Stdio};

use clap::Args;
use lab::handout::Handout;
use lab::ids::Milestone;
use lab::progress::{self, Progress};

use super::Bundled;
use super::passed::here;
use host::command::UsageError;

use crate::cli::grade;
use protocol::exit::{Exit, GRADE_CODES};

/// Runs the tests of a milestone: those of crate vm, then the bundled ones
#[derive(Args)]
#[command(after_help = format!("\
The results are kept in target/lab, for `vmlab lab`.

Example:
  vmlab lab grade 4

{GRADE_CODES}"))]
pub(super) struct GradeArgs {
    /// The milestone
    #[arg(value_name = "M")]
    milestone: Milestone,
}

impl GradeArgs {
    /// Runs the tests.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let handout = here()?;
        let milestone = self.milestone;
        handout.course.stage(milestone)?;
        if !handout.milestones.has(milestone) {
            return Err(format!(
                "milestone {milestone} was solved from the start; `vmlab grade` runs all tests"
            )
            .into());
        }
        let kernel_passed = kernel_tests(&handout, milestone)?;
        Progress::read(&handout.root)?.note([(progress::kernel(milestone), kernel_passed)])?;
        let bundled = Bundled::read()?;
        let names = bundled.names();
        let owned = handout.course.owned(&names);
        let suites = match owned.get(&milestone) {
            Some(tests) => grade::GradeArgs::of(tests).execute()?,
            None => Exit::Success,
        };
        Ok(match (suites, kernel_passed) {
            (Exit::Success, false) => Exit::Failed,
            (suites, _) => suites,
        })
    }
}

/// Runs crate `vm`'s own tests, including those of the milestone, and returns whether they pass.
/// Cargo prints to standard error: standard output is for the score board.
fn kernel_tests(handout: &Handout, milestone: Milestone) -> Result<bool, UsageError> {
    let feature = handout.kind.feature(milestone);
    let mut words = vec!["test", "--locked", "--package", "vm"];
    if let Some(feature) = &feature {
        words.extend(["--features", feature]);
    }
    anstream::eprintln!("vmlab: cargo {}", words.join(" "));
    let status = Command::new("cargo")
        .args(&words)
        .current_dir(&handout.root)
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    Ok(status.success())
}
