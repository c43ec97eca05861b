//! Lets options of `vmlab run` and the like stand anywhere: before the program, after it, between
//! its arguments.
//!
//! What always holds: words that the subcommand knows as options are its own up to a `--`; before the
//! program every option has to be known, after it an unknown one is an argument of the program;
//! the program and its arguments keep their order.

use std::ffi::OsString;

use clap::{Arg, Command};

/// The subcommands that run a program.
const RUNNING: [&str; 7] = [
    "run", "report", "trace", "policies", "inspect", "why", "snapshot",
];

/// Puts the words of a command line that runs a program into the order options, `--`, program, arguments. Other
/// command lines stay as they are.
pub fn options_first(command: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let name = words.get(1).and_then(|word| word.to_str());
    let name = name.filter(|name| RUNNING.contains(name));
    let Some(run) = name.and_then(|name| command.find_subcommand(name)) else {
        return words;
    };
    let mut words = words.into_iter();
    let mut options: Vec<OsString> = words.by_ref().take(2).collect();
    let mut others = Vec::new();
    while let Some(word) = words.next() {
        if word == "--" {
            others.extend(words.by_ref());
        } else if let Some(option) = known(run, &word) {
            let takes_next = takes_next_word(option, &word);
            options.push(word);
            options.extend(words.by_ref().take(usize::from(takes_next)));
        } else if others.is_empty() && is_option(&word) {
            // Unknown, and it stands before the program: clap says what is wrong with it.
            options.push(word);
        } else {
            others.push(word);
        }
    }
    if !others.is_empty() {
        options.push("--".into());
        options.extend(others);
    }
    options
}

fn is_option(word: &OsString) -> bool {
    word.to_str()
        .is_some_and(|word| word.len() > 1 && word.starts_with('-'))
}

/// The option that a word is, if the subcommand `run` knows it.
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

/// Whether the value of an option is the word after it.
fn takes_next_word(option: &Arg, word: &OsString) -> bool {
    let in_word = word.to_str().is_some_and(|word| word.contains('='));
    option.get_action().takes_values() && !option.is_require_equals_set() && !in_word
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    fn ordered(words: &str) -> String {
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
        let words = options_first(&command, words);
        words
            .iter()
            .map(|word| word.to_str().unwrap())
            .collect::<Vec<_>>()
            .join(" ")
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
    fn an_unknown_option_is_the_programs_after_it_and_an_error_before_it() {
        assert_eq!(
            ordered("vmlab run prog -x --y=1 -"),
            "vmlab run -- prog -x --y=1 -"
        );
        assert_eq!(
            ordered("vmlab run --fames 64 prog"),
            "vmlab run --fames -- 64 prog"
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
