//! `vmlab completions` and `vmlab man`: what shells and `man` know of all commands.
//!
//! # Invariants
//!
//! Whatever is said here of an option is what the program says that reads it: each command's own
//! description is the only source. To the user `vmlab` is one command, however many programs it is.

pub mod completions;
pub mod pages;
pub mod whole;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use host::command::{UsageError, begin, guarded, parse, print, with_common};
use protocol::exit::{Exit, PRINT_CODES};

/// What is known of all commands of vmlab.
#[derive(Parser)]
#[command(name = "vmlab", bin_name = "vmlab", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Prints what a shell needs to complete the words of this command
#[derive(Args)]
#[command(after_help = format!("\
It holds for `vmlab` and `./vmlab`. For a shell that is running:
  source <(vmlab completions bash)
  source <(vmlab completions zsh)
  vmlab completions fish | source

For those to come:
  vmlab completions bash >~/.local/share/bash-completion/completions/vmlab
  vmlab completions zsh >~/.zfunc/_vmlab     (with `fpath+=~/.zfunc` above `compinit` in .zshrc)
  vmlab completions fish >~/.config/fish/completions/vmlab.fish

Example:
  vmlab completions bash

{PRINT_CODES}"))]
struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes a manual page for each command
#[derive(Args)]
#[command(after_help = format!("\
The pages are DIR/vmlab.1, DIR/vmlab-run.1 and so on. A folder man1 of one that
`manpath` names, such as ~/.local/share/man, makes them known: man vmlab-run

Examples:
  vmlab man man && man man/vmlab-run.1
  vmlab man ~/.local/share/man/man1

{PRINT_CODES}"))]
struct ManArgs {
    /// The folder for the pages, made if it is not there. Pages of the same names are replaced
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// The whole program, with commands that crate `grading` names and neither it nor crate `tools`
/// has.
#[must_use]
pub fn main(others: Vec<clap::Command>) -> Exit {
    begin();
    match parse(with_common(Cli::command()), std::env::args_os().collect()) {
        Ok(matches) => guarded(
            || execute(&Cli::from_arg_matches(&matches)?.command, others),
            || false,
        ),
        Err(exit) => exit,
    }
}

fn execute(command: &Command, others: Vec<clap::Command>) -> Result<Exit, UsageError> {
    let all = whole::command(others);
    match command {
        Command::Completions(args) => print(&completions::script(args.shell, all))?,
        Command::Man(args) => {
            let count = pages::write(&args.folder, all)?;
            let folder = args.folder.display();
            print(&format!(
                "{count} pages are in {folder}; try man {folder}/vmlab.1\n"
            ))?;
        }
    }
    Ok(Exit::Success)
}

/// The commands of this program.
fn commands() -> Vec<clap::Command> {
    Cli::command().get_subcommands().cloned().collect()
}
