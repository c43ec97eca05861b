//! `vmlab workloads list`: what there is.

use clap::Args;

use super::PackagesFolder;
use crate::workloads::Workload;
use host::command::{UsageError, print};
use host::packages::Catalogue;
use protocol::exit::{Exit, PRINT_CODES};

/// Lists the workloads, their packages, and whether these were fetched
#[derive(Args)]
#[command(after_help = format!("\
Example:
  vmlab workloads list

{PRINT_CODES}"))]
pub(super) struct ListArgs {
    #[command(flatten)]
    packages: PackagesFolder,
}

impl ListArgs {
    /// Prints the list.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let mut text = String::new();
        for workload in Workload::all()? {
            let (name, packages) = (&workload.name, &workload.packages);
            text += &format!("{name:<10} {packages:<10} {}\n", workload.title);
        }
        text += "\npackages:\n";
        let catalogue = Catalogue::bundled()?;
        for set in &catalogue.sets {
            let state = match set.found(&self.packages.folder) {
                Some(_) => "fetched",
                None => "not fetched",
            };
            text += &format!("{:<10} {state:<12} {}\n", set.name, set.about);
        }
        print(&text)?;
        Ok(Exit::Success)
    }
}
