//! `vmlab class compare`: shows what another version of the tests, or of the submissions, has changed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use host::command::{UsageError, print};
use protocol::exit::{Exit, PRINT_CODES};

use crate::class::results::ResultsFolder;
use crate::plan::Plan;
use crate::record::Record;

/// Shows which grades and tests differ between two results of a class
#[derive(Args)]
#[command(after_help = format!("\
Examples:
  vmlab class grade submissions -o new --suite ../corrected/suite.toml
  vmlab class compare old new

{PRINT_CODES}"))]
pub(super) struct CompareArgs {
    /// The old results
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The new results
    #[arg(value_name = "NEW")]
    new: PathBuf,
}

impl CompareArgs {
    /// Compares the results.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let (old, new) = (records(&self.old)?, records(&self.new)?);
        let mut students = Vec::from_iter(old.keys().chain(new.keys()));
        students.sort();
        students.dedup();
        let mut text = String::new();
        for student in students {
            difference(&mut text, student, old.get(student), new.get(student))?;
        }
        if text.is_empty() {
            text.push_str("no grade and no test differs\n");
        }
        print(&text)?;
        Ok(Exit::Success)
    }
}

fn records(folder: &Path) -> Result<BTreeMap<String, Record>, UsageError> {
    let results = ResultsFolder::new(folder);
    let no_results = |error| format!("{} has no results of a class: {error}", folder.display());
    let plan = Plan::read(&results.plan()).map_err(no_results)?;
    let mut records = BTreeMap::new();
    for submission in plan.submissions {
        let record = results.record(&submission.student)?;
        records.extend(record.map(|record| (submission.student, record)));
    }
    Ok(records)
}

/// Returns a paragraph about a student, if something differs.
fn difference(
    text: &mut String,
    student: &str,
    old: Option<&Record>,
    new: Option<&Record>,
) -> std::fmt::Result {
    let words = |record: Option<&Record>| match record {
        Some(record) => format!("{:.1} ({})", record.outcome.score(), record.outcome.word()),
        None => "no grade".to_owned(),
    };
    let (was, is) = (words(old), words(new));
    let (before, now) = (tests(old), tests(new));
    let mut changed = Vec::new();
    for (test, passed) in &now {
        match before.get(test) {
            Some(other) if other == passed => {}
            Some(_) if *passed => changed.push(format!("  {test} passes")),
            Some(_) => changed.push(format!("  {test} fails")),
            None => changed.push(format!(
                "  {test} is new, and {}",
                if *passed { "passes" } else { "fails" }
            )),
        }
    }
    let gone = before.keys().filter(|test| !now.contains_key(*test));
    changed.extend(gone.map(|test| format!("  {test} is gone")));
    if was == is && changed.is_empty() {
        return Ok(());
    }
    writeln!(text, "{student}: {was} -> {is}")?;
    changed.iter().try_for_each(|line| writeln!(text, "{line}"))
}

/// Returns the tests, and whether they passed.
fn tests(record: Option<&Record>) -> BTreeMap<String, bool> {
    let results = record.and_then(|record| record.outcome.results());
    let tests = results.into_iter().flat_map(|results| &results.tests);
    tests
        .map(|test| (test.id(), test.verdict.passed()))
        .collect()
}
