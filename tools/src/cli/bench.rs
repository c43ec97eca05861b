//! `vmlab bench`: what faults, system calls and instructions cost.

use clap::Args;

use crate::bench::{self, Effort};
use host::command::{UsageError, print};
use protocol::exit::{BENCH_CODES, Exit};

/// Measures faults, system calls, processes and instructions, beside native and bare ones
#[derive(Args)]
#[command(after_help = format!("\
Measurements that are compared with each other take turns, and medians are shown.

Example:
  vmlab bench --quick

{BENCH_CODES}"))]
pub struct BenchArgs {
    /// As JSON: one flat object
    #[arg(long)]
    json: bool,

    /// Fewer rounds: a few seconds in all, less exact
    #[arg(long)]
    quick: bool,
}

impl BenchArgs {
    /// Measures and prints.
    pub fn execute(&self) -> Result<Exit, UsageError> {
        let effort = if self.quick {
            Effort::Quick
        } else {
            Effort::Full
        };
        let results = bench::measure(effort)?;
        let text = if self.json {
            results.json()
        } else {
            results.table()
        };
        print(&text)?;
        Ok(Exit::Success)
    }
}
