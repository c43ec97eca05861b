//! Selects the tests that `vmlab grade` runs.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use glob::Pattern;

use crate::failures::Failures;
use crate::shard::Shard;
use crate::suite::{Suite, Test};
use host::command::UsageError;
use protocol::similar::DidYouMean;

/// The choice of tests; a test must satisfy all options given.
#[derive(Args, Debug)]
#[command(next_help_heading = "Tests")]
pub struct Selection {
    /// Only this suite: a bundled one, the path of a suite file, or of a folder with a suite.toml.
    /// May be given several times
    #[arg(long, value_name = "SUITE")]
    suite: Vec<String>,

    /// Only tests whose NAME or SUITE/NAME matches, as in file names of a shell. May be given
    /// several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Only tests with this tag. May be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,

    /// Only tests that failed in their last run, in the current folder
    #[arg(long)]
    failed: bool,

    /// Only part I of N of all these tests, for the I-th of N machines; `vmlab merge` merges the
    /// JSON reports
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// A test that was chosen.
#[derive(Debug)]
pub struct Chosen<'a> {
    /// Its number among all chosen tests, in all shards, from 1.
    pub number: usize,
    /// Its suite.
    pub suite: &'a Suite,
    /// The test.
    pub test: &'a Test,
}

/// The tests that were chosen.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The number of tests in all shards.
    pub all: usize,
    /// Those of this shard.
    pub tests: Vec<Chosen<'a>>,
}

/// Returns a pattern that one name alone matches.
fn exactly(name: &str) -> Pattern {
    Pattern::new(&Pattern::escape(name)).expect("an escaped name is a pattern")
}

impl Selection {
    /// Returns a selection of bundled tests by their names, SUITE/NAME.
    #[must_use]
    pub fn of(tests: &[&str]) -> Selection {
        Selection {
            suite: Vec::new(),
            only: tests.iter().map(|test| exactly(test)).collect(),
            tag: Vec::new(),
            failed: false,
            shard: None,
        }
    }

    /// Checks that there is such a test in suites, which are named as on the command line.
    ///
    /// # Errors
    /// What is wrong: a suite, a pattern, or that no test matches one of them.
    pub fn check(suite: &[String], only: &[String]) -> Result<(), UsageError> {
        let mut selection = Selection {
            suite: suite.to_vec(),
            only: Vec::new(),
            tag: Vec::new(),
            failed: false,
            shard: None,
        };
        let suites = selection.suites()?;
        for word in only {
            let pattern = Pattern::new(word).map_err(|error| format!("'{word}': {error}"))?;
            selection.only = vec![pattern];
            selection.choose(&suites)?;
        }
        Ok(())
    }

    /// Returns whether all requested suites are bundled ones.
    ///
    /// # Errors
    /// A message, if a bundled suite file has an error.
    pub fn is_bundled(&self) -> Result<bool, UsageError> {
        let bundled = Suite::bundled()?;
        let is_bundled = |asked: &String| bundled.iter().any(|suite| suite.name == *asked);
        Ok(self.suite.iter().all(is_bundled))
    }

    /// Returns the requested suites.
    ///
    /// # Errors
    /// A message, if there is no such suite or its file has an error.
    pub fn suites(&self) -> Result<Vec<Suite>, UsageError> {
        let bundled = Suite::bundled()?;
        if self.suite.is_empty() {
            return Ok(bundled);
        }
        let asked = self.suite.iter().map(|asked| find_suite(asked, &bundled));
        let suites: Vec<Suite> = asked.collect::<Result<_, UsageError>>()?;
        distinct(&suites)?;
        Ok(suites)
    }

