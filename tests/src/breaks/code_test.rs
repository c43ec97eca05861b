//! Tests of the code itself, which catch what no program of the suites shows.
//!
//! # Invariants
//!
//! A test counts as failed by a break only if it is there, is run alone, and passes without any.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use class::breaks::CodeTest;
use class::breaks::schemata::NUMBER;

/// More CPU time than any such test needs, in seconds, since a break may make one run on for ever.
const MAX_SECONDS: u32 = 300;

/// Those tests in the copy of the sources.
#[derive(Debug)]
pub struct CodeTests<'a> {
    tree: &'a Path,
    target: &'a Path,
    /// Those that were seen to pass without any break.
    sound: BTreeSet<CodeTest>,
}

impl<'a> CodeTests<'a> {
    /// Of the copy in `tree`, built in `target`.
    #[must_use]
    pub fn new(tree: &'a Path, target: &'a Path) -> CodeTests<'a> {
        CodeTests {
            tree,
            target,
            sound: BTreeSet::new(),
        }
    }

    /// Whether a test fails with the break of this number.
    ///
    /// # Errors
    /// If it cannot be built, is not there, or fails without any break.
    pub fn fails(&mut self, test: &CodeTest, number: usize) -> Result<bool, String> {
        if !self.sound.contains(test) {
            self.build(test)?;
            if !self.passes(test, 0)? {
                return Err(format!("without any break this test fails: {test}"));
            }
            self.sound.insert(test.clone());
        }
        Ok(!self.passes(test, number)?)
    }

    fn build(&self, test: &CodeTest) -> Result<(), String> {
        let mut cargo = Command::new("cargo");
        let built = self.arguments(&mut cargo, test).arg("--no-run").status();
        match built.map_err(|error| format!("cannot start cargo: {error}"))? {
            status if status.success() => Ok(()),
            _ => Err(format!("cannot build the test {test}")),
        }
    }

    fn passes(&self, test: &CodeTest, number: usize) -> Result<bool, String> {
        let mut shell = Command::new("sh");
        let limits = format!("ulimit -t {MAX_SECONDS}; ulimit -c 0; exec \"$@\"");
        shell.args(["-c", &limits, "sh", "cargo"]);
        let output = self
            .arguments(&mut shell, test)
            .args(["--", "--exact", &test.name])
            .env(NUMBER, number.to_string())
            .output()
            .map_err(|error| format!("cannot start cargo: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        match text.contains("running 1 test\n") {
            true => Ok(output.status.success()),
            false => Err(format!("there is no test {test}")),
        }
    }

    fn arguments<'c>(&self, command: &'c mut Command, test: &CodeTest) -> &'c mut Command {
        command.args(["test", "--release", "--locked", "--package", &test.package]);
        match &test.file {
            Some(file) => command.args(["--test", file]),
            None => command.arg("--lib"),
        };
        command
            .arg("--target-dir")
            .arg(self.target)
            .current_dir(self.tree)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
    }
}
