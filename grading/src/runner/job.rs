//! One test: its machine, its attempts, and its outcome.
//!
//! # Invariants
//!
//! When an attempt has its result, its folder and all processes it started are gone. The command
//! line that is shown does what the test did.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use machine::addr::PAGE_SIZE;

use super::attempt::{Attempt, combine};
use super::outcome::Outcome;
use super::process::{Limits, watch};
use crate::checking::{Checking, may_tell_more, tells_more};
use crate::suite::{Snapshot, Test};
use crate::verdict::{ProcessEnd, Run, Skipped, Verdict};
use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use host::process_group::ProcessGroup;
use host::shell::quoted;
use protocol::level::Level;
use protocol::record::ROOM_AND_PATIENCE;
use protocol::record::Record;
use protocol::request::Request;
use protocol::settings::{Base, Checks, DEFAULT_FRAMES, Frames, Settings, TEST_MAX_WORK};
use protocol::stats::Printed;

/// The CPU time that a kernel may have between two entries. An attempt ends at its work limit; this is for a kernel
/// that hangs. Over all bundled tests the longest such time of a kernel that works is 15 ms, and 33 ms with all rules
/// checked, so a host may be sixty times as slow.
pub const TIME_LIMIT: Duration = Duration::from_secs(2);
/// The work in which the cause is looked for of a run that comes to no end: what keeps it from ending is there early,
/// and with the rules checked each system call takes far longer.
const EARLY_WORK: u64 = 5_000_000;
/// The record of an attempt, in its folder.
const RECORD: &str = "record";
/// The extra time in which it can report that its time is up.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// The address space of an attempt beyond the RAM and swap of its machine.
pub const MEMORY_BEYOND_MACHINE: u64 = 2 << 30;

/// The variables of the environment that the machine program gets: those that a compiler and
/// messages need. Names that begin with `VMLAB_` are ours, and are passed as well.
const ENVIRONMENT: [&str; 6] = [
    "PATH",
    "TMPDIR",
    "LANG",
    "NO_COLOR",
    "LD_LIBRARY_PATH",
    "RUST_BACKTRACE",
];

/// Whether a kernel needs all walls around it to run.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Sandbox {
    /// It runs even if the host cannot build all of them.
    #[default]
    IfThereIsOne,
    /// It does not run without all of them.
    Required,
}

/// A test and how to run it.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The test, without its expectations about its own machine if it runs on another.
    pub test: Cow<'a, Test>,
    /// The machine: the user's choices override the test's own. The seed is that of each attempt.
    pub settings: Settings,
    /// The seed of each attempt, in order; at least one. Attempts with the same seed must do the
    /// same.
    pub seeds: Vec<Option<u64>>,
    /// Whether it needs all walls.
    pub sandbox: Sandbox,
    /// Whether it runs once more with the rules of the virtual memory checked if it fails.
    pub checking: Checking,
}

