//! `vmlab policies`: all replacement policies on one program or reference string.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use machine::layout::Layout;

use crate::policies::measured::Experiment;
use crate::policies::simulated::simulate;
use crate::policies::{Results, data, distinct, picture, refs, table};
use driver::guest::Guest;
use host::command::{UsageError, print};
use host::waiting::Waiting;
use protocol::exit::{Exit, RUN_CODES};
use protocol::pages::{self, UNITS};
use protocol::settings::{Base, Frames};

/// Reads a number of frames for a string, which needs no more than one, or their size.
fn frames(text: &str) -> Result<u32, String> {
    let most = Layout::MAX_USER_FRAMES;
    match pages::parse(text).map_err(|error| error.to_string())? {
        frames if (1..=most).contains(&frames) => Ok(frames),
        _ => Err(format!("a machine has 1 to {most} frames")),
    }
}

/// Compares all replacement policies with each other, exact LRU and the optimum
#[derive(Args)]
#[command(after_help = format!("\
The program runs once under each policy with each number of frames, and its output is not
shown. The pages that it touches are recorded, to compute the faults of OPT and exact LRU.
These options may also follow PROGRAM. After `--` everything goes to the program.

{UNITS}

Examples:
  vmlab policies page-shuffle --frames 16,32
  vmlab policies page-linear --frames 32 --csv page-linear.csv --svg page-linear.svg
  vmlab policies --refs belady.txt --frames 3,4
  valgrind --tool=lackey --trace-mem=yes --log-file=refs ls && vmlab policies --refs refs

{RUN_CODES}"))]
pub(super) struct PoliciesArgs {
    /// A program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    program: Option<String>,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    /// Numbers of frames, or their sizes (64K), with commas between them; at least 8 each for a
    /// program
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        default_value = "16,32,64",
        value_parser = frames,
        help_heading = "Machine"
    )]
    frames: Vec<u32>,

    /// Seed of everything random in the machines [default: 0]
    #[arg(long, value_name = "N", help_heading = "Machine")]
    seed: Option<u64>,

    #[command(flatten)]
    base: Base,

    /// Copy a file to the guest's files first, as with `vmlab run`. May be given several times
    #[arg(long, value_name = "HOST[:GUEST]", help_heading = "Files")]
    put: Vec<String>,

    /// Run no program, but try the policies on this reference string: one page number per line (7
    /// or 0x1f), or the output of valgrind's lackey; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["program", "put", "export", "swap_slots", "slot_allocator", "kernel_pages", "page_tables", "alias", "abi", "root", "aslr", "max_work", "disk_latency"]
    )]
    refs: Option<PathBuf>,

    /// Write the reference string to this file, one page per line, in hexadecimal: that of the
    /// first policy with the most frames. It is shortened in a way that changes no count of OPT or
    /// LRU for 8 frames or more
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    export: Option<PathBuf>,

    /// Write the numbers as CSV to this file; `-` prints them instead of the table
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    csv: Option<PathBuf>,

    /// Print one JSON object instead of the table
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Write a chart to this file, as SVG
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    svg: Option<PathBuf>,
}

impl PoliciesArgs {
    /// Compares the policies and prints the results.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        self.check()?;
        let waiting = Waiting::start("vmlab: trying all policies", Duration::from_secs(2));
        let results = match (&self.refs, &self.program) {
            (Some(refs), _) => self.simulated(refs),
            (None, Some(program)) => self.measured(program),
            (None, None) => {
                Err("name a PROGRAM to run, or give a reference string: --refs FILE".into())
            }
        };
        drop(waiting);
        let results = results?;
        self.write(&results)?;
        Ok(if results.all_succeeded() {
            Exit::Success
        } else {
            Exit::Failed
        })
    }

    /// Checks that at most one output goes to standard output.
    fn check(&self) -> Result<(), UsageError> {
        for (option, file) in [("--svg", &self.svg), ("--export", &self.export)] {
            if file.as_deref().is_some_and(is_dash) {
                return Err(format!(
                    "{option} takes the name of a file; only --csv and --json go to standard output"
                )
                .into());
            }
        }
        if self.json && self.csv.as_deref().is_some_and(is_dash) {
            return Err("only one of --csv - and --json can go to standard output".into());
        }
        Ok(())
    }

    fn simulated(&self, refs: &Path) -> Result<Results, UsageError> {
        let string = if is_dash(refs) {
            refs::read(io::stdin().lock())
        } else {
            File::open(refs)
                .map_err(refs::RefsError::from)
                .and_then(|file| refs::read(BufReader::new(file)))
        };
        let string = string.map_err(|error| format!("--refs {}: {error}", refs.display()))?;
        let subject = if is_dash(refs) {
            "standard input".to_owned()
        } else {
            let name = refs.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let seed = self.seed.unwrap_or_default();
        Ok(simulate(subject, &string, &distinct(&self.frames), seed))
    }

    fn measured(&self, program: &str) -> Result<Results, UsageError> {
        let frames = distinct(&self.frames).into_iter().map(Frames::try_from);
        let frames: Result<Vec<_>, _> = frames.collect();
        let frames = frames.map_err(|error| format!("--frames: {error}"))?;
        let experiment = Experiment {
            guest: &Guest::find(program, &self.args, &self.put)?,
            frames: &frames,
            base: &self.base,
            seed: self.seed,
            expected: None,
        };
        let (results, string) = experiment.measure()?;
        if let Some(path) = &self.export {
            File::create(path)
                .and_then(|file| refs::write(&string, BufWriter::new(file)))
                .map_err(|error| cannot_write(path, &error))?;
        }
        Ok(results)
    }

    fn write(&self, results: &Results) -> Result<(), UsageError> {
        if let Some(path) = &self.svg {
            write_file(path, &picture::svg(results))?;
        }
        let csv = data::csv(results);
        match &self.csv {
            Some(path) if is_dash(path) => return print(&csv),
            Some(path) => write_file(path, &csv)?,
            None => {}
        }
        print(&if self.json {
            data::json(results)
        } else {
            table::table(results)
        })
    }
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == OsStr::new("-")
}

fn write_file(path: &Path, text: &str) -> Result<(), UsageError> {
    fs::write(path, text).map_err(|error| cannot_write(path, &error).into())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
