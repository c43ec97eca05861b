//! Suites: which tests there are, on what machine they run and what is expected of them.
//!
//! A suite is a TOML file:
//!
//! ```toml
//! [suite]
//! name = "vm"                     # what --suite takes
//! title = "Virtual memory"
//!
//! [[test]]
//! name = "page-linear"            # unique in the suite; also the program unless told otherwise
//! program = "page-linear"         # a bundled program
//! args = ["one", "two"]
//! shows = "A linear walk over 2 MiB keeps its data through the swap disk."
//! points = 3
//! put = ["sample.txt"]            # bundled files or programs put into the guest's files first
//! frames = 64                     # the machine: all options of `vmlab run` of the same name
//! input = "typed\n"               # the guest's keyboard
//! order = "any"                   # lines are compared without their order
//! expect = '''
//! (page-linear) begin
//! (page-linear) end
//! page-linear: exit(0)
//! '''
//! ```
//!
//! What always holds of a [`Suite`] once it is parsed: names of tests are unique, every program
//! and file that a test names exists, every number is in its range, and no key was ignored. An
//! error says in which file and line it is.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::program::bundled;
use crate::settings::{Alias, Frames, Policy, Settings};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/suites.rs"));
}

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
    /// The bundled program it runs.
    pub program: String,
    /// The program's arguments.
    pub args: Vec<String>,
    /// What the test shows, in a sentence.
    pub shows: String,
    /// What it is worth.
    pub points: u32,
    /// Bundled files or programs that the program finds in its file directory.
    pub put: Vec<String>,
    /// The machine, as far as the test cares.
    pub settings: Settings,
    /// What is typed at the guest's keyboard.
    pub input: String,
    /// Whether the order of lines counts.
    pub order: Order,
    /// What the console shows at the end.
    pub expect: String,
}

/// Whether the order of console lines counts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Line by line.
    #[default]
    Exact,
    /// Each line as often as expected, anywhere.
    Any,
}

