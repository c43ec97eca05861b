//! Tries hand-outs: with a milestone solved its tests pass, without it they do not.
//!
//! What always holds: all hand-outs are made in one folder in turn, where files that stay the same are
//! not touched, so cargo builds only what differs.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use clap::Parser;
use grading::results::Results;
use lab::course::Stage;
use lab::handout;
use lab::ids::{Milestone, Unsolved};
use lab::source::Source;
use lab::tree::Files;
use lab::write;
use tests::breaks::root;
use tests::bundled_tests;

/// Builds hand-outs and runs the tests of each milestone, with its solution and without it
///
/// For each milestone M two hand-outs are made, of which the milestones from M on and those from M+1 on
/// are left to do. In both the tests of M are run: those of crate vm with the feature of M, and the
/// bundled ones.
#[derive(Parser)]
#[command(
    name = "try-handout",
    after_help = "\
Prints a line for each milestone. Builds take minutes each.

Examples:
  cargo run --release -p tests --bin try-handout
  cargo run --release -p tests --bin try-handout -- --only 4 --folder /var/tmp/handouts

Exit codes:
  0  each milestone's tests pass with its solution, and some fail without it
  1  they do not
  2  usage or set-up: a hand-out that cannot be made or built..."
)]
struct Arguments {
    /// Only this milestone. May be given several times
    #[arg(long, value_name = "M")]
    only: Vec<Milestone>,

    /// Where hand-outs are made and built, outside of this tree [default: a folder among the temporary
    /// ones, which is kept]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    match Arguments::parse().execute() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("try-handout: {error}");
            ExitCode::from(2)
        }
    }
}

impl Arguments {
    /// Whether all milestones are as they should be.
    fn execute(&self) -> Result<bool, Box<dyn Error>> {
        let source = Source::read(&root())?;
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => env::temp_dir().join("vmlab-try-handout"),
        };
        let bench = Workbench::new(&source, folder)?;
        let mut all_good = true;
        for stage in &source.course.milestones {
            if self.only.is_empty() || self.only.contains(&stage.number) {
                let trial = bench.try_milestone(stage)?;
                println!("{}", trial.line(stage));
                all_good &= trial.is_good();
            }
        }
        Ok(all_good)
    }
}

/// What a milestone's tests came to in one hand-out.
struct Outcome {
    kernel_passed: bool,
    passed: usize,
    tests: usize,
}

impl Outcome {
    fn all_passed(&self) -> bool {
        self.kernel_passed && self.passed == self.tests
    }

    fn words(&self) -> String {
        let kernel = match self.kernel_passed {
            true => "pass",
            false => "fail",
        };
        format!("{}/{} and vm's {kernel}", self.passed, self.tests)
    }
}

/// What they came to in both.
struct Trial {
    without: Outcome,
    with: Outcome,
}

impl Trial {
    fn is_good(&self) -> bool {
        self.with.all_passed() && !self.without.all_passed()
    }

    fn line(&self, stage: &Stage) -> String {
        let (number, title) = (stage.number.to_string(), &stage.title);
        let word = match self.is_good() {
            true => "ok",
            false => "WRONG",
        };
        let (with, without) = (self.with.words(), self.without.words());
        format!("{number:>2} {title}: with it {with}, without it {without}: {word}")
    }
}

/// The folder where hand-outs are made and built.
struct Workbench<'a> {
    source: &'a Source,
    folder: PathBuf,
}

