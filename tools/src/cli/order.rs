//! Lets options of `vmlab run` and similar commands come anywhere: before the program, after it, or
//! between its arguments.
//!
//! # Invariants
//!
//! - Up to a `--`, words that the subcommand knows as options are options.
//! - An unknown word that begins with `--` is refused there, since it is probably misspelt. So is an
//!   unknown `-x` before the program; after it, `-x` is an argument of the program.
//! - The program and its arguments keep their order.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command};
use thiserror::Error;

/// The subcommands that run a program.
const RUNNING: [&str; 7] = [
    "run", "report", "trace", "policies", "inspect", "why", "snapshot",
];

/// A word after the program that looks like an option, but is none of the subcommand's.
#[derive(Debug, Error)]
#[error(
    "there is no option {option}{}; if it is meant for the program, write it after --: {way_out}",
    similar.as_ref().map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
)]
pub(super) struct Stray {
    /// The word, without its value.
    option: String,
    /// What may have been meant.
    similar: Option<String>,
    /// The command line that passes the word to the program.
    way_out: String,
}

/// Sorts the words of a command line that runs a program into options, `--`, program, arguments.
/// Other command lines stay as they are.
///
/// # Errors
/// [`Stray`]
pub(super) fn options_first(
    command: &Command,
    words: Vec<OsString>,
) -> Result<Vec<OsString>, Stray> {
    let name = words.get(1).and_then(|word| word.to_str());
    let name = name.filter(|name| RUNNING.contains(name));
    let Some(run) = name.and_then(|name| command.find_subcommand(name)) else {
        return Ok(words);
    };
    let mut words = words.into_iter();
    let mut options: Vec<OsString> = words.by_ref().take(2).collect();
    let mut others = Vec::new();
    let mut first_stray = None;
    while let Some(word) = words.next() {
        if word == "--" {
            others.extend(words.by_ref());
        } else if let Some(option) = known(run, &word) {
            let takes_next = takes_next_word(option, &word);
            options.push(word);
            options.extend(words.by_ref().take(usize::from(takes_next)));
        } else if others.is_empty() && is_option(&word) {
            // Unknown, and before the program: clap reports it.
            options.push(word);
        } else {
            if first_stray.is_none() && is_long(&word) {
                first_stray = Some(others.len());
            }
            others.push(word);
        }
    }
    if let Some(stray) = first_stray {
        return Err(Stray::new(run, &options, others.split_at(stray)));
    }
    if !others.is_empty() {
        options.push("--".into());
        options.extend(others);
    }
    Ok(options)
}

impl Stray {
    /// Describes the first of the `strays`; `options` are the words that are the command's own.
    fn new(
        run: &Command,
        options: &[OsString],
        (program, strays): (&[OsString], &[OsString]),
    ) -> Stray {
        let text = |word: &OsString| word.to_string_lossy().into_owned();
        let dashes = OsString::from("--");
        let own = options[1..].iter().chain(program);
        let words = own.chain([&dashes]).chain(strays).map(text);
        let way_out = words.collect::<Vec<_>>().join(" ");
        let word = text(&strays[0]);
        let option = word.split_once('=').map_or(&*word, |(name, _)| name);
        Stray {
            option: option.to_owned(),
            similar: similar(run, option),
            way_out: format!("vmlab {way_out}"),
        }
    }
}

/// Returns the option of the subcommand that clap suggests for a misspelt one.
fn similar(run: &Command, option: &str) -> Option<String> {
    let words = [run.get_name(), option];
    let refusal = run.clone().try_get_matches_from(words).err()?;
    match refusal.get(ContextKind::SuggestedArg)? {
        ContextValue::String(name) => Some(name.clone()),
        _ => None,
    }
}

fn is_long(word: &OsString) -> bool {
    word.to_str().is_some_and(|word| word.starts_with("--"))
}

fn is_option(word: &OsString) -> bool {
    word.to_str()
        .is_some_and(|word| word.len() > 1 && word.starts_with('-'))
}

