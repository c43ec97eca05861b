//! The part that `vmlab report` and `vmlab trace` share: running a program and recording it.
//!
//! # Invariants
//!
//! Memory does not grow with the length of the run: what is recorded goes to nameless files beside
//! the output, which takes their content once the run is over.

use std::fs::File;
use std::io::{self, BufWriter, Seek};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::record::{About, Ended, MachineFacts, Recorder, Sink, Sources};
use driver::console::{Screen, Unread};
use driver::guest::Guest;
use driver::machine_args::MachineArgs;
use driver::{not_loaded, run};
use host::command::UsageError;
use host::replacement::Replacement;
use protocol::exit::Exit;
use userprog::RunEnd;

/// The fewest events that make sense: loading a program takes almost as many.
const FEWEST_EVENTS: u64 = 1000;
/// The most events that a browser can show: some 500 MB.
const MOST_EVENTS: u64 = 20_000_000;

/// Which program to run, and the file to write.
#[derive(Args)]
pub(super) struct RecordArgs {
    /// A program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    /// The file to write; an existing one is replaced
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// The most events to keep; later ones are left out, with a note
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1_000_000,
        value_parser = clap::value_parser!(u64).range(FEWEST_EVENTS..=MOST_EVENTS)
    )]
    max_events: u64,

    #[command(flatten)]
    pub machine: MachineArgs,
}

/// A program that was found, and a file that can be written.
pub(super) struct Recordable {
    /// The program.
    pub guest: Guest,
    file: Replacement,
}

/// Files for a recording in the making.
pub(super) struct Spools {
    /// What will be the output.
    pub output: BufWriter<File>,
    /// Room for what cannot be written to it yet.
    pub spool: File,
}

impl RecordArgs {
    /// Finds the program, and checks that the file can be written before a run that may take long.
    pub(super) fn prepare(&self) -> Result<Recordable, UsageError> {
        let guest = self.machine.guest(&self.program, &self.args)?;
        let file =
            Replacement::of(&self.output).map_err(|error| cannot_write(&self.output, &error))?;
        Ok(Recordable { guest, file })
    }

    /// Runs the program, with standard output as its console, and writes what is recorded. `start`
    /// begins the output, and `finish` completes it. If that fails, the file stays as it was.
    pub(super) fn execute<S: Sink + 'static>(
        &self,
        Recordable { guest, file }: Recordable,
        start: impl FnOnce(Spools, &About) -> io::Result<S>,
        finish: impl FnOnce(S, &Ended) -> io::Result<BufWriter<File>>,
    ) -> Result<Exit, UsageError> {
        let cannot_write = |error| cannot_write(&self.output, &error);
        let prepared = self.machine.prepare_guest(&guest)?;
        let about = About {
            command_line: prepared.title(),
            machine: MachineFacts::of(&prepared.settings),
        };
        let files = Spools {
            output: BufWriter::new(file.spool().map_err(cannot_write)?),
            spool: file.spool().map_err(cannot_write)?,
        };
        let recorder = Recorder::new(
            prepared.dir.programs()?,
            self.max_events,
            Sources::new(&self.program),
            start(files, &about).map_err(cannot_write)?,
        );
        let screen = Screen::new(Unread::GoOn);
        let report = prepared.run(vec![recorder.listener()], &screen)?;
        screen.written()?;
        if let RunEnd::NotLoaded(why) = &report.end {
            not_loaded::tell(&prepared.dir, prepared.program_name(), why);
        }
        let (sink, ended) = recorder.finish(report);
        let complete = || -> io::Result<()> {
            let mut written = finish(sink, &ended)?.into_inner()?;
            written.rewind()?;
            file.write_from(&mut written)
        };
        complete().map_err(cannot_write)?;
        self.tell_left_out(&ended);
        Ok(if run::succeeded(&ended.report) {
            Exit::Success
        } else {
            Exit::Failed
        })
    }

    fn tell_left_out(&self, ended: &Ended) {
        if ended.left_out > 0 {
            anstream::eprintln!(
                "vmlab: {} shows the first {} events; {} more were left out (--max-events)",
                self.output.display(),
                ended.events,
                ended.left_out
            );
        }
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
