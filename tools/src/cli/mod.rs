//! The command line of the tools: a file for each subcommand, and what they share.

mod bench;
mod inspect;
mod order;
mod policies;
mod recording;
mod report;
mod run;
mod snapshot;
mod trace;
mod why;
mod workloads;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use driver::{kernel_panic, kinds};
use host::command::{UsageError, begin, guarded, parse, with_common};
use protocol::exit::Exit;

/// Runs real 32-bit x86 programs on an emulated machine, and shows its state.
#[derive(Parser)]
#[command(name = "vmlab", bin_name = "vmlab", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::RunArgs),
    Inspect(inspect::InspectArgs),
    Why(why::WhyArgs),
    Snapshot(snapshot::SnapshotArgs),
    Policies(policies::PoliciesArgs),
    Workloads(workloads::WorkloadsArgs),
    Report(report::ReportArgs),
    Trace(trace::TraceArgs),
    Bench(bench::BenchArgs),
}

/// All that this program takes; the policies and slot allocators that there are among it.
#[must_use]
pub fn command() -> clap::Command {
    with_common(kinds::listed_in(Cli::command()))
}

/// Runs the command line of the process and returns its exit code.
#[must_use]
pub fn main() -> Exit {
    begin();
    kernel_panic::tell_apart(|_| ());
    let mut command = command();
    command.build();
    let words = match order::options_first(&command, std::env::args_os().collect()) {
        Ok(words) => words,
        Err(stray) => return guarded(|| Err(stray.into()), || false),
    };
    match parse(command, words) {
        Ok(matches) => guarded(
            || execute(&Cli::from_arg_matches(&matches)?.command),
            || kernel_panic::take_last().is_some(),
        ),
        Err(exit) => exit,
    }
}

fn execute(command: &Command) -> Result<Exit, UsageError> {
    match command {
        Command::Run(args) => args.execute(),
        Command::Inspect(args) => args.execute(),
        Command::Why(args) => args.execute(),
        Command::Snapshot(args) => args.execute(),
        Command::Policies(args) => args.execute(),
        Command::Workloads(args) => args.execute(),
        Command::Report(args) => args.execute(),
        Command::Trace(args) => args.execute(),
        Command::Bench(args) => args.execute(),
    }
}
