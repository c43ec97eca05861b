//! The command line: a file for each subcommand, and what they share.

mod bench;
mod grade;
mod gradescope;
mod handout;
mod inspect;
mod lab;
mod list;
mod machine_args;
mod merge;
mod new_test;
mod order;
mod policies;
mod recording;
mod report;
mod run;
mod select;
mod snapshot;
mod trace;
mod why;

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{CommandFactory, Parser, Subcommand};

use crate::exit::Exit;
use crate::{black_box, kernel_panic};

/// Runs real 32-bit x86 programs on an emulated machine under memory pressure, and grades them.
#[derive(Parser)]
#[command(name = "vmlab", version, max_term_width = 100)]
#[command(after_help = "Examples:
  vmlab run page-linear --frames 64 --stats
  vmlab run --put input.txt:in path/to/program in
  vmlab inspect page-linear --frames 64 --at fault:100 --show frames,swap
  vmlab why page-linear data+0x1000 --frames 64
  vmlab snapshot page-linear --frames 64
  vmlab grade

`vmlab COMMAND --help` tells all options and exit codes of a command.
Set RUST_LOG=info (or debug, trace) for a log on standard error.")]
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
    List(list::ListArgs),
    Grade(grade::GradeArgs),
    Merge(merge::MergeArgs),
    Gradescope(gradescope::GradescopeArgs),
    NewTest(new_test::NewTestArgs),
    Handout(handout::HandoutArgs),
    Lab(lab::LabArgs),
    Policies(policies::PoliciesArgs),
    Report(report::ReportArgs),
    Trace(trace::TraceArgs),
    Bench(bench::BenchArgs),
}

/// What stops a command before it has a result. It is printed, and the exit code is 2.
pub type UsageError = Box<dyn Error>;

/// The whole command: reads the process's arguments, does what they say.
pub fn main() -> Exit {
    // Without the time of day, so that the same run logs the same bytes.
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn"))
        .format_timestamp(None)
        .init();
    kernel_panic::tell_apart(black_box::note_panic);
    let mut command = Cli::command();
    command.build();
    let words = match order::options_first(&command, std::env::args_os().collect()) {
        Ok(words) => words,
        Err(stray) => return guarded(|| Err(stray.into())),
    };
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(refusal) => {
            // `--help` comes this way too. Where it cannot be printed, nobody reads it.
            let _ = refusal.print();
            return if refusal.use_stderr() {
                Exit::Usage
            } else {
                Exit::Success
            };
        }
    };
    guarded(|| match cli.command {
        Command::Run(args) => args.execute(),
        Command::Inspect(args) => args.execute(),
        Command::Why(args) => args.execute(),
        Command::Snapshot(args) => args.execute(),
        Command::List(args) => args.execute(),
        Command::Grade(args) => args.execute(),
        Command::Merge(args) => args.execute(),
        Command::Gradescope(args) => args.execute(),
        Command::NewTest(args) => args.execute(),
        Command::Handout(args) => args.execute(),
        Command::Lab(args) => args.execute(),
        Command::Policies(args) => args.execute(),
        Command::Report(args) => args.execute(),
        Command::Trace(args) => args.execute(),
        Command::Bench(args) => args.execute(),
    })
}

/// Does what was asked for, and says what stopped it if something did.
fn guarded(execute: impl FnOnce() -> Result<Exit, UsageError>) -> Exit {
    match catch_unwind(AssertUnwindSafe(execute)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            anstream::eprintln!("vmlab: {error}");
            Exit::Usage
        }
        // It has been told.
        Err(_) if kernel_panic::take_last().is_some() => Exit::Kernel,
        Err(_) => {
            anstream::eprintln!(
                "vmlab: this is a bug of vmlab, not of the program it ran. Please report it with \
                 the command line\nand the message above; RUST_BACKTRACE=1 adds where it happened."
            );
            Exit::Bug
        }
    }
}

/// Prints to standard output. That nobody reads it any more is no error.
fn print(text: &str) -> Result<(), UsageError> {
    use std::io::{ErrorKind, Write};

    let mut stdout = anstream::stdout();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}").into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer lines are broken where it looks ragged; and who runs no kernel cannot exit with 4.
    #[test]
    fn what_the_help_of_the_lab_ends_with_fits_and_tells_no_code_that_cannot_be() {
        let is_of_lab = |command: &clap::Command| ["handout", "lab"].contains(&command.get_name());
        let all = Cli::command();
        let mut commands: Vec<_> = all.get_subcommands().filter(|one| is_of_lab(one)).collect();
        while let Some(command) = commands.pop() {
            let text = command.get_after_help().map(ToString::to_string);
            let text = text.unwrap_or_default();
            let long: Vec<&str> = text
                .lines()
                .filter(|line| line.chars().count() > 90)
                .collect();
            assert_eq!(long, <[&str; 0]>::default(), "{}", command.get_name());
            assert!(!text.contains("\n  4  "), "{}", command.get_name());
            commands.extend(command.get_subcommands());
        }
    }

    #[test]
    fn a_panic_is_our_bug_and_an_error_is_a_matter_of_usage() {
        assert_eq!(guarded(|| panic!("on purpose")), Exit::Bug);
        assert_eq!(guarded(|| Err("no".into())), Exit::Usage);
        assert_eq!(guarded(|| Ok(Exit::Failed)), Exit::Failed);
    }
}
