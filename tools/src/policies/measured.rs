//! A program under every policy, on the machine.
//!
//! # Invariants
//!
//! Each run has a fresh machine with fresh files, so runs do not affect each other. They run in
//! parallel on the host's cores, and the results do not depend on that.
//!
//! A program of one process touches the same pages in the same order, whatever is evicted. So its
//! string is recorded once, and the other runs go at full speed. A run that took another course
//! nevertheless is repeated and recorded.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use thiserror::Error;
use userprog::RunReport;
use vm::optimum::{lru, opt};
use vm::reference_string::ReferenceString;
use vm::touches::{RecordingOptions, TooLong};
use vm::{POLICIES, PolicyKind};

use super::output::{Console, Expected};
use super::{Column, PolicyRow, Results, Traffic};
use driver::guest::Guest;
use driver::run::{self, Machine, SetUpError};
use driver::stats;
use host::guest_dir::{GuestDir, GuestDirError};
use protocol::settings::{Base, Checks, Frames, Settings};

/// The most references that are kept of a run: 256 MiB.
const MOST_REFERENCES: usize = 64 << 20;

/// A program and the machines to run it on.
#[derive(Debug)]
pub struct Experiment<'a> {
    /// The program.
    pub guest: &'a Guest,
    /// The numbers of frames, at least one.
    pub frames: &'a [Frames],
    /// The settings that are the same for all machines.
    pub base: &'a Base,
    /// Seed of everything random in each of them.
    pub seed: Option<u64>,
    /// What the program has to put out, if that is known.
    pub expected: Option<&'a Expected>,
}

