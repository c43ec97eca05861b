//! `vmlab report`: a run as a page of pictures.

use clap::Args;

use super::UsageError;
use super::recording::RecordArgs;
use crate::exit::{Exit, RUN_CODES};
use crate::html;

/// Runs a program and draws what the virtual memory did, as a page for a browser
#[derive(Args)]
#[command(after_help = format!("\
The page has everything in it: it works without a network, and can be sent to others. Standard
output is the program's console. These options may also stand after PROGRAM. Others that stand there
go to the program, and after `--` everything does.

Examples:
  vmlab report page-parallel --frames 48 -o report.html
  vmlab report --policy fifo --frames 32 ./my-program.c -o fifo.html

{RUN_CODES}"))]
pub struct ReportArgs {
    #[command(flatten)]
    record: RecordArgs,
}

impl ReportArgs {
    /// Runs and writes.
    pub fn execute(&self) -> Result<Exit, UsageError> {
        self.record.execute(|recording| html::page(recording, None))
    }
}
