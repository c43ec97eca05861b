//! Recordings of bundled programs, kept in memory for tests.

use std::io;

use super::step::{EntryChange, Step};
use super::{About, Ended, MachineFacts, Recorder, Sink, Sources, Texts};
use driver::guest::Guest;
use driver::run::{self, Machine};
use host::guest_dir::GuestDir;
use protocol::settings::{Base, Settings};

/// A recorded run, or its beginning.
#[derive(Debug)]
pub struct Recording {
    /// What was known before.
    pub about: About,
    /// The steps, each with its changes of entries.
    pub steps: Vec<(Step, Vec<EntryChange>)>,
    /// What was known afterwards.
    pub ended: Ended,
}

impl Sink for Vec<(Step, Vec<EntryChange>)> {
    fn take(&mut self, step: &Step, changes: &[EntryChange], _: &mut Texts) {
        self.push((*step, changes.to_vec()));
    }
}

impl Recording {
    /// Passes all steps to another sink, as the run did.
    pub fn pass_to(&self, sink: &mut impl Sink) -> Ended {
        let mut ended = self.ended.clone();
        for (step, changes) in &self.steps {
            sink.take(step, changes, &mut ended.texts);
        }
        ended
    }
}

/// Records a run of a bundled program with this many frames, up to `most` events.
///
/// # Panics
/// If there is no such program, or its machine cannot be made.
#[must_use]
pub fn record(program: &str, frames: u32, disk_latency: u64, most: u64) -> Recording {
    let guest = Guest::find(program, &[], &[]).unwrap();
    let dir = GuestDir::temporary().unwrap();
    guest.put_into(&dir).unwrap();
    let settings = Settings {
        frames: frames.try_into().ok(),
        base: Base {
            disk_latency: Some(disk_latency),
            ..Base::default()
        },
        ..Settings::default()
    };
    let recorder = Recorder::new(
        dir.programs().unwrap(),
        most,
        Sources::new(program),
        Vec::new(),
    );
    let machine = Machine {
        settings: &settings,
        swap_file: None,
        files: dir.handle().unwrap(),
        listeners: vec![recorder.listener()],
    };
    let command_line = guest.command_line();
    let (screen, keyboard) = (Box::new(io::sink()), Box::new(io::empty()));
    let report = run::run(machine, &command_line, screen, keyboard).unwrap();
    let (steps, ended) = recorder.finish(report);
    Recording {
        about: About {
            command_line,
            machine: MachineFacts::of(&settings),
        },
        steps,
        ended,
    }
}

/// Records a whole run.
#[must_use]
pub fn record_all(program: &str, frames: u32, disk_latency: u64) -> Recording {
    record(program, frames, disk_latency, u64::MAX)
}
