//! `vmlab judge-tests`: which breaks of the kernel a suite notices.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use clap::Args;
use glob::Pattern;
use grading::cli::select::{distinct, find_suite};
use grading::suite::Suite;
use host::command::{UsageError, print};
use indicatif::{ProgressBar, ProgressStyle};
use lab::course::{self, Course};
use lab::tree;
use protocol::exit::Exit;

use super::whole;
use crate::boxed::{Limits, NOTHING, Openings, SYSTEM};
use crate::breaks::schemata::{self, Copy, Programs};
use crate::breaks::{self, Break};
use crate::judge_tests::Judge;
use crate::judge_tests::judgement::{Telling, title};

/// Where the kernel with all breaks is built, from the root of the tree.
const FOLDER: &str = "target/judge-tests";

/// Judges tests: runs a suite on kernels that are broken on purpose
#[derive(Args)]
#[command(after_help = "\
Each break of class/breaks.toml is a mistake in one place of the kernel. A suite catches
it if a test passes on the sound kernel and fails with it. All breaks are compiled into
one kernel, which takes some minutes the first time; after that a break takes a second or
so. A missed break is described by a sentence that does not give it away, a hidden one not
at all; --instructor shows everything.

Examples:
  vmlab judge-tests ~/submissions/ada/suites/mine
  vmlab judge-tests vm --only 'swap-*' --instructor
  vmlab judge-tests --time 5 --json=judgement.json mine/suite.toml
  vmlab judge-tests --list

Exit codes:
  0  every break that was tried is caught, and all tests pass on the sound kernel
  1  a break is missed or was not tried, or a test fails on the sound kernel
  2  usage or set-up: no such suite, the kernel cannot be built...
  3  a bug of vmlab")]
pub(super) struct JudgeTestsArgs {
    /// Suites: bundled ones, paths of suite files, or of folders with a suite.toml
    #[arg(value_name = "SUITE", required_unless_present = "list")]
    suites: Vec<String>,

    /// Only breaks whose name matches, as file names do in a shell. May be given several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Start no more breaks after so many minutes
    #[arg(long, value_name = "MINUTES")]
    time: Option<NonZeroUsize>,

    /// How many breaks at a time [default: as many as there are cores]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Say of missed and hidden breaks what they are
    #[arg(long)]
    instructor: bool,

    /// Write the result as JSON, to a file or, without FILE, to standard output in place of the text
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    json: Option<Option<PathBuf>>,

    /// List the breaks by milestones, without the hidden ones unless --instructor is given
    #[arg(long, conflicts_with_all = ["suites", "time", "json"])]
    list: bool,
}

