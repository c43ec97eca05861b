//! Recordings of bundled programs, for tests.

use std::io;

use super::{MachineFacts, Recorder, Recording, Sources};
use driver::guest::Guest;
use driver::run::{self, Machine};
use host::guest_dir::GuestDir;
use protocol::settings::{Base, Settings};

/// Records a run of a bundled program with this many frames, up to `most` events.
pub fn record(program: &str, frames: u32, disk_latency: u64, most: usize) -> Recording {
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
    let recorder = Recorder::new(dir.handle().unwrap(), most, Sources::new(program));
    let machine = Machine {
        settings: &settings,
        swap_file: None,
        files: dir.handle().unwrap(),
        listeners: vec![recorder.listener()],
    };
    let line = guest.command_line();
    let report = run::run(machine, &line, Box::new(io::sink()), Box::new(io::empty()));
    recorder.finish(line, MachineFacts::of(&settings), report.unwrap())
}

/// Records a whole run.
pub fn record_all(program: &str, frames: u32, disk_latency: u64) -> Recording {
    record(program, frames, disk_latency, usize::MAX)
}