/// Returns the option that a word stands for, if the subcommand `run` has it.
fn known<'a>(run: &'a Command, word: &OsString) -> Option<&'a Arg> {
    let word = word.to_str()?;
    let mut options = run.get_arguments().filter(|arg| !arg.is_positional());
    match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(long), _) => {
            let name = long.split_once('=').map_or(long, |(name, _)| name);
            options.find(|arg| arg.get_long() == Some(name))
        }
        (None, Some(short)) => options.find(|arg| {
            arg.get_short()
                .is_some_and(|letter| short.chars().eq([letter]))
        }),
        (None, None) => None,
    }
}

/// Returns whether the value of an option is the next word.
fn takes_next_word(option: &Arg, word: &OsString) -> bool {
    let in_word = word.to_str().is_some_and(|word| word.contains('='));
    option.get_action().takes_values() && !option.is_require_equals_set() && !in_word
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    fn ordered(words: &str) -> String {
        try_ordered(words).unwrap()
    }

    fn try_ordered(words: &str) -> Result<String, Stray> {
        let flag = |name| {
            Arg::new(name)
                .long(name)
                .short('h')
                .action(ArgAction::SetTrue)
        };
        let number = |name| Arg::new(name).long(name);
        let optional = |name| {
            Arg::new(name)
                .long(name)
                .num_args(0..=1)
                .require_equals(true)
        };
        let run = Command::new("run")
            .disable_help_flag(true)
            .args([flag("help"), number("frames"), optional("stats")])
            .args([Arg::new("program"), Arg::new("args").num_args(0..)]);
        let command = Command::new("vmlab").subcommand(run);
        let words = words.split(' ').map(OsString::from).collect();
        let words = options_first(&command, words)?;
        let words = words.iter().map(|word| word.to_str().unwrap());
        Ok(words.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn options_move_to_the_front_with_their_values() {
        for same in [
            "vmlab run --frames 64 --stats prog a b",
            "vmlab run prog --frames 64 --stats a b",
            "vmlab run prog a --frames 64 b --stats",
        ] {
            assert_eq!(ordered(same), "vmlab run --frames 64 --stats -- prog a b");
        }
        assert_eq!(
            ordered("vmlab run prog --frames=64 a"),
            "vmlab run --frames=64 -- prog a"
        );
        assert_eq!(ordered("vmlab run prog -h"), "vmlab run -h -- prog");
    }

    #[test]
    fn an_unknown_letter_is_the_programs_after_it_and_an_error_before_it() {
        assert_eq!(ordered("vmlab run prog -x -"), "vmlab run -- prog -x -");
        assert_eq!(
            ordered("vmlab run --fames 64 prog"),
            "vmlab run --fames -- 64 prog"
        );
    }

    #[test]
    fn an_unknown_word_after_the_program_is_refused_with_both_ways_out() {
        let refused = |words| try_ordered(words).unwrap_err().to_string();
        assert_eq!(
            refused("vmlab run prog a --frame 64 --stats -- b"),
            "there is no option --frame (did you mean --frames?); if it is meant for the program, \
             write it after --: vmlab run --stats prog a -- --frame 64 b"
        );
        assert_eq!(
            refused("vmlab run prog --y=1"),
            "there is no option --y; if it is meant for the program, write it after --: vmlab run \
             prog -- --y=1"
        );
    }

    #[test]
    fn after_two_dashes_everything_is_the_programs() {
        let expected = "vmlab run --stats -- prog a --frames 8 --";
        assert_eq!(
            ordered("vmlab run prog a --stats -- --frames 8 --"),
            expected
        );
        assert_eq!(
            ordered("vmlab run --stats -- prog a --frames 8 --"),
            expected
        );
    }

    #[test]
    fn other_commands_and_half_a_command_line_stay() {
        for words in [
            "vmlab",
            "vmlab grade --frames 8",
            "vmlab run",
            "vmlab run --frames",
        ] {
            assert_eq!(ordered(words), words);
        }
    }
}
