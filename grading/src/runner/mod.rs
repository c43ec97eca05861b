//! Runs tests, each in a process of its own, several at a time.
//!
//! # Invariants
//!
//! Results come in the order of the tests, whichever ends first; a test that crashes, hangs or
//! floods its output touches no other, but after several hangs no more are begun; what one needs of
//! the host (its process, its folder) is gone when its result is there. When the command is
//! interrupted, no test gets a result any more.

mod attempt;
mod job;
mod outcome;
mod process;
mod short;

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub use job::{Job, MEMORY_BEYOND_MACHINE, Sandbox, TIME_LIMIT};
pub use outcome::Outcome;

use crate::verdict::{Skipped, Verdict};
use host::interrupt;
use host::scratch::Scratch;

/// What to do when a test fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnFailure {
    /// Run the others.
    GoOn,
    /// Start no other.
    Stop,
}

/// Runs jobs.
pub struct Runner<'a> {
    /// The machine program.
    pub program: &'a Path,
    /// The most jobs that run at a time.
    pub at_once: NonZeroUsize,
    /// What to do when one fails.
    pub on_failure: OnFailure,
    /// The number of hangs after which no more jobs are started.
    pub most_hangs: NonZeroUsize,
    /// The time after which no more jobs are started.
    pub budget: Option<Duration>,
    /// Called as each job ends, with its number.
    pub done: &'a (dyn Fn(usize, &Outcome) + Sync),
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

