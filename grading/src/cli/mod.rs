//! The command line: a file for each subcommand that grades, and names of those that other programs
//! have.

mod grade;
mod gradescope;
mod handout;
mod lab;
mod list;
mod merge;
mod new_test;
pub mod select;

use std::ffi::OsString;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use host::command::{UsageError, begin, guarded, parse, with_common};
use protocol::exit::Exit;

use crate::programs;

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

`vmlab COMMAND --help` lists the options and exit codes of a command.
Set RUST_LOG=info (or debug, trace) for a log on standard error.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a program; standard output is its console
    #[command(disable_help_flag = true)]
    Run(Elsewhere),
    /// Shows the kernel's state at a moment of a run: regions, page tables, frames, swap
    #[command(disable_help_flag = true)]
    Inspect(Elsewhere),
    /// Explains what is at an address, and how its page got where it is
    #[command(disable_help_flag = true)]
    Why(Elsewhere),
    /// Records the fault log of a program in a file, or compares it with the one recorded
    #[command(disable_help_flag = true)]
    Snapshot(Elsewhere),
    List(list::ListArgs),
    Grade(Box<grade::GradeArgs>),
    Merge(merge::MergeArgs),
    Gradescope(gradescope::GradescopeArgs),
    NewTest(new_test::NewTestArgs),
    Handout(handout::HandoutArgs),
    Lab(lab::LabArgs),
    /// Looks at what one student hands in
    #[command(disable_help_flag = true)]
    Submit(Elsewhere),
    /// Grades what a class handed in
    #[command(disable_help_flag = true)]
    Class(Elsewhere),
    /// Judges tests: runs a suite on kernels that are broken on purpose
    #[command(disable_help_flag = true)]
    JudgeTests(Elsewhere),
    /// Compares all replacement policies with each other, exact LRU and the optimum
    #[command(disable_help_flag = true)]
    Policies(Elsewhere),
    /// Runs real programs under every replacement policy
    #[command(disable_help_flag = true)]
    Workloads(Elsewhere),
    /// Runs a program and draws what the virtual memory did, as a page for a browser
    #[command(disable_help_flag = true)]
    Report(Elsewhere),
    /// Runs a program and writes a trace of it, for ui.perfetto.dev or chrome://tracing
    #[command(disable_help_flag = true)]
    Trace(Elsewhere),
    /// Measures faults, system calls, processes and instructions, and compares them with the host's
    #[command(disable_help_flag = true)]
    Bench(Elsewhere),
    /// Prints what a shell needs to complete the words of this command
    #[command(disable_help_flag = true)]
    Completions(Elsewhere),
    /// Writes a manual page for each command
    #[command(disable_help_flag = true)]
    Man(Elsewhere),
    /// Builds the book about virtual memory and opens it in a browser
    #[command(disable_help_flag = true)]
    Book(Elsewhere),
    /// Runs all tests of the project, or what `cargo test` takes from the words behind it
    #[command(disable_help_flag = true)]
    Test(Elsewhere),
}

/// The arguments of a command that another program parses.
#[derive(Args)]
struct Elsewhere {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    words: Vec<OsString>,
}

/// All that this command takes, with the names alone of what other programs have.
#[must_use]
pub fn command() -> clap::Command {
    with_common(Cli::command())
}

/// Runs the command line of the process and returns its exit code.
#[must_use]
pub fn main() -> Exit {
    begin();
    let mut words: Vec<OsString> = std::env::args_os().collect();
    // `vmlab help run` means `vmlab run --help`, which each program answers for its own commands.
    if words.len() == 3 && words[1] == "help" {
        words[1] = std::mem::replace(&mut words[2], "--help".into());
    }
    match parse(command(), words.clone()) {
        Ok(matches) => guarded(
            || execute(&Cli::from_arg_matches(&matches)?.command, words),
            || false,
        ),
        Err(exit) => exit,
    }
}

fn execute(command: &Command, words: Vec<OsString>) -> Result<Exit, UsageError> {
    match command {
        Command::List(args) => args.execute(),
        Command::Grade(args) => args.execute(),
        Command::Merge(args) => args.execute(),
        Command::Gradescope(args) => args.execute(),
        Command::NewTest(args) => args.execute(),
        Command::Handout(args) => args.execute(),
        Command::Lab(args) => args.execute(),
        Command::Submit(_) | Command::Class(_) | Command::JudgeTests(_) => {
            Err(programs::become_class(words.into_iter().skip(1)).into())
        }
        Command::Run(_)
        | Command::Inspect(_)
        | Command::Why(_)
        | Command::Snapshot(_)
        | Command::Policies(_)
        | Command::Workloads(_)
        | Command::Report(_)
        | Command::Trace(_)
        | Command::Bench(_) => Err(programs::become_tools(words.into_iter().skip(1)).into()),
        Command::Completions(_) | Command::Man(_) => {
            Err(programs::become_manual(words.into_iter().skip(1)).into())
        }
        Command::Book(_) => {
            Err("it is the launcher that builds the book: ./vmlab book, in the checkout".into())
        }
        Command::Test(_) => {
            Err("it is the launcher that runs the tests: ./vmlab test, in the checkout".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer lines wrap raggedly; and a command that runs no kernel cannot exit with 4.
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
}
