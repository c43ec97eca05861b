//! The files of reports while tests are still run.
//!
//! # Invariants
//! - After each test the files are complete reports, in which tests that have not ended were not run. So
//!   whatever ends the run, what was found out until then is kept.
//! - A later state never gives way to an earlier one, whichever thread comes first.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Request, write_files};
use crate::results::Results;
use crate::runner::Outcome;

/// Writes the files of reports after each test.
pub struct SoFar<'a> {
    requests: Vec<Request>,
    /// Makes results of what came of each test.
    results: Box<dyn Fn(Vec<Outcome>) -> Results + Sync + 'a>,
    state: Mutex<State>,
}

impl std::fmt::Debug for SoFar<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoFar").finish_non_exhaustive()
    }
}

struct State {
    outcomes: Vec<Outcome>,
    /// The files could not be written. They are tried once more at the end, and then it is an error.
    has_failed: bool,
}

impl<'a> SoFar<'a> {
    /// Begins with tests none of which has ended.
    pub fn new(
        requests: &[Request],
        outcomes: Vec<Outcome>,
        results: impl Fn(Vec<Outcome>) -> Results + Sync + 'a,
    ) -> Self {
        // A pipe or a device would get one report after the other.
        let is_replaced = |path: &Path| path.metadata().is_ok_and(|metadata| metadata.is_file());
        let requests = requests.iter().filter(|request| {
            let file = request.file.as_deref();
            file.is_some_and(is_replaced)
        });
        SoFar {
            requests: requests.cloned().collect(),
            results: Box::new(results),
            state: Mutex::new(State {
                outcomes,
                has_failed: false,
            }),
        }
    }

    /// Writes the files once more, now that a test has ended.
    pub fn note(&self, number: usize, outcome: &Outcome) {
        if self.requests.is_empty() {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.outcomes[number] = outcome.clone();
        if state.has_failed {
            return;
        }
        let results = (self.results)(state.outcomes.clone());
        if let Err(error) = write_files(&self.requests, &results) {
            log::warn!("results are kept only at the end: {error}");
            state.has_failed = true;
        }
    }
}
