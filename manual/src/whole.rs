//! All commands of `vmlab` as one, whichever program reads them.
//!
//! # Invariants
//!
//! The commands stand in the order of `vmlab --help`. A name that only stands for another program's
//! command is replaced by that command; one whose program is not part of this tree is left out.

use clap::Command;
use host::command::with_common;

/// What `vmlab` names and a hand-out has not.
const OF_CLASSES: [&str; 3] = ["submit", "class", "judge-tests"];

/// The command, with `others` for those that are neither in crate `grading` nor in crate `tools`.
#[must_use]
pub fn command(others: Vec<Command>) -> Command {
    let base = grading::cli::command();
    let mut known: Vec<Command> = tools::cli::command().get_subcommands().cloned().collect();
    known.extend(crate::commands());
    known.extend(others);
    let replaced = base
        .get_subcommands()
        .enumerate()
        .filter_map(|(place, named)| {
            let whole = known.iter().find(|one| one.get_name() == named.get_name());
            let is_missing = whole.is_none() && OF_CLASSES.contains(&named.get_name());
            (!is_missing).then(|| whole.unwrap_or(named).clone().display_order(place))
        });
    let all = Command::new("vmlab")
        .about(text(base.get_about()))
        .after_help(text(base.get_after_help()))
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .subcommands(replaced);
    let mut all = with_common(all);
    all.build();
    all
}

fn text(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_program_says_of_anothers_command_is_what_that_says_itself() {
        let named = grading::cli::command();
        for whole in command(Vec::new()).get_subcommands() {
            let Some(named) = named.find_subcommand(whole.get_name()) else {
                assert_eq!(whole.get_name(), "help");
                continue;
            };
            assert_eq!(text(named.get_about()), text(whole.get_about()));
        }
    }

    #[test]
    fn every_command_has_its_options_whoever_reads_them() {
        let all = command(Vec::new());
        let has = |path: &[&str], option: &str| {
            let command = path
                .iter()
                .fold(&all, |at, name| at.find_subcommand(name).unwrap());
            command
                .get_arguments()
                .any(|arg| arg.get_long() == Some(option))
        };
        assert!(has(&["run"], "frames") && has(&["grade"], "failed"));
        assert!(has(&["lab", "hint"], "more"));
        assert!(
            all.find_subcommand("completions")
                .unwrap()
                .get_positionals()
                .count()
                == 1
        );
        assert!(all.find_subcommand("class").is_none());
        let submit = Command::new("submit");
        assert!(command(vec![submit]).find_subcommand("submit").is_some());
    }
}
