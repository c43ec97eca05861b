//! Has the submissions of tests/attacks.toml graded, and compares what stops each with what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use class::class::results::ResultsFolder;
use class::record::{Outcome, Record};
use glob::Pattern;
use lab::ids::Milestone;
use lab::source::Source;
use testkit::root;
use tests::submissions::{Pack, Recipe, Wall, attacks, pack};

/// The document that is written.
const DOCUMENT: &str = "docs/attacks.md";
/// The first milestone that is left to do in a submission, if one is.
type Left = Option<Milestone>;

/// Has attacks graded
///
/// Each submission in tests/attacks.toml tries one thing on the hand-out, as it was or with milestones solved. It is
/// graded by `./vmlab class grade`, and may not get more points than that hand-out itself, nor be stopped by another
/// wall than it says.
#[derive(Parser)]
#[command(
    name = "try-attacks",
    after_help = "\
Exit codes:
  0  each is stopped as it says, and gets no point more
  1  one is not
  2  usage or set-up: they cannot be graded..."
)]
struct Arguments {
    /// Only attacks whose name matches, as file names do in a shell. May be given several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Write docs/attacks.md
    #[arg(long, conflicts_with = "only")]
    write: bool,

    /// Where submissions and results are
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    tests::tried("try-attacks", Arguments::parse().execute())
}

impl Arguments {
    /// Whether each attack is stopped as it says.
    fn execute(&self) -> Result<bool, Box<dyn Error>> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => std::env::temp_dir().join("vmlab-try-attacks"),
        };
        let (submissions, results) = (folder.join("submissions"), folder.join("results"));
        if submissions.exists() {
            fs::remove_dir_all(&submissions)?;
        }
        fs::create_dir_all(&submissions)?;
        let attacks = attacks()?;
        let wanted = |attack: &&Recipe| {
            self.only.is_empty() || self.only.iter().any(|only| only.matches(&attack.name))
        };
        let attacks = Vec::from_iter(attacks.iter().filter(wanted));
        write_submissions(&attacks, &submissions)?;
        let mut command = Command::new(root().join("vmlab"));
        command
            .args(["class", "grade"])
            .arg(&submissions)
            .arg("-o")
            .arg(&results);
        if !command.current_dir(root()).status()?.success() {
            return Err("they cannot be graded".into());
        }
        let results = ResultsFolder::new(&results);
        let record = |name: &str| -> Result<Record, Box<dyn Error>> {
            let record = results.record(name)?;
            Ok(record.ok_or_else(|| format!("{name} has no record"))?)
        };
        let mut honest = BTreeMap::new();
        for attack in &attacks {
            honest.insert(
                attack.from,
                record(&honest_name(attack.from))?.outcome.score(),
            );
        }
        let mut table = String::new();
        let mut good = true;
        for attack in attacks {
            let record = record(&attack.name)?;
            let wall = stopped_by(&record);
            let without = honest[&attack.from];
            let gained = record.outcome.score() > without;
            if gained || Some(wall) != attack.wall {
                println!(
                    "{}: {}, {:.1} points: {}",
                    attack.name,
                    words(wall),
                    record.outcome.score(),
                    why(&record)
                );
                good = false;
            }
            writeln!(
                table,
                "| `{}` | {} | {} | {} | {:.1} | {without:.1} |",
                attack.name,
                attack.about,
                words(wall),
                why(&record),
                record.outcome.score()
            )?;
        }
        println!("{table}");
        if self.write && good {
            fs::write(root().join(DOCUMENT), document(&table))?;
        }
        Ok(good)
    }
}

fn write_submissions(attacks: &[&Recipe], folder: &Path) -> Result<(), Box<dyn Error>> {
    let source = Source::read(&root())?;
    for attack in attacks {
        let files = attack
            .files(&source)
            .map_err(|error| format!("{}: {error}", attack.name))?;
        pack(attack.pack, &attack.name, &files, folder)?;
    }
    let from: BTreeSet<Left> = attacks.iter().map(|attack| attack.from).collect();
    for from in from {
        let files = Recipe::of_nothing(from).files(&source)?;
        pack(Pack::Folder, &honest_name(from), &files, folder)?;
    }
    Ok(())
}

/// The submission that tries nothing: what a kernel of the same quality gets.
fn honest_name(from: Left) -> String {
    match from {
        None => "honest".to_owned(),
        Some(milestone) => format!("honest-from-{milestone}"),
    }
}

fn stopped_by(record: &Record) -> Wall {
    match record.outcome {
        Outcome::Missing | Outcome::Refused { .. } => Wall::Intake,
        Outcome::Forbidden { .. } => Wall::Types,
        Outcome::NotBuilt { .. } => Wall::Compiler,
        Outcome::Graded { .. } => Wall::Process,
    }
}

fn words(wall: Wall) -> &'static str {
    match wall {
        Wall::Intake => "not taken",
        Wall::Types => "words of the kernel",
        Wall::Compiler => "compiler",
        Wall::Process => "process",
    }
}

/// The first line of what is said about it.
fn why(record: &Record) -> String {
    let text = match &record.outcome {
        Outcome::Missing => String::new(),
        Outcome::Refused { why } => why.clone(),
        Outcome::NotBuilt { why } => {
            let error = why.lines().find(|line| line.starts_with("error"));
            error.or(why.lines().next()).unwrap_or_default().to_owned()
        }
        Outcome::Forbidden { places } => places.first().cloned().unwrap_or_default(),
        Outcome::Graded { results, .. } => {
            let failed = results
                .tests
                .iter()
                .find(|test| test.verdict.was_run() && !test.verdict.passed());
            failed
                .map(|test| test.verdict.summary())
                .unwrap_or_default()
        }
    };
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .take(120)
        .collect::<String>()
        .replace('|', "\\|")
}

fn document(table: &str) -> String {
    format!(
        "# Attacks, and what stops them\n\n\
         Each of these submissions tries one thing on the hand-out, most of them as it was. The last column has what that\n\
         hand-out gets without it. They are in `tests/attacks.toml`; this page is written by\n\n\
         ```\ncargo run --release -p tests --bin try-attacks -- --write\n```\n\n\
         which has them graded by `vmlab class grade`. [lab/teaching.md](../lab/teaching.md) says what the walls are.\n\n\
         | attack | what is tried | stopped by | what is said | points | without it |\n|---|---|---|---|---|---|\n{table}"
    )
}