impl<'a> Job<'a> {
    /// Returns the job of a test on its own machine, with its own seeds; `choices` override them.
    /// If one of them changes the machine that the test names, its expectations about statistics
    /// and fault log do not apply, and are dropped.
    pub fn of(test: &'a Test, choices: &Settings) -> Job<'a> {
        let limit = Settings {
            base: Base {
                max_work: Some(TEST_MAX_WORK),
                ..Base::default()
            },
            ..Settings::default()
        };
        let settings = choices.or(&test.settings).or(&limit);
        let seeds = if test.seeds.is_empty() {
            vec![settings.seed]
        } else {
            test.seeds.iter().copied().map(Some).collect()
        };
        let is_own_machine = test.settings.or(&settings) == settings;
        let test = if is_own_machine {
            Cow::Borrowed(test)
        } else {
            Cow::Owned(test.on_any_machine())
        };
        Job {
            test,
            settings,
            seeds,
            sandbox: Sandbox::default(),
            checking: Checking::Never,
        }
    }

    /// Runs the test with the machine program `program`; `folder` is created, used and removed.
    #[must_use]
    pub fn run(&self, program: &Path, folder: &Path) -> Outcome {
        let start = Instant::now();
        let attempts = self.seeds.iter();
        let attempts = attempts.map(|seed| self.attempt(*seed, program, folder));
        let combined = combine(attempts.collect());
        let attempt = self.explained(combined.attempt, program, folder);
        Outcome::of(attempt, combined.notes, start.elapsed())
    }

    /// Returns the outcome of a hang, with its cause if a run with the rules checked shows it.
    #[must_use]
    pub fn hang_explained(&self, hang: Outcome, program: &Path, folder: &Path) -> Outcome {
        if !self.checking.looks_again() {
            return hang;
        }
        let (start, seed) = (Instant::now(), hang.seed);
        match self.with_rules(seed, &hang.verdict, program, folder) {
            Some(checked) => Outcome::of(checked, hang.notes, hang.elapsed + start.elapsed()),
            None => hang,
        }
    }

    /// Returns the console at the end of one run, whatever the test expects.
    ///
    /// # Errors
    /// How the run ended, if not by the end of its program.
    pub fn console(&self, program: &Path, folder: &Path) -> Result<Vec<u8>, String> {
        let attempt = self.attempt(self.seeds[0], program, folder);
        match attempt.verdict {
            Verdict::Passed | Verdict::Failed(_) => Ok(attempt.console),
            other => Err(other.summary()),
        }
    }

    /// Returns the result if it is not run at all.
    #[must_use]
    pub fn not_run(&self, why: Skipped) -> Outcome {
        Outcome {
            verdict: Verdict::NotRun(why),
            notes: Vec::new(),
            repeat: self.repeat(self.seeds[0]),
            console: Vec::new(),
            deaths: Vec::new(),
            events: Vec::new(),
            walls: None,
            seed: self.seeds[0],
            elapsed: Duration::ZERO,
        }
    }

    /// Returns a failed attempt, with its cause if a run with the rules checked shows it.
    fn explained(&self, attempt: Attempt, program: &Path, folder: &Path) -> Attempt {
        if !self.checking.looks_again() || !may_tell_more(&attempt.verdict) {
            return attempt;
        }
        let checked = self.with_rules(attempt.seed, &attempt.verdict, program, folder);
        let mut checked = match checked {
            Some(checked) => checked,
            None => return attempt,
        };
        if let Verdict::Broken(rule) = &mut checked.verdict {
            rule.complaints = attempt.verdict.complaints().to_vec();
        }
        checked
    }

    /// Makes an attempt with the rules checked; returns it if it shows more than `before`.
    fn with_rules(
        &self,
        seed: Option<u64>,
        before: &Verdict,
        program: &Path,
        folder: &Path,
    ) -> Option<Attempt> {
        let mut job = self.clone();
        job.settings = self.settings_with_rules(before);
        let checked = job.attempt(seed, program, folder);
        tells_more(before, &checked.verdict).then_some(checked)
    }

    /// Returns the settings of the run that looks for the cause of a verdict.
    fn settings_with_rules(&self, before: &Verdict) -> Settings {
        let mut settings = self.settings.clone();
        settings.check = Checks::Rules;
        if let Verdict::WorkLimit(_) = before {
            let work = settings.base.max_work.unwrap_or(TEST_MAX_WORK);
            settings.base.max_work = Some(work.min(EARLY_WORK));
        }
        settings
    }

    fn attempt(&self, seed: Option<u64>, program: &Path, folder: &Path) -> Attempt {
        let attempt = self.attempt_in(seed, program, folder);
        if let Err(error) = std::fs::remove_dir_all(folder) {
            log::warn!("{}: {error}", folder.display());
        }
        attempt
    }

    fn attempt_in(&self, seed: Option<u64>, program: &Path, folder: &Path) -> Attempt {
        let files = folder.join("files");
        let run = std::fs::create_dir(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))
            .and_then(|()| self.start(seed, program, folder, &files))
            .map_or_else(not_started, |process| {
                let limits = Limits {
                    // The process ends itself before that, and reports why.
                    watchdog: TIME_LIMIT * ROOM_AND_PATIENCE + LAST_WORDS,
                    of_itself: TIME_LIMIT,
                };
                let mut run = watch(process, &self.test.input, limits);
                let file = folder.join(RECORD);
                let record = Record::read(&file);
                run.record = record.map_err(|error| format!("{}: {error}", file.display()));
                run
            });
        let read = |name: &GuestName| {
            let found = GuestDir::at(&files).and_then(|dir| dir.find(name));
            found.map_err(|error| error.to_string())
        };
        let verdict = Verdict::of(&self.test, &run, read);
        let walls = run.record.as_ref().ok().map(|record| record.walls);
        let (mut deaths, mut events, mut during) = (Vec::new(), Vec::new(), None);
        if let (false, Ok(record)) = (verdict.passed(), run.record) {
            during = record.during.filter(|_| verdict.is_kernels());
            deaths = record.deaths;
            events = record.events;
        }
        Attempt {
            seed,
            repeat: self.repeat(seed),
            verdict,
            console: run.console,
            during,
            deaths,
            events,
            walls,
        }
    }

