//! `vmlab workloads run`: every policy on real programs.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::PackagesFolder;
use crate::policies::table;
use crate::workloads::{Measured, Workload, chart, document};
use host::command::{UsageError, print};
use protocol::exit::{Exit, RUN_CODES};
use protocol::pages::UNITS;
use protocol::settings::Frames;

/// Runs workloads under every policy, and compares each with OPT and exact LRU
#[derive(Args)]
#[command(after_help = format!("\
A program whose output is not the expected one has failed, whatever it exits with.

{UNITS}

Examples:
  vmlab workloads run sort gzip
  vmlab workloads run lua --frames 32,64 --json lua.json
  vmlab workloads run --document workloads.md --picture workloads.svg

{RUN_CODES}"))]
pub(super) struct RunArgs {
    /// Workloads, of those that `vmlab workloads list` shows [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Numbers of frames, or their sizes (64K), with commas between them; at least 8 each
    /// [default: those of the workload]
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    frames: Vec<Frames>,

    #[command(flatten)]
    packages: PackagesFolder,

    /// Write the numbers as JSON to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    json: Option<PathBuf>,

    /// Write a picture of all of them to this file, as SVG
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    picture: Option<PathBuf>,

    /// Write a page with a table for each to this file, as Markdown
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    document: Option<PathBuf>,
}

impl RunArgs {
    /// Measures, and prints a table for each workload as soon as it is known.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let workloads = Workload::named(&self.names)?;
        let frames = crate::policies::distinct(&self.frames);
        // What is missing should be told before anything is run.
        for workload in &workloads {
            workload.files(&self.packages.folder)?;
        }
        let mut all: Vec<Measured> = Vec::new();
        for workload in workloads {
            let (name, title) = (&workload.name, &workload.title);
            anstream::eprintln!("vmlab: {name}: {title}");
            let measured = Measured::new(workload, &self.packages.folder, &frames)?;
            let gap = if all.is_empty() { "" } else { "\n" };
            print(&format!("{gap}{}", table::table(&measured.results)))?;
            all.push(measured);
        }
        self.write(&all)?;
        let succeeded = all.iter().all(|measured| measured.results.all_succeeded());
        Ok(if succeeded {
            Exit::Success
        } else {
            Exit::Failed
        })
    }

    fn write(&self, all: &[Measured]) -> Result<(), UsageError> {
        if let Some(path) = &self.json {
            write_file(path, &document::json(all))?;
        }
        if let Some(path) = &self.picture {
            write_file(path, &chart::svg(all))?;
        }
        if let Some(path) = &self.document {
            let picture = self
                .picture
                .as_deref()
                .map(|picture| seen_from(path, picture));
            write_file(path, &document::markdown(all, picture.as_deref()))?;
        }
        Ok(())
    }
}

/// Returns the path of a picture as a page beside or above it names it.
fn seen_from(page: &Path, picture: &Path) -> String {
    let folder = page.parent().unwrap_or(Path::new(""));
    let path = picture.strip_prefix(folder).unwrap_or(picture);
    path.display().to_string()
}

fn write_file(path: &Path, text: &str) -> Result<(), UsageError> {
    let written = fs::write(path, text);
    written.map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}
