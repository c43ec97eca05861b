//! Tries what is said about wrong kernels: builds those of tests/wrong-kernels.toml, and compares their verdicts
//! with docs/wrong-kernels.md.
//!
//! # Invariants
//!
//! The sources are left alone, but for the document with `--write`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use class::breaks::schemata::{self, Programs};
use glob::Pattern;
use testkit::root;
use tests::wrong::document::{self, PATH};
use tests::wrong::{WrongKernel, bundled, verdict};

/// Tries what is said about wrong kernels
///
/// Each kernel in tests/wrong-kernels.toml has one mistake. A copy of the sources that has all of them is built
/// once; with each alone the test that is named for it is graded.
#[derive(Parser)]
#[command(
    name = "try-wrong-kernels",
    after_help = "\
Exit codes:
  0  all verdicts are as docs/wrong-kernels.md has them, or were written there
  1  one is not, or a test passes
  2  usage or set-up: the copy cannot be built..."
)]
struct Arguments {
    /// Only kernels whose name matches, as file names do in a shell; their verdicts are printed. May be given
    /// several times
    #[arg(long, value_name = "GLOB")]
    only: Vec<Pattern>,

    /// Write docs/wrong-kernels.md
    #[arg(long, conflicts_with = "only")]
    write: bool,

    /// Where the copy and its build are
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    tests::tried("try-wrong-kernels", Arguments::parse().execute())
}

impl Arguments {
    /// Whether all is as the document says.
    fn execute(&self) -> Result<bool, Box<dyn Error>> {
        let kernels = bundled()?;
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => root().join("target/wrong-kernels"),
        };
        fs::create_dir_all(&folder)?;
        eprintln!(
            "try-wrong-kernels: building a copy with {} mistakes",
            kernels.len()
        );
        let edits: Vec<_> = kernels.iter().map(WrongKernel::edit).collect();
        let copy = schemata::build(&root(), &edits, &folder, Programs::All)?;
        let (mut judged, mut all_fail) = (Vec::new(), true);
        for (index, kernel) in kernels.into_iter().enumerate() {
            if !self.is_wanted(&kernel) {
                continue;
            }
            match verdict::of(&copy, index + 1, &kernel) {
                Ok(verdict) => judged.push((kernel, verdict)),
                Err(error) => {
                    println!("{error}");
                    all_fail = false;
                }
            }
        }
        let document = document::render(&judged);
        if !self.only.is_empty() {
            print!("{document}");
            return Ok(all_fail);
        }
        if self.write {
            fs::write(root().join(PATH), document)?;
            eprintln!("try-wrong-kernels: wrote {PATH}");
            return Ok(all_fail);
        }
        let is_same = fs::read_to_string(root().join(PATH))? == document;
        if !is_same {
            println!("{PATH} says otherwise; --write writes it anew");
        }
        Ok(all_fail && is_same)
    }

    fn is_wanted(&self, kernel: &WrongKernel) -> bool {
        self.only.is_empty() || self.only.iter().any(|glob| glob.matches(&kernel.name))
    }
}