    fn start(
        &self,
        seed: Option<u64>,
        program: &Path,
        folder: &Path,
        files: &Path,
    ) -> Result<ProcessGroup, String> {
        let mut snapshot = (None, Level::default());
        if let Some(Snapshot { text, level, .. }) = &self.test.snapshot {
            let file = folder.join("snapshot");
            std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
            snapshot = (Some(file), *level);
        }
        let request = Request {
            settings: self.settings.clone(),
            seed,
            fs: files.to_owned(),
            put: self.test.put.clone(),
            record: folder.join(RECORD),
            count_events: self
                .test
                .log
                .iter()
                .chain(&self.test.log_never)
                .cloned()
                .collect(),
            snapshot: snapshot.0,
            snapshot_level: snapshot.1,
            // Nothing is lost: the limit is whole seconds.
            time_limit: u32::try_from(TIME_LIMIT.as_secs()).expect("a short time"),
            memory_limit: self.memory_limit(),
            check: Some(self.settings.check),
            require_sandbox: self.sandbox == Sandbox::Required,
            program: self.test.program.clone(),
            args: self.test.args.clone(),
        };
        let mut command = Command::new(program);
        command
            .arg("run")
            .args(request.to_args())
            .env_clear()
            .envs(environment())
            .env("RUST_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ProcessGroup::start(&mut command)
            .map_err(|error| format!("cannot start {}: {error}", program.display()))
    }

    /// Returns the limit of an attempt's address space in bytes.
    fn memory_limit(&self) -> u64 {
        let frames = self.settings.frames.map_or(DEFAULT_FRAMES, Frames::number);
        let pages = u64::from(frames) + u64::from(self.settings.base.slots());
        pages * u64::from(PAGE_SIZE) + MEMORY_BEYOND_MACHINE
    }

    /// Returns the options of `vmlab run` that affect the guest.
    fn options(&self, seed: Option<u64>) -> Vec<String> {
        let settings = Settings {
            seed,
            ..self.settings.clone()
        };
        let mut options = settings.to_args();
        options.extend(self.test.put.iter().map(|put| format!("--put={put}")));
        options
    }

    /// Returns the command line that does the same by hand.
    fn repeat(&self, seed: Option<u64>) -> String {
        let mut words = Vec::new();
        if !self.test.input.is_empty() {
            words.push(format!("printf %s {} |", quoted(&self.test.input)));
        }
        words.push("./vmlab run".to_owned());
        words.extend(self.options(seed).iter().map(|word| quoted(word)));
        words.push(quoted(&self.test.program));
        if self.test.args.iter().any(|arg| arg.starts_with('-')) {
            words.push("--".to_owned());
        }
        words.extend(self.test.args.iter().map(|arg| quoted(arg)));
        words.join(" ")
    }
}

fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        ENVIRONMENT.contains(&&*name) || name.starts_with("VMLAB_")
    })
}

fn not_started(why: String) -> Run {
    Run {
        end: ProcessEnd::NotStarted(why),
        console: Vec::new(),
        too_long: false,
        time_limit: TIME_LIMIT,
        messages: String::new(),
        stats: Printed::default(),
        record: Ok(Record::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn the_command_that_repeats_a_test_has_all_that_matters() {
        let text = "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'hello'\nshows = 'x'\n\
            points = 1\nexpect = ''\nframes = 16\nput = ['sample.txt']\nargs = ['-x', 'a b']\n\
            input = 'typed'\n";
        let suite = Suite::parse("s.toml", text).unwrap();
        let job = Job {
            test: Cow::Borrowed(&suite.tests[0]),
            settings: suite.tests[0].settings.clone(),
            seeds: vec![Some(7)],
            sandbox: Sandbox::default(),
            checking: Checking::Never,
        };
        assert_eq!(
            job.repeat(job.seeds[0]),
            "printf %s typed | ./vmlab run --frames=16 --seed=7 --put=sample.txt hello -- -x 'a b'"
        );
    }

    #[test]
    fn what_comes_to_no_end_is_looked_at_again_for_its_beginning() {
        let suites = Suite::bundled().unwrap();
        let job = Job::of(&suites[0].tests[0], &Settings::default());
        let work = |before| job.settings_with_rules(&before).base.max_work;
        assert_eq!(work(Verdict::WorkLimit(Vec::new())), Some(EARLY_WORK));
        let whole = job.settings.base.max_work;
        assert!(whole > Some(EARLY_WORK));
        assert_eq!(work(Verdict::Failed(Vec::new())), whole);
    }

    #[test]
    fn only_on_its_own_machine_a_test_judges_how_the_memory_was_used() {
        let text = "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'hello'\nshows = 'x'\n\
            points = 1\nexpect = ''\nframes = 16\nstats = ['copies == 0']\n\
            log-never = ['evict *']\n";
        let suite = Suite::parse("s.toml", text).unwrap();
        let judged = |choices: Settings| {
            let job = Job::of(&suite.tests[0], &choices);
            (job.test.stats.len(), job.test.log_never.len())
        };
        let frames = |number: &str| Settings {
            frames: number.parse().ok(),
            ..Settings::default()
        };
        let seed = Settings {
            seed: Some(5),
            ..Settings::default()
        };
        assert_eq!(judged(Settings::default()), (1, 1));
        assert_eq!(judged(frames("16")), (1, 1));
        assert_eq!(judged(seed), (1, 1));
        assert_eq!(judged(frames("17")), (0, 0));
    }

    #[test]
    fn what_cannot_be_started_is_no_fault_of_the_program() {
        let suite = &Suite::bundled().unwrap()[0];
        let job = Job {
            test: Cow::Borrowed(&suite.tests[0]),
            settings: Settings::default(),
            seeds: vec![None],
            sandbox: Sandbox::default(),
            checking: Checking::Never,
        };
        let scratch = tempfile::tempdir().unwrap();
        let outcome = job.run(Path::new("/no/such/vmlab"), &scratch.path().join("0"));
        assert!(matches!(outcome.verdict, Verdict::SetUp(_)));
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
