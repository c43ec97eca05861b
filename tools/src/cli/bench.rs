//! `vmlab bench`: the cost of faults, system calls and instructions.

use std::path::PathBuf;

use clap::Args;

use super::workloads::PACKAGES;
use crate::bench::{self, Effort};
use host::command::{UsageError, print};
use protocol::exit::{BENCH_CODES, Exit};

/// Measures faults, system calls, processes and instructions, and compares them with the host's
#[derive(Args)]
#[command(after_help = format!("\
Measurements that are compared with each other take turns, and medians are shown.

Example:
  vmlab bench --quick

{BENCH_CODES}"))]
pub(super) struct BenchArgs {
    /// Print JSON: one flat object
    #[arg(long)]
    json: bool,

    /// Fewer rounds: takes a few seconds, less exact
    #[arg(long)]
    quick: bool,

    /// The folder of packages that `vmlab workloads fetch` has fetched, for real programs
    #[arg(long, value_name = "DIR", default_value = PACKAGES)]
    packages: PathBuf,
}

impl BenchArgs {
    /// Measures and prints the results.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let effort = if self.quick {
            Effort::Quick
        } else {
            Effort::Full
        };
        let results = bench::measure(effort, &self.packages)?;
        let text = if self.json {
            results.json()
        } else {
            results.table()
        };
        print(&text)?;
        Ok(Exit::Success)
    }
}
