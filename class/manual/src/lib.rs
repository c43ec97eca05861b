//! The commands that take submissions, for completions and manual pages. A crate of its own, since
//! a hand-out has the manual and no class.

use clap::Command;

/// The commands of crate `class`.
#[must_use]
pub fn commands() -> Vec<Command> {
    class::cli::command().get_subcommands().cloned().collect()
}