/// An error in a suite file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SuiteError {
    /// Not TOML, an unknown key, a value of the wrong type or out of range.
    #[error("{file}: {message}")]
    Format {
        /// The suite file.
        file: String,
        /// Where and what, over several lines.
        message: String,
    },
    /// Well-formed, but it cannot be meant so.
    #[error("{file}, line {line}: {what}")]
    Content {
        /// The suite file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A suite without tests.
    #[error("{file}: there is no [[test]] in it")]
    Empty {
        /// The suite file.
        file: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteFile {
    suite: Header,
    #[serde(default)]
    test: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    program: Option<Spanned<String>>,
    #[serde(default)]
    args: Vec<String>,
    shows: String,
    points: Spanned<u32>,
    #[serde(default)]
    put: Vec<Spanned<String>>,
    frames: Option<Frames>,
    swap_slots: Option<u32>,
    alias: Option<Alias>,
    policy: Option<Policy>,
    seed: Option<u64>,
    max_work: Option<u64>,
    disk_latency: Option<u64>,
    #[serde(default)]
    input: String,
    #[serde(default)]
    order: Order,
    expect: String,
}

impl Suite {
    /// All suites that vmlab brings along, in the order of their file names.
    pub fn bundled() -> Result<Vec<Suite>, SuiteError> {
        embedded::FILES
            .iter()
            .map(|(file, text)| Suite::parse(file, text))
            .collect()
    }

    /// Reads a suite from the text of a file; `file` is its name in error messages.
    pub fn parse(file: &str, text: &str) -> Result<Suite, SuiteError> {
        let parsed: SuiteFile = toml::from_str(text).map_err(|error| SuiteError::Format {
            file: file.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        if parsed.test.is_empty() {
            return Err(SuiteError::Empty {
                file: file.to_owned(),
            });
        }
        let place = Place { file, text };
        let mut names = BTreeSet::new();
        let mut tests = Vec::new();
        for entry in parsed.test {
            if !names.insert(entry.name.get_ref().clone()) {
                let what = format!("there are two tests of the name '{}'", entry.name.get_ref());
                return Err(place.error(&entry.name, what));
            }
            tests.push(Test::check(&place, entry)?);
        }
        Ok(Suite {
            name: parsed.suite.name,
            title: parsed.suite.title,
            tests,
        })
    }

    /// The sum of its tests' points.
    pub fn points(&self) -> u32 {
        self.tests.iter().map(|test| test.points).sum()
    }
}

impl Test {
    fn check(place: &Place<'_>, entry: Entry) -> Result<Test, SuiteError> {
        let program = entry.program.as_ref().unwrap_or(&entry.name);
        if images::find(program.get_ref()).is_none() {
            let what = format!("there is no bundled program '{}'", program.get_ref());
            return Err(place.error(program, what));
        }
        for name in &entry.put {
            if bundled(name.get_ref()).is_none() {
                let what = format!("there is no bundled file or program '{}'", name.get_ref());
                return Err(place.error(name, what));
            }
        }
        if *entry.points.get_ref() == 0 {
            return Err(place.error(&entry.points, "a test is worth at least 1 point".to_owned()));
        }
        Ok(Test {
            program: program.get_ref().clone(),
            name: entry.name.into_inner(),
            args: entry.args,
            shows: entry.shows,
            points: entry.points.into_inner(),
            put: entry.put.into_iter().map(Spanned::into_inner).collect(),
            settings: Settings {
                frames: entry.frames,
                swap_slots: entry.swap_slots,
                alias: entry.alias,
                policy: entry.policy,
                seed: entry.seed,
                max_work: entry.max_work,
                disk_latency: entry.disk_latency,
            },
            input: entry.input,
            order: entry.order,
            expect: entry.expect,
        })
    }
}

/// A suite file in which something may be wrong.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn error<T>(&self, at: &Spanned<T>, what: String) -> SuiteError {
        let line = self.text[..at.span().start].matches('\n').count() + 1;
        SuiteError::Content {
            file: self.file.to_owned(),
            line,
            what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[suite]\nname = 's'\ntitle = 'S'\n";
    const TEST: &str = "[[test]]\nname = 'hello'\nshows = 'x'\npoints = 2\nexpect = ''\n";

    fn error(text: &str) -> String {
        Suite::parse("s.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_test_has_the_defaults_that_the_format_promises() {
        let suite = Suite::parse("s.toml", &format!("{HEAD}{TEST}")).unwrap();
        let test = &suite.tests[0];
        assert_eq!((test.program.as_str(), test.order), ("hello", Order::Exact));
        assert_eq!(test.settings, Settings::default());
        assert_eq!(suite.points(), 2);
    }

    #[test]
    fn every_bundled_suite_can_be_read() {
        let suites = Suite::bundled().unwrap();
        let names: BTreeSet<_> = suites.iter().map(|suite| &suite.name).collect();
        assert_eq!(names.len(), suites.len(), "two suites have one name");
    }

    #[test]
    fn an_unknown_key_is_an_error_that_says_where() {
        let message = error(&format!("{HEAD}{TEST}fames = 64\n"));
        assert!(message.starts_with("s.toml: "), "{message}");
        assert!(
            message.contains("line 9") && message.contains("fames"),
            "{message}"
        );
    }

    #[test]
    fn a_value_out_of_range_is_an_error_that_says_where() {
        let message = error(&format!("{HEAD}{TEST}frames = 2\n"));
        assert!(
            message.contains("line 9") && message.contains("8"),
            "{message}"
        );
        let message = error(&format!("{HEAD}{TEST}policy = 'best'\n"));
        assert!(
            message.contains("line 9") && message.contains("clock"),
            "{message}"
        );
    }

    #[test]
    fn names_that_do_not_exist_or_come_twice_are_errors() {
        let message = error(&format!("{HEAD}{TEST}program = 'no-such'\n"));
        assert_eq!(
            message,
            "s.toml, line 9: there is no bundled program 'no-such'"
        );
        let message = error(&format!("{HEAD}{TEST}put = ['no-such']\n"));
        assert_eq!(
            message,
            "s.toml, line 9: there is no bundled file or program 'no-such'"
        );
        let message = error(&format!("{HEAD}{TEST}{TEST}"));
        assert_eq!(
            message,
            "s.toml, line 10: there are two tests of the name 'hello'"
        );
    }

    #[test]
    fn a_suite_has_tests_and_a_test_has_points() {
        assert_eq!(error(HEAD), "s.toml: there is no [[test]] in it");
        let text = format!("{HEAD}{}", TEST.replace("points = 2", "points = 0"));
        assert_eq!(
            error(&text),
            "s.toml, line 7: a test is worth at least 1 point"
        );
    }
}
