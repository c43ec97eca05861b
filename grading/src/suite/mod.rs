//! Suites: which tests there are, on what machine they run and what is expected of them.
//!
//! A suite is a TOML file. `docs/lab.md` documents every key; here is a test with most of them:
//!
//! ```toml
//! [suite]
//! name = "mine"                   # what --suite takes and reports show
//! title = "My tests"
//!
//! [[test]]
//! name = "sort"                   # unique in the suite
//! program = "sort.c"              # C, assembly (.S) or an ELF next to this file, or a bundled name
//! args = ["one", "two"]
//! put = ["words.txt:in"]          # the guest's files: of this folder, or bundled ones
//! shows = "A file is sorted in little memory."
//! points = 3
//! tags = ["slow"]                 # what --tag takes
//! needs = ["hello"]               # tests to be looked at first if this one fails
//! frames = 16                     # the machine: all options of `vmlab run` of the same name
//! seeds = [1, 2, 3]               # it must pass with each of them
//! input = "typed\n"               # the guest's keyboard
//! order = "processes"             # of the lines, only those of one process keep their order
//! exits = "any"                   # exit(STATUS) lines are not compared
//! files = [{ name = "out", content = "a\nb\n" }]
//! stats = ["swap_writes <= 100"]
//! log = ["fault * swap-in*"]      # events that the fault log must have
//! expect = "(sort) done\n"
//! ```
//!
//! # Invariants
//!
//! Of a [`Suite`] once it is parsed: names of tests are unique, every program,
//! file and test that a test names exists, every number is in its range, and no key was ignored.
//! An error says in which file and line it is.

mod constraint;
mod entry;
mod file_expectation;
mod place;
#[cfg(test)]
mod tests;

use std::path::Path;

use glob::Pattern;
use serde::Deserialize;

pub use constraint::Constraint;
pub use file_expectation::{FileExpectation, FileState};
pub use place::SuiteError;

use protocol::level::Level;
use protocol::settings::Settings;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/suites.rs"));
}

/// The name of the suite file in a folder that is given in its place.
pub const SUITE_FILE: &str = "suite.toml";

/// A named set of tests.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The name that `--suite` takes.
    pub name: String,
    /// What the score board calls it.
    pub title: String,
    /// Its tests, in the order of the file.
    pub tests: Vec<Test>,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// The program it runs, as `vmlab run` takes it: a bundled one, or the path of a source or an
    /// executable, with a '/' in it.
    pub program: String,
    /// The program's arguments.
    pub args: Vec<String>,
    /// Whether it has a number more as its last argument ([`crate::nonce`]).
    pub nonce: bool,
    /// What the test shows, in a sentence.
    pub shows: String,
    /// What it is worth.
    pub points: u32,
    /// What the program finds in its file directory, as `vmlab run --put` takes it.
    pub put: Vec<String>,
    /// The machine, as far as the test cares.
    pub settings: Settings,
    /// The seeds with which it must pass; empty for that of the settings alone.
    pub seeds: Vec<u64>,
    /// What is typed at the guest's keyboard.
    pub input: String,
    /// How the console is compared.
    pub order: Order,
    /// Whether the lines of exits are compared.
    pub exits: Compare,
    /// Whether the lines of page faults and other exceptions are compared.
    pub faults: Compare,
    /// What the console shows at the end.
    pub expect: String,
    /// What the guest's files are at the end.
    pub files: Vec<FileExpectation>,
    /// What the statistics are at the end.
    pub stats: Vec<Constraint>,
    /// Patterns each of which an event of the fault log must match.
    pub log: Vec<Pattern>,
    /// Patterns that no event of the fault log may match.
    pub log_never: Vec<Pattern>,
    /// What the fault log must be.
    pub snapshot: Option<Snapshot>,
    /// Words by which it is chosen.
    pub tags: Vec<String>,
    /// Tests of the same suite without which this one cannot be expected to pass.
    pub needs: Vec<String>,
}

impl Test {
    /// Returns what it expects on a machine other than the one it names: nothing of the statistics
    /// and of the fault log.
    #[must_use]
    pub fn on_any_machine(&self) -> Test {
        Test {
            stats: Vec::new(),
            log: Vec::new(),
            log_never: Vec::new(),
            snapshot: None,
            ..self.clone()
        }
    }
}

/// A fault log as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// Its file, as the suite names it.
    pub file: String,
    /// What is in it, as `vmlab snapshot` writes it.
    pub text: String,
    /// How much is logged.
    pub level: Level,
}

/// Whether the order of console lines counts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Line by line.
    #[default]
    Exact,
    /// The lines of each process, by the name in them, line by line; processes may mix.
    Processes,
    /// Each line as often as expected, anywhere.
    Any,
}

/// Whether lines of a kind are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// As the others.
    Exact,
    /// They are passed over.
    Any,
}

impl Suite {
    /// Returns all suites that vmlab brings along, in the order of their file names.
    ///
    /// # Errors
    /// The first error in one of them.
    pub fn bundled() -> Result<Vec<Suite>, SuiteError> {
        embedded::FILES
            .iter()
            .map(|(file, text)| Suite::parse(file, text))
            .collect()
    }

    /// Reads a suite whose programs and files are all bundled from the text of a file; `file` is
    /// its name in error messages.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use grading::suite::Suite;
    ///
    /// let text = r#"
    /// [suite]
    /// name = "mine"
    /// title = "My tests"
    ///
    /// [[test]]
    /// name = "sixteen"
    /// program = "page-linear"
    /// shows = "A page comes back as it went, on 16 frames."
    /// points = 1
    /// frames = 16
    /// stats = ["swap_writes > 0"]
    /// expect = ""
    /// "#;
    /// let suite = Suite::parse("mine.toml", text)?;
    /// assert_eq!(suite.tests[0].settings.to_args(), ["--frames=16"]);
    ///
    /// let wrong = Suite::parse("mine.toml", &text.replace("page-linear", "page-liner"));
    /// let message = "mine.toml, line 8: there is no bundled program 'page-liner' \
    ///                (did you mean page-linear?)";
    /// assert_eq!(wrong.unwrap_err().to_string(), message);
    /// # Ok::<(), grading::suite::SuiteError>(())
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Suite, SuiteError> {
        entry::parse(&place::EntryPlace {
            file,
            text,
            folder: None,
        })
    }

    /// Reads a suite file of the user's, or the [`SUITE_FILE`] of a folder. Programs and files
    /// that it names are next to it.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(path: &Path) -> Result<Suite, SuiteError> {
        let file = if path.is_dir() {
            path.join(SUITE_FILE)
        } else {
            path.to_owned()
        };
        let name = file.display().to_string();
        let text = host::host_file::read_text(&file).map_err(|error| SuiteError::Unreadable {
            file: name.clone(),
            error: error.to_string(),
        })?;
        entry::parse(&place::EntryPlace {
            file: &name,
            text: &text,
            folder: file.parent(),
        })
    }
}
