//! `vmlab list`: the bundled programs.

use std::fmt::Write;

use clap::Args;
use serde_json::json;

use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};
use protocol::similar::DidYouMean;

/// Lists the bundled programs with a line on each
#[derive(Args)]
#[command(after_help = format!("Example:\n  vmlab list --suite vm\n\n{PRINT_CODES}"))]
pub(super) struct ListArgs {
    /// Only the programs of one suite
    #[arg(long, value_name = "SUITE")]
    suite: Option<String>,

    /// Print JSON: an array of objects with name, suite, shows, needs and source
    #[arg(long)]
    json: bool,
}

impl ListArgs {
    /// Prints the list.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let programs: Vec<_> = images::programs()
            .iter()
            .filter(|program| {
                self.suite
                    .as_ref()
                    .is_none_or(|suite| program.suite == suite)
            })
            .collect();
        if let (Some(suite), true) = (&self.suite, programs.is_empty()) {
            let names = suites();
            let similar = DidYouMean::among(suite, names.iter().copied());
            return Err(format!(
                "there is no suite '{suite}' of programs{similar}; there are: {}",
                names.join(", ")
            )
            .into());
        }
        let text = if self.json {
            json(&programs)
        } else {
            table(&programs)
        };
        print(&text)?;
        Ok(Exit::Success)
    }
}

/// Returns the names of all suites, in order.
fn suites() -> Vec<&'static str> {
    let mut suites: Vec<_> = images::programs()
        .iter()
        .map(|program| program.suite)
        .collect();
    suites.sort_unstable();
    suites.dedup();
    suites
}

fn table(programs: &[&images::Program]) -> String {
    let mut text = String::new();
    for program in programs {
        let (name, suite, shows) = (program.name, program.suite, program.shows);
        writeln!(text, "{name:<14}  {suite:<10}  {shows}").expect("a String takes all");
    }
    text
}

fn json(programs: &[&images::Program]) -> String {
    let list: Vec<_> = programs
        .iter()
        .map(|program| {
            json!({
                "name": program.name,
                "suite": program.suite,
                "shows": program.shows,
                "needs": program.needs,
                "source": program.source,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::from(list))
}
