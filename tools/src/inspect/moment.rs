//! Moments of a run, as they are written on the command line.
//!
//! ```text
//! fault[:N]          the machine's N-th page fault, after it was served
//! event:GLOB[:N]     the N-th event of the fault log whose text matches
//! work:N, or N       when this much work has been done
//! exit               the end of the first process, before it is removed
//! kill[:N]           the N-th time that a process is killed, before it is removed
//! ```
//!
//! # Invariants
//!
//! N is 1 or more; the default is 1.

use std::fmt;
use std::str::FromStr;

use glob::Pattern;
use protocol::similar::DidYouMean;

/// The grammar, for `--help` and for error messages.
pub const GRAMMAR: &str = "  \
  exit            the end of the first process (or of that of --pid), before it is removed
  kill[:N]        the N-th time that a process (or that of --pid) is killed, before it is
                  away
  fault[:N]       page fault number N of the fault log, after it was served
  event:GLOB[:N]  the N-th event whose text in the fault log (without the work) matches GLOB;
                  changes of page-table entries are only looked at if GLOB begins with `pte`. If
                  GLOB itself ends in a colon and a number, write N, too: event:*slot:4:1
  work:N, or N    when the machine has done N work, or the first time a program runs after that
The default of N is 1. The machine is stopped before the program's next instruction.";

/// What moments begin with.
const WORDS: [&str; 5] = ["exit", "kill", "fault", "event", "work"];

/// A moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Moment {
    /// The end of a process.
    Exit,
    /// The kill of this number, from 1.
    Kill(u64),
    /// The fault of this number.
    Fault(u64),
    /// The match of this number, from 1.
    Event(Pattern, u64),
    /// This much work is done.
    Work(u64),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Moment, String> {
        let (word, rest) = match text.split_once(':') {
            Some((word, rest)) => (word, Some(rest)),
            None => (text, None),
        };
        let no_moment = || {
            let similar = match WORDS.contains(&word) {
                true => DidYouMean::default(),
                false => DidYouMean::among(word, WORDS),
            };
            format!("there is no such moment{similar}; a moment is\n{GRAMMAR}")
        };
        let number = |text: &str| {
            text.parse()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(no_moment)
        };
        let count = rest.map_or(Ok(1), number);
        match (word.to_ascii_lowercase().as_str(), rest) {
            ("exit", None) => Ok(Moment::Exit),
            ("kill", _) => Ok(Moment::Kill(count?)),
            ("fault", _) => Ok(Moment::Fault(count?)),
            ("work", Some(work)) => Ok(Moment::Work(number(work)?)),
            ("event", Some(rest)) => {
                let (glob, count) = match rest.rsplit_once(':') {
                    Some((glob, last)) if last.parse::<u64>().is_ok() => (glob, number(last)?),
                    _ => (rest, 1),
                };
                if glob.is_empty() {
                    return Err(no_moment());
                }
                let pattern = Pattern::new(glob).map_err(|error| error.to_string())?;
                Ok(Moment::Event(pattern, count))
            }
            (work, None) => Ok(Moment::Work(number(work)?)),
            _ => Err(no_moment()),
        }
    }
}

/// In the form in which it is read.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Exit => f.write_str("exit"),
            Moment::Kill(count) => write!(f, "kill:{count}"),
            Moment::Fault(number) => write!(f, "fault:{number}"),
            Moment::Event(pattern, count) => write!(f, "event:{pattern}:{count}"),
            Moment::Work(work) => write!(f, "work:{work}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_written_the_same() {
        for (text, written) in [
            ("exit", "exit"),
            ("EXIT", "exit"),
            ("kill", "kill:1"),
            ("fault:7", "fault:7"),
            ("FAULT", "fault:1"),
            ("5000", "work:5000"),
            ("work:5000", "work:5000"),
            ("event:evict *", "event:evict *:1"),
            ("event:*page=slot:4*:2", "event:*page=slot:4*:2"),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(moment.to_string(), written);
            assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }

    #[test]
    fn the_grammar_is_a_table_on_a_narrow_screen() {
        let (table, _) = GRAMMAR.rsplit_once('\n').unwrap();
        for line in table.lines() {
            assert!(line.starts_with("  ") && line.len() <= 100, "{line}");
        }
        let moment: Moment = "event:*slot:4:1".parse().unwrap();
        assert_eq!(moment, Moment::Event(Pattern::new("*slot:4").unwrap(), 1));
    }

    #[test]
    fn what_is_no_moment_is_told_what_one_is() {
        for text in [
            "",
            "soon",
            "fault:0",
            "fault:x",
            "work",
            "exit:3",
            "-1",
            "event",
            "event:",
            "event::3",
            "event:evict*:0",
        ] {
            let refusal = text.parse::<Moment>().unwrap_err();
            assert!(refusal.contains("event:GLOB[:N]"), "{text}: {refusal}");
        }
        assert!("event:[".parse::<Moment>().is_err());
        let refusal = "falt:3".parse::<Moment>().unwrap_err();
        assert!(refusal.contains("did you mean fault?"), "{refusal}");
    }
}
