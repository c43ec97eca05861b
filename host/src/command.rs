//! What all command lines of the project have in common.
//!
//! # Invariants
//!
//! Exit codes are those of [`Exit`], whatever happens; a panic is caught and reported. Standard
//! output is for the result; messages and logs go to standard error.

use std::error::Error;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anstream::ColorChoice;
use clap::builder::EnumValueParser;
use clap::{Arg, ArgMatches, Command, ValueEnum};
use protocol::exit::Exit;

/// An error that stops a command before it has a result. It is printed, and the exit code is 2.
pub type UsageError = Box<dyn Error>;

/// Has logs written to standard error, as `RUST_LOG` says: without the time of day, so that the same run logs
/// the same bytes.
fn start_log() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn"))
        .format_timestamp(None)
        .init();
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Colors {
    /// On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is
    Auto,
    /// Anywhere
    Always,
    /// Nowhere
    Never,
}

/// The name of the option, which all commands have.
const COLOR: &str = "color";

/// The command with the options that all commands have.
#[must_use]
pub fn with_common(command: Command) -> Command {
    command.arg(
        Arg::new(COLOR)
            .long(COLOR)
            .value_name("WHEN")
            .value_parser(EnumValueParser::<Colors>::new())
            .default_value("auto")
            .hide_possible_values(true)
            .global(true)
            .help("Colours in what is printed for people: auto, always or never; auto heeds NO_COLOR and CLICOLOR_FORCE"),
    )
}

/// Has whatever is printed from here on have the colours that the words of a command line ask for.
/// Looked up before they are read, since refusals have colours too.
fn choose_colors(words: &[OsString]) {
    let words = words.iter().map(|word| word.to_str().unwrap_or_default());
    let own: Vec<&str> = words.take_while(|word| *word != "--").collect();
    let joined = own.iter().filter_map(|word| word.strip_prefix("--color="));
    let apart = own
        .windows(2)
        .filter(|pair| pair[0] == "--color")
        .map(|pair| pair[1]);
    let choice = match joined.chain(apart).last() {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => return,
    };
    choice.write_global();
}

/// Begins a program: colours and the log are as the process's arguments and environment say.
pub fn begin() {
    choose_colors(&std::env::args_os().collect::<Vec<_>>());
    start_log();
}

/// Parses the words of a command line.
///
/// # Errors
/// The exit code, if the command ends here; its message, or the text of `--help`, has been printed.
pub fn parse(command: Command, words: Vec<OsString>) -> Result<ArgMatches, Exit> {
    command.try_get_matches_from(words).map_err(|refusal| {
        // If it cannot be printed, nobody reads it.
        let _ = refusal.print();
        if refusal.use_stderr() {
            Exit::Usage
        } else {
            Exit::Success
        }
    })
}

/// Runs a command and prints its error, if any. `is_kernels` returns whether a panic was the
/// kernel's, and has been reported.
pub fn guarded(
    execute: impl FnOnce() -> Result<Exit, UsageError>,
    is_kernels: impl FnOnce() -> bool,
) -> Exit {
    match catch_unwind(AssertUnwindSafe(execute)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            anstream::eprintln!("vmlab: {error}");
            Exit::Usage
        }
        Err(_) if is_kernels() => Exit::Kernel,
        Err(_) => {
            anstream::eprintln!(
                "vmlab: this is a bug of vmlab, not of the program it ran. Please report it with \
                 the command line\nand the message above; RUST_BACKTRACE=1 adds where it happened."
            );
            Exit::Bug
        }
    }
}

/// Prints to standard output. A closed pipe is no error.
///
/// # Errors
/// It cannot be written for another reason.
pub fn print(text: &str) -> Result<(), UsageError> {
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

    #[test]
    fn a_panic_is_our_bug_or_the_kernels_and_an_error_is_a_matter_of_usage() {
        assert_eq!(guarded(|| panic!("on purpose"), || false), Exit::Bug);
        assert_eq!(guarded(|| panic!("on purpose"), || true), Exit::Kernel);
        assert_eq!(guarded(|| Err("no".into()), || false), Exit::Usage);
        assert_eq!(guarded(|| Ok(Exit::Failed), || true), Exit::Failed);
    }
}