/// Why an experiment failed.
#[derive(Debug, Error)]
pub enum ExperimentError {
    /// The machine cannot be made.
    #[error(transparent)]
    SetUp(#[from] SetUpError),
    /// The guest's files cannot be put in place.
    #[error(transparent)]
    Files(#[from] GuestDirError),
    /// The reference string has become too long.
    #[error("{0}; give the program less to do, or end it sooner with --max-work N")]
    TooLong(#[from] TooLong),
}

/// One machine.
#[derive(Clone, Copy)]
struct Setting {
    frames: Frames,
    policy: PolicyKind,
}

/// The faults of OPT and LRU for the string of a run and a number of frames.
#[derive(Clone, Copy)]
struct Bounds {
    opt: u64,
    lru: u64,
}

/// What a run came to, with what is wrong with its output.
type Checked<T> = (T, Option<String>);

/// One run, and the bounds it is compared with.
struct Measured {
    report: RunReport,
    /// What is wrong with its output.
    wrong: Option<String>,
    bounds: Bounds,
    is_own_string: bool,
}

/// The reference string of a program of one process, and what follows from it.
struct SharedString {
    report: RunReport,
    /// In the order of the experiment's numbers of frames.
    bounds: Vec<Bounds>,
}

impl Experiment<'_> {
    /// Runs the program under all policies with all numbers of frames. The string returned with the
    /// results is that of the first policy with the most frames.
    ///
    /// # Errors
    /// [`ExperimentError`] if a run could not be made. How the program ends is no error, but part of
    /// the results.
    ///
    /// # Panics
    /// If the experiment has no number of frames.
    pub fn measure(&self) -> Result<(Results, ReferenceString), ExperimentError> {
        let policies = POLICIES.all();
        let most = self.frames.iter().max_by_key(|frames| frames.number());
        let ((report, string), _) = self.recorded(Setting {
            frames: *most.expect("at least one number of frames"),
            policy: policies[0],
        })?;
        let shared = (report.stats.processes == 1).then(|| SharedString {
            bounds: self
                .frames
                .iter()
                .map(|frames| Bounds::of(&string, *frames))
                .collect(),
            report,
        });
        let places = 0..self.frames.len();
        let cells: Vec<(usize, PolicyKind)> = places
            .flat_map(|place| policies.iter().map(move |policy| (place, *policy)))
            .collect();
        let measured = side_by_side(&cells, |(place, policy)| {
            self.measure_one(*place, *policy, shared.as_ref())
        });
        let measured = measured.into_iter().collect::<Result<Vec<_>, _>>()?;
        let columns = measured.chunks(policies.len());
        let results = Results {
            subject: self.guest.title(),
            references: string.references().len(),
            pages: string.pages(),
            strings_differ: measured.iter().any(|one| one.is_own_string),
            columns: self
                .frames
                .iter()
                .zip(columns)
                .map(|(frames, measured)| column(*frames, &policies, measured))
                .collect(),
        };
        Ok((results, string))
    }

    fn measure_one(
        &self,
        place: usize,
        policy: PolicyKind,
        shared: Option<&SharedString>,
    ) -> Result<Measured, ExperimentError> {
        let setting = Setting {
            frames: self.frames[place],
            policy,
        };
        if let Some(shared) = shared {
            let (report, wrong) = self.plain(setting)?;
            let bounds = shared.bounds[place];
            if shared.is_of(&report) && bounds.opt <= report.stats.vm.loads {
                return Ok(Measured {
                    report,
                    wrong,
                    bounds,
                    is_own_string: false,
                });
            }
        }
        let ((report, string), wrong) = self.recorded(setting)?;
        Ok(Measured {
            report,
            wrong,
            bounds: Bounds::of(&string, setting.frames),
            is_own_string: true,
        })
    }

    fn plain(&self, setting: Setting) -> Result<Checked<RunReport>, ExperimentError> {
        self.with_machine(setting, |machine, command_line, output| {
            run::run(machine, command_line, output, Box::new(io::empty()))
        })
    }

    fn recorded(
        &self,
        setting: Setting,
    ) -> Result<Checked<(RunReport, ReferenceString)>, ExperimentError> {
        let recording = RecordingOptions {
            fewest_frames: Frames::FEWEST as usize,
            limit: MOST_REFERENCES,
        };
        let ((report, string), wrong) =
            self.with_machine(setting, |machine, command_line, output| {
                let input = Box::new(io::empty());
                run::run_recorded(machine, command_line, output, input, recording)
            })?;
        Ok(((report, string?), wrong))
    }

    fn with_machine<T>(
        &self,
        setting: Setting,
        run: impl FnOnce(Machine<'_>, &str, Box<dyn Write>) -> Result<T, SetUpError>,
    ) -> Result<Checked<T>, ExperimentError> {
        let dir = GuestDir::temporary()?;
        self.guest.put_into(&dir)?;
        let machine = Machine {
            settings: &Settings {
                frames: Some(setting.frames),
                policy: Some(
                    setting
                        .policy
                        .name
                        .parse()
                        .expect("a registered name is one"),
                ),
                seed: self.seed,
                check: Checks::Nothing,
                base: self.base.clone(),
            },
            swap_file: None,
            files: dir.handle()?,
            listeners: Vec::new(),
        };
        let console = Console::default();
        let output: Box<dyn Write> = match self.expected {
            Some(_) => Box::new(console.clone()),
            None => Box::new(io::sink()),
        };
        let done = run(machine, &self.guest.command_line(), output)?;
        let expected = self.expected;
        let wrong = expected.and_then(|expected| expected.difference(&console, &dir));
        Ok((done, wrong))
    }
}

impl Bounds {
    fn of(string: &ReferenceString, frames: Frames) -> Bounds {
        let frames = frames.number() as usize;
        Bounds {
            opt: opt(frames, string),
            lru: lru(frames, string),
        }
    }
}

impl SharedString {
    /// Returns whether a run went as the recorded one, by all that its report shows.
    fn is_of(&self, report: &RunReport) -> bool {
        let course = |report: &RunReport| {
            let stats = &report.stats;
            (report.end.clone(), stats.processes, stats.system_calls)
        };
        course(report) == course(&self.report)
    }
}

fn column(frames: Frames, policies: &[PolicyKind], measured: &[Measured]) -> Column {
    let best = measured.iter().min_by_key(|one| one.bounds.opt);
    let bounds = best.expect("there are policies").bounds;
    let rows = policies.iter().zip(measured);
    Column {
        frames: frames.number(),
        opt: bounds.opt,
        lru: bounds.lru,
        rows: rows.map(|(policy, one)| row(*policy, one)).collect(),
    }
}

fn row(policy: PolicyKind, measured: &Measured) -> PolicyRow {
    let (report, vm) = (&measured.report, &measured.report.stats.vm);
    PolicyRow {
        policy,
        faults: vm.loads,
        opt: measured.bounds.opt,
        traffic: Some(Traffic {
            swap_in: vm.swap_reads,
            swap_out: vm.swap_writes,
            file_reads: vm.file_reads,
            write_backs: vm.write_backs,
        }),
        trouble: match run::succeeded(report) {
            true => measured.wrong.clone(),
            false => Some(stats::end_in_words(&report.end)),
        },
    }
}

/// Applies `work` to each item, on all cores of the host. The results are in the order of the
/// items.
fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores.min(items.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        // A panic is a bug of ours: propagate it to where bugs are reported.
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        let doubled = side_by_side(&items, |item| item * 2);
        assert!(doubled.iter().copied().eq((0..100).map(|item| item * 2)));
    }
}
