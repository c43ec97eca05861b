//! The command line: a file for each subcommand.

mod check;
mod compare;
mod grade;
mod handout;
mod judge_tests;
mod one;
mod planned;
mod submit_grade;
mod verify;

use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use host::command::{UsageError, begin, guarded, parse, with_common};
use protocol::exit::Exit;

use crate::boxed::BoxedArgs;

/// Runs real 32-bit x86 programs on an emulated machine, and grades them.
#[derive(Parser)]
#[command(name = "vmlab", bin_name = "vmlab", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    Submit(Submit),
    #[command(subcommand)]
    Class(Class),
    JudgeTests(judge_tests::JudgeTestsArgs),
    #[command(hide = true)]
    Boxed(BoxedArgs),
    #[command(hide = true)]
    One(one::OneArgs),
}

/// Checks or grades the submission of one student
#[derive(Subcommand)]
enum Submit {
    Check(check::CheckArgs),
    Grade(Box<submit_grade::SubmitGradeArgs>),
}

/// Grades the submissions of a class
#[derive(Subcommand)]
enum Class {
    Grade(Box<grade::GradeArgs>),
    Verify(verify::VerifyArgs),
    Compare(compare::CompareArgs),
}

/// All that this program takes.
#[must_use]
pub fn command() -> clap::Command {
    with_common(Cli::command())
}

/// Runs the command line of the process and returns its exit code.
#[must_use]
pub fn main() -> Exit {
    begin();
    match parse(command(), std::env::args_os().collect()) {
        Ok(matches) => guarded(
            || execute(&Cli::from_arg_matches(&matches)?.command),
            || false,
        ),
        Err(exit) => exit,
    }
}

/// Returns an absolute path.
fn whole(path: &Path) -> Result<PathBuf, UsageError> {
    let failed = |error| format!("{}: {error}", path.display());
    Ok(path.canonicalize().map_err(failed)?)
}

fn execute(command: &Command) -> Result<Exit, UsageError> {
    match command {
        Command::Submit(Submit::Check(args)) => args.execute(),
        Command::Submit(Submit::Grade(args)) => args.execute(),
        Command::Class(Class::Grade(args)) => args.execute(),
        Command::Class(Class::Verify(args)) => args.execute(),
        Command::Class(Class::Compare(args)) => args.execute(),
        Command::JudgeTests(args) => args.execute(),
        Command::Boxed(args) => args.execute(),
        Command::One(args) => args.execute(),
    }
}
