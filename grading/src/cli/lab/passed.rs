//! The hand-out of the current folder, and which of its tests passed.

use std::env;

use lab::handout::Handout;
use lab::progress::Progress;

use crate::results::Results;
use host::command::UsageError;

/// Returns the hand-out that the current folder is in.
pub(crate) fn here() -> Result<Handout, UsageError> {
    Ok(Handout::around(&env::current_dir()?)?)
}

/// In a hand-out, records which of these bundled tests passed, each on its own machine.
pub(crate) fn note(results: &Results) -> Result<(), UsageError> {
    let Ok(handout) = here() else { return Ok(()) };
    let were_run = results.tests.iter();
    let were_run = were_run.filter(|test| test.verdict.was_run());
    let passed = were_run.map(|test| (test.id(), test.verdict.passed()));
    Ok(Progress::read(&handout.root)?.note(passed)?)
}
