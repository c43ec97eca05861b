//! `vmlab trace`: a run as a trace for Perfetto.

use clap::Args;

use super::recording::RecordArgs;
use crate::trace::Trace;
use host::command::UsageError;
use protocol::exit::{Exit, RUN_CODES};

/// Runs a program and writes a trace of it, for ui.perfetto.dev or chrome://tracing
#[derive(Args)]
#[command(after_help = format!("\
Processes and disks are tracks; time is guest work, one microsecond per basic block.
Standard output is the program's console. These options may also follow PROGRAM. After
`--` everything goes to the program.

Example:
  vmlab trace page-parallel --frames 48 --disk-latency 2000 -o trace.json

{RUN_CODES}"))]
pub(super) struct TraceArgs {
    #[command(flatten)]
    record: RecordArgs,
}

impl TraceArgs {
    /// Runs the program and writes the trace.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let recordable = self.record.prepare()?;
        self.record.execute(
            recordable,
            |files, about| Trace::start(files.output, about),
            Trace::finish,
        )
    }
}
