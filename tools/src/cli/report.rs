//! `vmlab report`: a run as a page with pictures.

use std::time::Duration;

use clap::Args;

use super::recording::RecordArgs;
use crate::html::Page;
use crate::policies::measured::Experiment;
use crate::policies::{distinct, picture};
use driver::guest::Guest;
use host::command::UsageError;
use host::waiting::Waiting;
use protocol::exit::{Exit, RUN_CODES};
use protocol::settings::Frames;

/// Runs a program and draws what the virtual memory did, as a page for a browser
#[derive(Args)]
#[command(after_help = format!("\
The page is self-contained: it works without a network, and can be sent to others.
Standard output is the program's console. These options may also follow PROGRAM. After
`--` everything goes to the program.

Examples:
  vmlab report page-parallel --frames 48 -o report.html
  vmlab report --policy fifo --frames 32 ./my-program.c -o fifo.html
  vmlab report page-shuffle --frames 32 --policies 16,24,32 -o report.html

{RUN_CODES}"))]
pub(super) struct ReportArgs {
    #[command(flatten)]
    record: RecordArgs,

    /// Also compare all policies with these numbers of frames, as `vmlab policies` does, and draw
    /// the result. Each takes another run
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    policies: Vec<Frames>,
}

impl ReportArgs {
    /// Runs the program and writes the page.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let recordable = self.record.prepare()?;
        let policies = self.compare(&recordable.guest)?;
        self.record.execute(
            recordable,
            |files, about| Page::start(files.output, files.spool, about, policies.as_deref()),
            Page::finish,
        )
    }

    /// Returns the chart that compares policies, if it was asked for.
    fn compare(&self, guest: &Guest) -> Result<Option<String>, UsageError> {
        if self.policies.is_empty() {
            return Ok(None);
        }
        let waiting = Waiting::start("vmlab: trying all policies", Duration::from_secs(2));
        let experiment = Experiment {
            guest,
            frames: &distinct(&self.policies),
            base: self.record.machine.base(),
            seed: self.record.machine.settings().seed,
            expected: None,
        };
        let (results, _) = experiment.measure()?;
        drop(waiting);
        Ok(Some(picture::svg(&results)))
    }
}