impl JudgeTestsArgs {
    /// Judges, or lists.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let root = tree::root(Path::new("."))?;
        let course = Course::parse(&fs::read_to_string(root.join(course::PATH))?)?;
        // What no program can notice is nothing to ask of a suite of programs.
        let breaks = breaks::read(&root)?;
        let breaks: Vec<Break> = breaks
            .into_iter()
            .filter(|one| one.caught_by.is_none())
            .collect();
        let wanted = |one: &Break| {
            self.only.is_empty() || self.only.iter().any(|glob| glob.matches(&one.name))
        };
        let numbered = breaks.iter().enumerate();
        let numbers: Vec<usize> = numbered
            .filter(|(_, one)| wanted(one))
            .map(|(index, _)| index + 1)
            .collect();
        if numbers.is_empty() {
            return Err("no break matches --only; --list lists them".into());
        }
        if self.list {
            print(&self.listed(&breaks, &numbers, &course))?;
            return Ok(Exit::Success);
        }
        self.judge(&root, &breaks, &numbers, &course)
    }

    fn telling(&self) -> Telling {
        match self.instructor {
            true => Telling::Instructor,
            false => Telling::Student,
        }
    }

    fn listed(&self, breaks: &[Break], numbers: &[usize], course: &Course) -> String {
        let shown = numbers.iter().map(|number| &breaks[number - 1]);
        let mut shown: Vec<&Break> = shown.filter(|one| self.instructor || !one.hidden).collect();
        shown.sort_by_key(|one| (one.milestone.is_none(), one.milestone));
        let mut text = String::new();
        for part in shown.chunk_by(|one, other| one.milestone == other.milestone) {
            text += &format!("{}\n", title(course, part[0].milestone));
            for one in part {
                text += &format!("  {}: {}\n", one.name, one.says);
            }
            text.push('\n');
        }
        let hidden = numbers.len() - shown.len();
        text + &format!("{} breaks, {hidden} more are hidden\n", shown.len())
    }

    fn judge(
        &self,
        root: &Path,
        breaks: &[Break],
        numbers: &[usize],
        course: &Course,
    ) -> Result<Exit, UsageError> {
        let bundled = Suite::bundled()?;
        let suites = self.suites.iter().map(|asked| find_suite(asked, &bundled));
        let suites = suites.collect::<Result<Vec<Suite>, _>>()?;
        let is_bundled = |asked: &String| bundled.iter().any(|suite| suite.name == *asked);
        distinct(&suites)?;
        // The grader is called in another folder.
        let options = self.suites.iter().map(|asked| match is_bundled(asked) {
            true => Ok(format!("--suite={asked}")),
            false => Ok(format!("--suite={}", whole(Path::new(asked))?.display())),
        });
        let options = options.collect::<Result<Vec<String>, UsageError>>()?;
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let all = breaks.len();
        anstream::eprintln!("vmlab: building the kernel with {all} breaks in {FOLDER}");
        let edits: Vec<_> = breaks.iter().map(Break::edit).collect();
        let copy = schemata::build(root, &edits, &folder, Programs::Machine)?;
        let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let limit = self
            .time
            .map(|minutes| Duration::from_secs(60 * minutes.get() as u64));
        let openings = openings(root, &copy, &self.suites)?;
        let judge = Judge {
            suites: &suites,
            openings: &openings,
            options: &options,
            copy: &copy,
            at_once: self.jobs.unwrap_or(cores).get(),
            deadline: limit.map(|limit| Instant::now() + limit),
        };
        let bar = ProgressBar::new(numbers.len() as u64);
        bar.set_style(ProgressStyle::with_template(
            "{bar:30} {pos} of {len} breaks, {eta} left",
        )?);
        let judgement = judge.judge(numbers, &|done| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        if let Some(Some(path)) = &self.json {
            let json = judgement.json(breaks, self.telling());
            fs::write(path, json).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        print(&match &self.json {
            Some(None) => judgement.json(breaks, self.telling()),
            _ => judgement.text(breaks, course, self.telling()),
        })?;
        Ok(match judgement.is_complete() {
            true => Exit::Success,
            false => Exit::Failed,
        })
    }
}

/// Returns what the grader may open to run suites with the kernel of a copy: the programs, what compiles programs of
/// the suites, and the suites' own folders.
fn openings(root: &Path, copy: &Copy, suites: &[String]) -> Result<Openings, UsageError> {
    let ours = ["target/release", "target/unicorn", "images"];
    let mut read: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
    read.extend(ours.iter().map(|name| root.join(name)));
    read.push(copy.machine.clone());
    read.extend(rust_folders());
    for suite in suites {
        let path = Path::new(suite);
        if path.is_dir() {
            read.push(whole(path)?);
        } else if path.is_file() {
            read.extend(whole(path)?.parent().map(Path::to_owned));
        }
    }
    Ok(Openings {
        read,
        write: vec![PathBuf::from(NOTHING)],
        required: false,
        limits: Limits::Own,
    })
}

/// Returns where rustup and cargo keep compilers, for programs in Rust.
fn rust_folders() -> Vec<PathBuf> {
    let home = |variable: &str, name: &str| {
        let named = std::env::var_os(variable).map(PathBuf::from);
        named.or_else(|| Some(std::env::home_dir()?.join(name)))
    };
    let cargo = home("CARGO_HOME", ".cargo").map(|cargo| cargo.join("bin"));
    let rustup = home("RUSTUP_HOME", ".rustup");
    cargo.into_iter().chain(rustup).collect()
}
