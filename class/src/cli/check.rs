//! `vmlab submit check`: checks whether a submission can be read, compiled and graded.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use host::command::{UsageError, print};
use host::waiting::Waiting;
use protocol::exit::Exit;

use super::handout::HandoutArgs;
use super::whole;
use crate::build::place::BuildFolder;
use crate::build::places;
use crate::build::recipe::Recipe;
use crate::class::SILENCE;
use crate::intake;
use crate::rules;

/// Reads a submission as data, applies it to the hand-out, and checks whether it can be graded
#[derive(Args)]
#[command(after_help = "\
A submission is a folder, a ZIP, a TAR (gzip or not), a git bundle, or one source file.
The files of vm/src are used, wherever they are in it: a whole vm/src, or single files of
the hand-out. Links, paths that lead out, archive bombs, and names that reach the host
(files, processes, macros that read files) are refused, with a reason.

Examples:
  vmlab submit check ada.zip
  vmlab submit check submissions/bob --handout ../lab-2026

Exit codes:
  0  it can be graded
  1  it cannot; the reason is printed
  2  usage or set-up
  3  a bug of vmlab")]
pub(super) struct CheckArgs {
    /// The submission
    #[arg(value_name = "SUBMISSION")]
    path: PathBuf,

    #[command(flatten)]
    handout: HandoutArgs,

    /// Only inspect it, compile nothing
    #[arg(long)]
    no_build: bool,
}

impl CheckArgs {
    /// Checks the submission.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let (root, pristine, _) = self.handout.pristine()?;
        // A mistyped name is a usage error, not a refused submission.
        whole(&self.path)?;
        let taken = match intake::take(&self.path, &pristine.kernel) {
            Ok(taken) => taken,
            Err(refusal) => return failed(&format!("refused: {refusal}\n")),
        };
        let mut text = String::new();
        for note in &taken.notes {
            writeln!(text, "{note}")?;
        }
        let sources = taken.over(&pristine.kernel);
        let breaches = rules::breaches(&sources, &pristine.kernel);
        if !breaches.is_empty() {
            for breach in breaches {
                writeln!(text, "{breach}")?;
            }
            return failed(&(text + "it calls what a kernel must not.\n"));
        }
        if !self.no_build {
            let _waiting = Waiting::start("compiling", SILENCE);
            let taken = places::take(&root.join("target/class"))?;
            let place = BuildFolder::new(&taken.folder, &root, Recipe::of(&root)?, false)?;
            place.prepare(&pristine.kernel)?;
            if let Err(error) = place.compile(&sources) {
                return failed(&format!("{text}{error}\n"));
            }
        }
        print(&(text + "it can be graded.\n"))?;
        Ok(Exit::Success)
    }
}

fn failed(text: &str) -> Result<Exit, UsageError> {
    print(text)?;
    Ok(Exit::Failed)
}
