//! What `vmlab report` and `vmlab trace` share: they run a program and record it.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use clap::Args;

use super::UsageError;
use crate::console::Screen;
use crate::exit::Exit;
use crate::guest::Guest;
use crate::guest_dir::GuestDir;
use crate::record::{MachineFacts, Recorder, Recording, Sources};
use crate::run::{self, Machine};
use crate::settings::Settings;

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
    pub settings: Settings,

    /// Seed of all that is random in the machine [default: 0]
    #[arg(long, value_name = "N", help_heading = "Machine")]
    pub seed: Option<u64>,

    /// Put a file into the guest's files first, as with `vmlab run`. May be given several times
    #[arg(long, value_name = "HOST[:GUEST]", help_heading = "Files")]
    put: Vec<String>,
}

impl RecordArgs {
    /// The program, once it is known that its file can be written: what comes next may take long.
    pub fn prepare(&self) -> Result<Guest, UsageError> {
        let guest = Guest::find(&self.program, &self.args, &self.put)?;
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.output)
            .map_err(|error| cannot_write(&self.output, &error))?;
        Ok(guest)
    }

    /// Runs the program, with standard output as its console, and writes what `make` makes of the
    /// recording.
    pub fn execute(
        &self,
        guest: &Guest,
        make: impl FnOnce(&Recording) -> String,
    ) -> Result<Exit, UsageError> {
        let recording = self.record(guest)?;
        fs::write(&self.output, make(&recording))
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
        let dir = GuestDir::temporary()?;
        guest.put_into(&dir)?;
        let settings = Settings {
            seed: self.seed,
            ..self.settings.clone()
        };
        let recorder = Recorder::new(
            dir.handle()?,
            self.max_events as usize,
            Sources::new(&self.program),
        );
        let screen = Screen::new();
        let machine = Machine {
            settings: &settings,
            swap_file: None,
            files: dir.handle()?,
            listeners: vec![recorder.listener()],
        };
        let command_line = guest.command_line();
        let report = run::run(
            machine,
            &command_line,
            Box::new(screen.clone()),
            Box::new(screen.keyboard()),
        );
        screen.close();
        Ok(recorder.finish(command_line, MachineFacts::of(&settings), report?))
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
