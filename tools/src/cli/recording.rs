//! What `vmlab report` and `vmlab trace` share: they run a program and record it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::record::{MachineFacts, Recorder, Recording, Sources};
use driver::console::Screen;
use driver::guest::Guest;
use driver::machine_args::MachineArgs;
use driver::run;
use host::command::UsageError;
use host::replacement::Replacement;
use protocol::exit::Exit;

/// The fewest events that make sense; below that not even a program is loaded.
const FEWEST_EVENTS: u64 = 1000;
/// More than this no browser shows: some 500 MB.
const MOST_EVENTS: u64 = 20_000_000;

/// Which run, and where what came of it goes.
#[derive(Args)]
pub struct RecordArgs {
    /// A program, as for `vmlab run`
    #[arg(value_name = "PROGRAM")]
    program: String,

    /// Its arguments; the guest splits them at spaces
    #[arg(value_name = "ARG")]
    args: Vec<String>,

    /// The file to write; one that is there is replaced
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// How many events are kept; what comes after is left out, and that is said
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
    /// The program, once it is known that its file can be written: what comes next may take long.
    pub fn prepare(&self) -> Result<Recordable, UsageError> {
        let guest = self.machine.guest(&self.program, &self.args)?;
        let file =
            Replacement::of(&self.output).map_err(|error| cannot_write(&self.output, &error))?;
        Ok(Recordable { guest, file })
    }

    /// Runs the program, with standard output as its console, and writes what `make` makes of the
    /// recording. If that fails, the file stays as it was.
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
        let screen = Screen::new();
        let report = prepared.run(vec![recorder.listener()], &screen)?;
        screen.written()?;
        let facts = MachineFacts::of(&prepared.settings);
        Ok(recorder.finish(prepared.title(), facts, report))
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
