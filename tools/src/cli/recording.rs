//! The part that `vmlab report` and `vmlab trace` share: running a program and recording it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::record::{MachineFacts, Recorder, Recording, Sources};
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
pub struct RecordArgs {
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
pub struct Recordable {
    /// The program.
    pub guest: Guest,
    file: Replacement,
}

impl RecordArgs {
    /// Finds the program, and checks that the file can be written before a run that may take long.
    pub fn prepare(&self) -> Result<Recordable, UsageError> {
        let guest = self.machine.guest(&self.program, &self.args)?;
        let file =
            Replacement::of(&self.output).map_err(|error| cannot_write(&self.output, &error))?;
        Ok(Recordable { guest, file })
    }

    /// Runs the program, with standard output as its console, and writes what `make` returns for
    /// the recording. If that fails, the file stays as it was.
    pub fn execute(
        &self,
        Recordable { guest, file }: Recordable,
        make: impl FnOnce(&Recording) -> String,
    ) -> Result<Exit, UsageError> {
        let recording = self.record(&guest)?;
        file.write(make(&recording).as_bytes())
            .map_err(|error| cannot_write(&self.output, &error))?;
        if recording.left_out > 0 {
            anstream::eprintln!(
                "vmlab: {} shows the first {} events; {} more were left out (--max-events)",
                self.output.display(),
                recording.events(),
                recording.left_out
            );
        }
        Ok(if run::succeeded(&recording.report) {
            Exit::Success
        } else {
            Exit::Failed
        })
    }

    fn record(&self, guest: &Guest) -> Result<Recording, UsageError> {
        let prepared = self.machine.prepare_guest(guest)?;
        let recorder = Recorder::new(
            prepared.dir.handle()?,
            self.max_events as usize,
            Sources::new(&self.program),
        );
        let screen = Screen::new(Unread::GoOn);
        let report = prepared.run(vec![recorder.listener()], &screen)?;
        screen.written()?;
        if let RunEnd::NotLoaded(why) = &report.end {
            not_loaded::tell(&prepared.dir, prepared.program_name(), why);
        }
        let facts = MachineFacts::of(&prepared.settings);
        Ok(recorder.finish(prepared.title(), facts, report))
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
