//! Runs tests, each in a process of its own, several at a time.
//!
//! What always holds: results come in the order of the tests, whichever ends first; a test that
//! crashes, hangs or floods its output touches no other; what one needs of the host (its process,
//! its folder) is gone when its result is there.

mod attempt;
mod job;
mod process;

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

pub use job::{Job, Outcome};

use crate::scratch::Scratch;

/// What to do when a test fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnFailure {
    /// Run the others all the same.
    GoOn,
    /// Start no other.
    Stop,
}

/// How jobs are run.
pub struct Runner<'a> {
    /// The `vmlab` executable.
    pub program: &'a Path,
    /// How many run at a time, at most.
    pub at_once: NonZeroUsize,
    /// What to do when one fails.
    pub on_failure: OnFailure,
    /// Is called as each one ends, with the number of its job.
    pub done: &'a (dyn Fn(usize, &Outcome) + Sync),
}

impl Runner<'_> {
    /// Runs jobs.
    ///
    /// # Errors
    /// Those of making the folder for the guests' files.
    pub fn run_all(&self, jobs: &[Job<'_>]) -> io::Result<Vec<Outcome>> {
        let folders = Scratch::new()?;
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let outcomes = Mutex::new(vec![None; jobs.len()]);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(number) else { break };
                let outcome = if stop.load(Ordering::Relaxed) {
                    job.not_run()
                } else {
                    job.run(self.program, &folders.path().join(number.to_string()))
                };
                if self.on_failure == OnFailure::Stop && !outcome.verdict.passed() {
                    stop.store(true, Ordering::Relaxed);
                }
                (self.done)(number, &outcome);
                outcomes.lock().unwrap_or_else(PoisonError::into_inner)[number] = Some(outcome);
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.at_once.get().min(jobs.len()) {
                scope.spawn(work);
            }
        });
        let outcomes = outcomes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(outcomes
            .into_iter()
            .map(|outcome| outcome.expect("every job was run"))
            .collect())
    }
}
