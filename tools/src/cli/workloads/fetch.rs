//! `vmlab workloads fetch`: the packages of the workloads.

use clap::Args;

use super::PackagesFolder;
use host::command::{UsageError, print};
use host::packages::Catalogue;
use protocol::exit::{Exit, PRINT_CODES};

/// Fetches the packages, checks their SHA-256 sums and takes them apart; nothing is installed
#[derive(Args)]
#[command(after_help = format!("\
The packages, their versions and their sums are in images/packages.toml. What is there already
is not fetched again. A .deb in the folder, put there by hand, is used if its sum is right.

Examples:
  vmlab workloads fetch
  vmlab workloads fetch busybox --packages ~/packages

{PRINT_CODES}"))]
pub(super) struct FetchArgs {
    /// Sets of packages, of those that `vmlab workloads list` shows [default: all]
    #[arg(value_name = "SET")]
    sets: Vec<String>,

    #[command(flatten)]
    packages: PackagesFolder,
}

impl FetchArgs {
    /// Fetches what is not there, and prints where all of it is.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let catalogue = Catalogue::bundled()?;
        let sets = match self.sets.is_empty() {
            true => catalogue.sets.iter().collect(),
            false => {
                let find = |name: &String| {
                    catalogue.set(name).ok_or_else(|| {
                        let known = catalogue.sets.iter().map(|set| &*set.name);
                        let known = known.collect::<Vec<_>>().join(", ");
                        format!("there is no set of packages '{name}', only {known}")
                    })
                };
                self.sets.iter().map(find).collect::<Result<Vec<_>, _>>()?
            }
        };
        for set in sets {
            let say = |what: &str| anstream::eprintln!("vmlab: {what}");
            let folder = catalogue.fetch(set, &self.packages.folder, &say)?;
            print(&format!("{:<10} {}\n", set.name, folder.display()))?;
        }
        Ok(Exit::Success)
    }
}