impl<'a> Workbench<'a> {
    /// The emulator is the one of this tree, which is not built anew.
    fn new(source: &'a Source, folder: PathBuf) -> Result<Workbench<'a>, Box<dyn Error>> {
        let (from, to) = (root().join("target/unicorn"), folder.join("target/unicorn"));
        fs::create_dir_all(&to)?;
        for name in ["inputs", "libunicorn.a"] {
            fs::copy(from.join(name), to.join(name))
                .map_err(|error| format!("{name} of the emulator, run ./vmlab once: {error}"))?;
        }
        Ok(Workbench { source, folder })
    }

    fn try_milestone(&self, stage: &Stage) -> Result<Trial, Box<dyn Error>> {
        let from_it = self.source.course.from(stage.number)?;
        let mut behind_it = from_it.clone();
        behind_it.0.remove(&stage.number);
        Ok(Trial {
            without: self.outcome(stage, &from_it)?,
            with: self.outcome(stage, &behind_it)?,
        })
    }

    /// Makes a hand-out, builds it, runs the milestone's tests.
    fn outcome(&self, stage: &Stage, unsolved: &Unsolved) -> Result<Outcome, Box<dyn Error>> {
        let (number, left) = (stage.number, unsolved.0.len());
        eprintln!("try-handout: milestone {number}, {left} left to do");
        self.put(&handout::files(self.source, unsolved)?)?;
        let feature = stage.number.feature();
        let mut test = vec!["test", "--locked", "--package", "vm"];
        if unsolved.has(stage.number) {
            test.extend(["--features", &feature]);
        }
        let kernel_passed = self.cargo(&test)?;
        let build = [
            "build",
            "--release",
            "--locked",
            "--package",
            "grading",
            "--package",
            "driver",
        ];
        if !self.cargo(&build)? {
            return Err(
                format!("the hand-out in {} cannot be built", self.folder.display()).into(),
            );
        }
        let (passed, tests) = self.bundled(stage)?;
        Ok(Outcome {
            kernel_passed,
            passed,
            tests,
        })
    }

    /// Makes the folder have these files and, but for what was built, no other.
    fn put(&self, files: &Files) -> Result<(), Box<dyn Error>> {
        let list = self.folder.join("target/files");
        let before = match list.exists() {
            true => fs::read_to_string(&list)?,
            false => String::new(),
        };
        for path in before.lines().filter(|&path| !files.contains_key(path)) {
            fs::remove_file(self.folder.join(path))?;
        }
        for (path, file) in files {
            let target = self.folder.join(path);
            if !fs::read(&target).is_ok_and(|bytes| bytes == file.bytes) {
                write::write_file(&target, file)?;
            }
        }
        let names = files.keys().map(|path| format!("{path}\n"));
        Ok(fs::write(list, names.collect::<String>())?)
    }

    /// Whether cargo succeeds; what it prints goes to standard error.
    fn cargo(&self, words: &[&str]) -> Result<bool, Box<dyn Error>> {
        let status = Command::new(env!("CARGO"))
            .args(words)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .stdin(Stdio::null())
            .stdout(std::io::stderr())
            .status()?;
        Ok(status.success())
    }

    /// How many of the milestone's bundled tests pass, and how many there are.
    fn bundled(&self, stage: &Stage) -> Result<(usize, usize), Box<dyn Error>> {
        let all = bundled_tests();
        let names: Vec<String> = all
            .iter()
            .map(|(suite, test)| format!("{suite}/{}", test.name))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let owned = self.source.course.owned(&names);
        let Some(own) = owned.get(&stage.number) else {
            return Ok((0, 0));
        };
        let report = self.folder.join("target/results.json");
        let mut vmlab = Command::new(self.folder.join("target/release/vmlab"));
        vmlab.arg("grade").current_dir(&self.folder);
        vmlab.arg(format!("--report=json={}", report.display()));
        for name in own {
            vmlab.args(["--only", name]);
        }
        let status = vmlab.stdout(Stdio::null()).status()?;
        if status.code() == Some(2) {
            return Err("vmlab grade refuses to run the tests".into());
        }
        Ok((passed(&report)?, own.len()))
    }
}

/// How many tests passed by a report.
fn passed(report: &Path) -> Result<usize, Box<dyn Error>> {
    let results: Results = serde_json::from_slice(&fs::read(report)?)?;
    let passed = results.tests.iter().filter(|test| test.verdict.passed());
    Ok(passed.map(|test| test.id()).collect::<BTreeSet<_>>().len())
}
