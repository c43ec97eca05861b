//! `vmlab workloads`: real programs, their packages, and every policy on them.

mod fetch;
mod files;
mod list;
mod run;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use host::command::UsageError;
use protocol::exit::{Exit, RUN_CODES};

/// Where packages are, unless the user says otherwise.
pub(super) const PACKAGES: &str = ".vmlab/packages";

/// Runs real programs under every replacement policy
#[derive(Args)]
#[command(after_help = format!("\
The programs are Debian's for the i386, the input is made by seeds.

Examples:
  vmlab workloads list
  vmlab workloads fetch
  vmlab workloads run sort gzip --frames 32,64

{RUN_CODES}"))]
pub(super) struct WorkloadsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::ListArgs),
    Fetch(fetch::FetchArgs),
    Files(files::FilesArgs),
    Run(run::RunArgs),
}

/// Where the packages are.
#[derive(Args)]
struct PackagesFolder {
    /// The folder of packages
    #[arg(long = "packages", value_name = "DIR", default_value = PACKAGES)]
    folder: PathBuf,
}

impl WorkloadsArgs {
    /// Does what the subcommand says.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        match &self.command {
            Command::List(args) => args.execute(),
            Command::Fetch(args) => args.execute(),
            Command::Files(args) => args.execute(),
            Command::Run(args) => args.execute(),
        }
    }
}
