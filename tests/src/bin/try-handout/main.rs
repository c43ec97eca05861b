//! Tries hand-outs: with a milestone solved its tests pass, without it they do not.
//!
//! # Invariants
//!
//! All hand-outs are made in one folder in turn.

mod milestone;
mod open;
mod variant;
mod workbench;

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lab::ids::Milestone;
use lab::source::Source;
use lab::variant::VariantName;
use testkit::root;

use crate::milestone::Trial;
use crate::workbench::Workbench;

/// Builds hand-outs and runs the tests of each milestone, with its solution and without it
///
/// For each milestone M two hand-outs are made, of which the milestones from M on and those from M+1 on
/// are left to do. In both the tests of M are run: those of crate vm with the feature of M, and the
/// bundled ones. With --open it is the open hand-out in which all tests are run.
#[derive(Parser)]
#[command(
    name = "try-handout",
    after_help = "\
Prints a line for each milestone. Builds take minutes each.

Examples:
  cargo run --release -p tests --bin try-handout
  cargo run --release -p tests --bin try-handout -- --only 4 --folder /var/tmp/handouts
  cargo run --release -p tests --bin try-handout -- --open
  cargo run --release -p tests --bin try-handout -- --variant stack-leap

Exit codes:
  0  each milestone's tests pass with its solution, and some fail without it; of the open hand-out, what
     needs no virtual memory passes, and at most a tenth of the rest; a variant is passed by its own solution
     alone
  1  they do not
  2  usage or set-up: a hand-out that cannot be made or built..."
)]
struct Arguments {
    /// Only this milestone. May be given several times
    #[arg(long, value_name = "M")]
    only: Vec<Milestone>,

    /// Try the open hand-out
    #[arg(long, conflicts_with = "only")]
    open: bool,

    /// Try this variant of the lab: its own solution passes all tests, and that of this tree does not
    #[arg(long, value_name = "NAME", conflicts_with_all = ["only", "open"])]
    variant: Option<VariantName>,

    /// Where hand-outs are made and built, outside of this tree [default: a folder among the temporary
    /// ones, which is kept]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    tests::tried("try-handout", Arguments::parse().execute())
}

impl Arguments {
    /// Whether all milestones are as they should be.
    fn execute(&self) -> Result<bool, Box<dyn Error>> {
        let source = Source::read(&root())?;
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => env::temp_dir().join("vmlab-try-handout"),
        };
        let bench = Workbench::new(&source, folder)?;
        if self.open {
            return open::try_it(&bench);
        }
        if let Some(name) = &self.variant {
            return variant::try_it(&bench, name);
        }
        let mut all_good = true;
        for stage in &source.course.milestones {
            if self.only.is_empty() || self.only.contains(&stage.number) {
                let trial = Trial::of(&bench, stage)?;
                println!("{}", trial.line(stage));
                all_good &= trial.is_good();
            }
        }
        Ok(all_good)
    }
}