impl Runner<'_> {
    /// Runs all jobs, and returns their outcomes in order.
    ///
    /// # Errors
    /// Those of making the folder for the guests' files.
    pub fn run_all(&self, jobs: &[Job<'_>]) -> io::Result<Vec<Outcome>> {
        let folders = Scratch::new()?;
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let hangs = AtomicUsize::new(0);
        let start = Instant::now();
        let why_not = || {
            if interrupt::is_raised() {
                return Some(Skipped::Interrupted);
            }
            if self.budget.is_some_and(|budget| start.elapsed() >= budget) {
                return Some(Skipped::Budget);
            }
            if hangs.load(Ordering::Relaxed) >= self.most_hangs.get() {
                return Some(Skipped::Hangs);
            }
            let stop = self.on_failure == OnFailure::Stop && failed.load(Ordering::Relaxed);
            stop.then_some(Skipped::FailFast)
        };
        let outcomes = Mutex::new(vec![None; jobs.len()]);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(number) else { break };
                let outcome = match why_not() {
                    Some(why) => job.not_run(why),
                    None => job.run(self.program, &folders.path().join(number.to_string())),
                };
                // What ended then may have been ended by the interruption, and is no result.
                let outcome = match interrupt::is_raised() {
                    true => job.not_run(Skipped::Interrupted),
                    false => outcome,
                };
                if matches!(outcome.verdict, Verdict::Hang(_)) {
                    hangs.fetch_add(1, Ordering::Relaxed);
                }
                if !outcome.verdict.passed() {
                    failed.store(true, Ordering::Relaxed);
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
        let mut outcomes = of_all(outcomes);
        self.explain_first_hang(jobs, &mut outcomes, folders.path());
        Ok(outcomes)
    }

    /// Looks for the cause of the first hang in the order of the tests. Not of each: a kernel that
    /// hangs does so in many tests, and a second run of it takes as long as the first.
    fn explain_first_hang(&self, jobs: &[Job<'_>], outcomes: &mut [Outcome], folders: &Path) {
        let hangs = |outcome: &Outcome| matches!(outcome.verdict, Verdict::Hang(_));
        let Some(first) = outcomes.iter().position(hangs) else {
            return;
        };
        if interrupt::is_raised() {
            return;
        }
        let folder = folders.join(first.to_string());
        let explained = jobs[first].hang_explained(outcomes[first].clone(), self.program, &folder);
        if !interrupt::is_raised() {
            outcomes[first] = explained;
        }
    }
}

/// Returns the outcomes once every job was run.
fn of_all(outcomes: Mutex<Vec<Option<Outcome>>>) -> Vec<Outcome> {
    let outcomes = outcomes.into_inner();
    let outcomes = outcomes.unwrap_or_else(PoisonError::into_inner).into_iter();
    let outcomes = outcomes.map(|outcome| outcome.expect("every job was run"));
    outcomes.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::checking::Checking;
    use crate::suite::Suite;
    use protocol::settings::Settings;

    /// A machine program whose kernel hangs, and which says so in its record.
    const HANGS: &str = "#!/bin/sh\nuntil [ \"${1#--record=}\" != \"$1\" ]; do shift; done\n\
        printf '{\"events\":[],\"deaths\":[],\"matches\":[],\"failure\":{\"is\":\"hang\"}}' >\"${1#*=}\"\n\
        exit 4\n";

    /// The same, but with the rules checked it ends by one of them.
    const BREAKS_A_RULE: &str = "#!/bin/sh\nfailure='{\"is\":\"hang\"}'\nfor word; do case $word in --check)\n\
        failure='{\"is\":\"broken\",\"why\":\"no store is lost: page 1\"}';; esac; done\n\
        until [ \"${1#--record=}\" != \"$1\" ]; do shift; done\n\
        printf '{\"events\":[],\"deaths\":[],\"matches\":[],\"failure\":%s}' \"$failure\" >\"${1#*=}\"\n\
        exit 4\n";

    const MOST_HANGS: NonZeroUsize = NonZeroUsize::new(3).unwrap();

    #[test]
    fn the_first_hang_is_looked_at_again_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("vmlab");
        fs::write(&program, BREAKS_A_RULE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let suites = Suite::bundled().unwrap();
        let job = Job::of(&suites[0].tests[0], &Settings::default());
        for (checking, rules) in [(Checking::Never, 0), (Checking::Bytes, 1)] {
            let job = Job {
                checking,
                ..job.clone()
            };
            let runner = Runner {
                program: &program,
                at_once: NonZeroUsize::MIN,
                on_failure: OnFailure::GoOn,
                most_hangs: MOST_HANGS,
                budget: None,
                done: &|_, _| {},
            };
            let outcomes = runner.run_all(&vec![job; MOST_HANGS.get()]).unwrap();
            let is_rule = |one: &Outcome| matches!(one.verdict, Verdict::Broken(_));
            assert_eq!(outcomes.iter().filter(|one| is_rule(one)).count(), rules);
            assert_eq!(is_rule(&outcomes[0]), rules == 1);
        }
    }

    #[test]
    fn after_some_hangs_or_when_time_is_over_no_more_tests_are_begun() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("vmlab");
        fs::write(&program, HANGS).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let suites = Suite::bundled().unwrap();
        let test = &suites[0].tests[0];
        let jobs = vec![Job::of(test, &Settings::default()); 3 * MOST_HANGS.get()];
        let runner = Runner {
            program: &program,
            at_once: NonZeroUsize::MIN,
            on_failure: OnFailure::GoOn,
            most_hangs: MOST_HANGS,
            budget: None,
            done: &|_, _| {},
        };
        let outcomes = runner.run_all(&jobs).unwrap();
        let count = |verdict: Verdict| outcomes.iter().filter(|one| one.verdict == verdict).count();
        assert_eq!(count(Verdict::Hang(TIME_LIMIT.as_secs())), MOST_HANGS.get());
        assert_eq!(count(Verdict::NotRun(Skipped::Hangs)), 2 * MOST_HANGS.get());
        // No test is started if the time for all of them is up before the first.
        let runner = Runner {
            budget: Some(Duration::ZERO),
            ..runner
        };
        let outcomes = runner.run_all(&jobs).unwrap();
        let is_late = |one: &Outcome| one.verdict == Verdict::NotRun(Skipped::Budget);
        assert!(outcomes.iter().all(is_late));
    }
}
