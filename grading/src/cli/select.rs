//! Which tests `vmlab grade` runs.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use glob::Pattern;

use crate::failures::Failures;
use crate::shard::Shard;
use crate::suite::{Suite, Test};
use host::command::UsageError;

/// The choice of tests; all options given must agree on a test.
#[derive(Args)]
#[command(next_help_heading = "Tests")]
pub struct Selection {
    /// Only this suite: a bundled one, the path of a suite file, or of a folder with a suite.toml.
    /// May be given several times
    #[arg(long, value_name = "SUITE")]
    suite: Vec<String>,

    /// Only tests whose NAME or SUITE/NAME matches, as file names do in a shell. May be given
    /// several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Only tests with this tag. May be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,

    /// Only tests that failed when they were run last, in the current folder
    #[arg(long)]
    failed: bool,

    /// Only part I of N of all these tests, for the I-th of N machines; `vmlab merge` puts the
    /// JSON reports together
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// A test that was chosen.
pub struct Chosen<'a> {
    /// Its place among all that were chosen, in all shards, from 1.
    pub number: usize,
    /// Its suite.
    pub suite: &'a Suite,
    /// The test.
    pub test: &'a Test,
}

/// The tests that were chosen.
pub struct Choice<'a> {
    /// How many there are in all shards.
    pub all: usize,
    /// Those of this shard.
    pub tests: Vec<Chosen<'a>>,
}

impl Selection {
    /// Bundled tests by their names, SUITE/NAME.
    pub fn of(tests: &[&str]) -> Selection {
        let exactly = |test: &&str| {
            Pattern::new(&Pattern::escape(test)).expect("an escaped name is a pattern")
        };
        Selection {
            suite: Vec::new(),
            only: tests.iter().map(exactly).collect(),
            tag: Vec::new(),
            failed: false,
            shard: None,
        }
    }

    /// Whether all suites asked for are bundled ones.
    pub fn is_bundled(&self) -> Result<bool, UsageError> {
        let bundled = Suite::bundled()?;
        let is_bundled = |asked: &String| bundled.iter().any(|suite| suite.name == *asked);
        Ok(self.suite.iter().all(is_bundled))
    }

    /// The suites asked for.
    pub fn suites(&self) -> Result<Vec<Suite>, UsageError> {
        let bundled = Suite::bundled()?;
        if self.suite.is_empty() {
            return Ok(bundled);
        }
        let asked = self.suite.iter().map(|asked| find_suite(asked, &bundled));
        asked.collect()
    }

    /// The tests asked for; at least one in all shards.
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
            return Err("no test matches --only, --tag and --failed".into());
        }
        let all = tests.len();
        if let Some(shard) = self.shard {
            tests.retain(|chosen| shard.has(chosen.number));
        }
        Ok(Choice { all, tests })
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
        let id = format!("{}/{}", suite.name, test.name);
        let by_name = |only: &Pattern| only.matches(&test.name) || only.matches(&id);
        (self.only.is_empty() || self.only.iter().any(by_name))
            && (self.tag.is_empty() || self.tag.iter().any(|tag| test.tags.contains(tag)))
            && failed.is_none_or(|failed| failed.contains(&id))
    }
}

/// A bundled suite by its name, or one of the user's by its path.
/// The suite that a user asks for: a bundled one by its name, or that of a file or folder.
///
/// # Errors
/// That there is none, or what is wrong with it.
pub fn find_suite(asked: &str, bundled: &[Suite]) -> Result<Suite, UsageError> {
    if let Some(suite) = bundled.iter().find(|suite| suite.name == asked) {
        return Ok(suite.clone());
    }
    let path = Path::new(asked);
    if !path.exists() {
        let names: Vec<_> = bundled.iter().map(|suite| suite.name.as_str()).collect();
        let names = names.join(", ");
        return Err(format!(
            "there is no bundled suite and no suite file or folder '{asked}'; bundled are: {names}"
        )
        .into());
    }
    Ok(Suite::read(path)?)
}
