//! Tries what the bundled tests catch: breaks the kernel on purpose, in one place after the other.
//!
//! # Invariants
//!
//! The sources are left alone, but for the note with `--write`; what came of a break does not
//! depend on which others are tried.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use class::breaks::Break;
use class::breaks::schemata::{self, Programs};
use glob::Pattern;
use testkit::root;
use tests::breaks::bundled;
use tests::breaks::note::{self, PATH};
use tests::breaks::trial::{Outcome, Trials};
use tests::bundled_tests;

/// Tries what the bundled tests catch, by breaking the kernel on purpose
///
/// Each break in class/breaks.toml replaces one expression of the kernel. A copy of the sources
/// that has all of them is built once; all tests are run with each break alone. What has not
/// changed since the last time is not tried again.
#[derive(Parser)]
#[command(
    name = "try-breaks",
    after_help = "\
Prints how many tests fail with each break, and the score that is left. A break that
names a test of the code is tried on that alone.

Examples:
  cargo run --release -p tests --bin try-breaks -- --only 'swap-*' --list
  cargo run --release -p tests --bin try-breaks -- --write

Exit codes:
  0  each test fails with a break, and each break makes a test fail
  1  a test or a break is left over
  2  usage or set-up: the copy cannot be built, a test fails without any break..."
)]
struct Arguments {
    /// Only breaks whose name matches, as file names do in a shell. May be given several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Also print which tests fail
    #[arg(long)]
    list: bool,

    /// Try all again, whether anything has changed or not
    #[arg(long)]
    again: bool,

    /// Write docs/what-each-test-catches.md
    #[arg(long, conflicts_with = "only")]
    write: bool,

    /// Where the copy and its build are, and what is known of earlier times
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    tests::tried("try-breaks", Arguments::parse().execute())
}

impl Arguments {
    /// Whether nothing is left over.
    fn execute(&self) -> Result<bool, Box<dyn Error>> {
        let breaks = bundled()?;
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => root().join("target/breaks"),
        };
        fs::create_dir_all(&folder)?;
        eprintln!("try-breaks: building a copy with {} breaks", breaks.len());
        let edits: Vec<_> = breaks.iter().map(Break::edit).collect();
        let copy = schemata::build(&root(), &edits, &folder, Programs::All)?;
        eprintln!("try-breaks: running all tests without any break");
        let mut trials = Trials::new(&copy, &folder)?;
        if self.again {
            trials.forget();
        }
        let numbered = breaks.iter().enumerate();
        let wanted = numbered.filter(|(_, one)| self.is_wanted(one));
        let mut wanted: Vec<_> = wanted.map(|(index, one)| (index + 1, one)).collect();
        // The cheap ones first: most is known early.
        wanted.sort_by_key(|(number, _)| trials.concerned(*number));
        let mut tried = Vec::new();
        for (done, (number, one)) in wanted.iter().enumerate() {
            let concerned = trials.concerned(*number);
            let name = &one.name;
            eprintln!(
                "try-breaks: {done}/{} {name}, on {concerned} tests",
                wanted.len()
            );
            let outcome = trials.outcome(*number, one)?;
            self.print(one, &outcome);
            tried.push((*number, (*one).clone(), outcome));
        }
        tried.sort_by_key(|(number, ..)| *number);
        let all = note::Trials {
            tests: bundled_tests()
                .iter()
                .map(|(suite, test)| format!("{suite}/{}", test.name))
                .collect(),
            extra: trials.extra(),
            breaks: tried.into_iter().map(|(_, one, o)| (one, o)).collect(),
        };
        if self.write {
            fs::write(root().join(PATH), all.render())?;
            eprintln!("try-breaks: wrote {PATH}");
        }
        Ok(self.nothing_left(&all))
    }

    fn is_wanted(&self, one: &Break) -> bool {
        self.only.is_empty() || self.only.iter().any(|glob| glob.matches(&one.name))
    }

    fn print(&self, one: &Break, outcome: &Outcome) {
        let failed = outcome.failed.len();
        match &one.caught_by {
            None => println!(
                "{:30} {failed:3} tests fail, {:5.1}% left",
                one.name, outcome.score
            ),
            Some(test) if outcome.is_caught_by_code => println!("{:30} caught by {test}", one.name),
            Some(test) => println!("{:30} NOT caught by {test}", one.name),
        }
        if self.list {
            outcome
                .failed
                .iter()
                .for_each(|test| println!("    {test}"));
        }
    }

    /// Says what is left over: of the tests only if all breaks were tried.
    fn nothing_left(&self, all: &note::Trials) -> bool {
        let unnoticed = all.unnoticed();
        let uncaught = match self.only.is_empty() {
            true => all.uncaught(),
            false => Vec::new(),
        };
        for one in &unnoticed {
            println!("no test fails with {one}");
        }
        for test in &uncaught {
            println!("no break makes {test} fail");
        }
        unnoticed.is_empty() && uncaught.is_empty()
    }
}
