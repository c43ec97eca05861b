//! `vmlab lab`: progress in a hand-out, hints, and the tests of a milestone, once or at each save.

mod grade;
mod hint;
pub(super) mod passed;
mod status;
mod table;
mod time;
mod variant;
mod watch;

use clap::{Args, Subcommand};

use crate::suite::{Suite, SuiteError};
use host::command::UsageError;
use protocol::exit::{Exit, PRINT_CODES};

/// Shows which milestones are done and what is next
#[derive(Args)]
#[command(after_help = format!("\
Without a COMMAND it lists the milestones with the last results of their tests, and the
functions of the next one. A milestone is done when all its tests, including those of
crate vm, passed in their last run.

Examples:
  vmlab lab
  vmlab lab hint 4.1
  vmlab lab hint 4.1 --more
  vmlab lab grade 4
  vmlab lab watch
  vmlab lab table
  vmlab lab time

{PRINT_CODES}"))]
pub(super) struct LabArgs {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Hint(hint::HintArgs),
    Grade(grade::GradeArgs),
    Table(table::TableArgs),
    Watch(watch::WatchArgs),
    Time(time::TimeArgs),
    Variant(variant::VariantArgs),
}

impl LabArgs {
    /// Runs the command.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        match &self.command {
            None => status::execute(),
            Some(Command::Hint(args)) => args.execute(),
            Some(Command::Grade(args)) => args.execute(),
            Some(Command::Table(args)) => args.execute(),
            Some(Command::Watch(args)) => args.execute(),
            Some(Command::Time(args)) => args.execute(),
            Some(Command::Variant(args)) => args.execute(),
        }
    }
}

/// All bundled tests, SUITE/NAME, with their points.
struct Bundled(Vec<(String, u32)>);

impl Bundled {
    fn read() -> Result<Bundled, SuiteError> {
        let suites = Suite::bundled()?;
        let tests = suites.iter().flat_map(|suite| {
            let named = |name: &str| format!("{}/{name}", suite.name);
            let tests = suite.tests.iter();
            tests.map(move |test| (named(&test.name), test.points))
        });
        Ok(Bundled(tests.collect()))
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}