    /// Returns the requested tests; at least one in all shards.
    ///
    /// # Errors
    /// A message, if no test is selected, or `--failed` asks for tests and none is known to have failed.
    pub fn choose<'a>(&self, suites: &'a [Suite]) -> Result<Choice<'a>, UsageError> {
        let failed = self.failed_before()?;
        let mut tests = Vec::new();
        for suite in suites {
            for test in &suite.tests {
                if self.wants(suite, test, failed.as_ref()) {
                    let number = tests.len() + 1;
                    tests.push(Chosen {
                        number,
                        suite,
                        test,
                    });
                }
            }
        }
        if tests.is_empty() {
            let similar = self.similar(suites);
            let wanted = self.wanted();
            return Err(format!("no test is {wanted}{similar}; vmlab list names them").into());
        }
        let all = tests.len();
        if let Some(shard) = self.shard {
            tests.retain(|chosen| shard.has(chosen.number));
        }
        Ok(Choice { all, tests })
    }

    /// What was asked for, in words.
    fn wanted(&self) -> String {
        let names = self.only.iter().map(|only| format!("called '{only}'"));
        let tags = self.tag.iter().map(|tag| format!("tagged '{tag}'"));
        let failed = self.failed.then(|| "one that failed".to_owned());
        let wanted: Vec<String> = names.chain(tags).chain(failed).collect();
        match wanted.is_empty() {
            true => "there".to_owned(),
            false => wanted.join(", "),
        }
    }

    /// What may have been meant where nothing matches: by the first name or tag that is like one
    /// that there is.
    fn similar(&self, suites: &[Suite]) -> DidYouMean {
        let tests = suites.iter().flat_map(|suite| {
            let tests = suite.tests.iter();
            tests.map(move |test| (id(suite, test), test))
        });
        let tests: Vec<(String, &Test)> = tests.collect();
        let by_name = |word: &Pattern| match word.as_str() {
            id if id.contains('/') => {
                DidYouMean::among(id, tests.iter().map(|(id, _)| id.as_str()))
            }
            name => DidYouMean::among(name, tests.iter().map(|(_, test)| test.name.as_str())),
        };
        let by_tag = |tag: &String| {
            let tags = tests.iter().flat_map(|(_, test)| &test.tags);
            DidYouMean::among(tag, tags.map(String::as_str))
        };
        let meant = self
            .only
            .iter()
            .map(by_name)
            .chain(self.tag.iter().map(by_tag));
        let mut meant = meant.filter(|similar| similar.name().is_some());
        meant.next().unwrap_or_default()
    }

    fn failed_before(&self) -> Result<Option<BTreeSet<String>>, UsageError> {
        if !self.failed {
            return Ok(None);
        }
        let failed = Failures::of(Path::new("."))
            .read()
            .map_err(|error| format!("cannot read which tests failed: {error}"))?;
        match failed {
            Some(failed) if failed.is_empty() => {
                Err("no test failed last time (--failed); run without it".into())
            }
            Some(failed) => Ok(Some(failed)),
            None => Err("no test has failed in this folder (--failed); run without it".into()),
        }
    }

    fn wants(&self, suite: &Suite, test: &Test, failed: Option<&BTreeSet<String>>) -> bool {
        let id = id(suite, test);
        let by_name = |only: &Pattern| only.matches(&test.name) || only.matches(&id);
        (self.only.is_empty() || self.only.iter().any(by_name))
            && (self.tag.is_empty() || self.tag.iter().any(|tag| test.tags.contains(tag)))
            && failed.is_none_or(|failed| failed.contains(&id))
    }
}

/// What a test is called among those of all suites.
fn id(suite: &Suite, test: &Test) -> String {
    format!("{}/{}", suite.name, test.name)
}

/// Checks that suites have names of their own: SUITE/NAME is to say which test is meant.
///
/// # Errors
/// A name that two of them have.
pub fn distinct(suites: &[Suite]) -> Result<(), UsageError> {
    let is_again = |(at, suite): &(usize, &Suite)| {
        suites[..*at].iter().any(|before| before.name == suite.name)
    };
    match suites.iter().enumerate().find(is_again) {
        None => Ok(()),
        Some((_, twice)) => Err(format!(
            "two suites are called '{}'; name one of them otherwise",
            twice.name
        )
        .into()),
    }
}

/// Finds the suite that a user asks for: a bundled one by its name, or that of a file or folder.
///
/// # Errors
/// There is none, or something is wrong with it.
pub fn find_suite(asked: &str, bundled: &[Suite]) -> Result<Suite, UsageError> {
    if let Some(suite) = bundled.iter().find(|suite| suite.name == asked) {
        return Ok(suite.clone());
    }
    let path = Path::new(asked);
    if !path.exists() {
        let names: Vec<_> = bundled.iter().map(|suite| suite.name.as_str()).collect();
        let similar = DidYouMean::among(asked, names.iter().copied());
        let names = names.join(", ");
        return Err(format!(
            "there is no bundled suite and no suite file or folder '{asked}'{similar}; bundled are: {names}"
        )
        .into());
    }
    Ok(Suite::read(path)?)
}
