//! A run as it is recorded, which `vmlab report` draws and `vmlab trace` writes.
//!
//! A recording is a sequence of *steps*: one event each, with the changes of page-table entries that
//! led to it. The [`Recorder`] passes each step on to a [`Sink`] as soon as nothing about it can
//! change any more, and keeps none. Replaying the steps from the start gives, at each step, the frame
//! or slot of every page ([`occupancy`]).
//!
//! # Invariants
//!
//! The same run gives the same steps. Memory is bounded by the machine's size and the number of
//! different texts, not by the length of the run. The number of events is limited, whatever the guest
//! does; if there is only the beginning of a run, [`Ended`] says so.

mod names;
pub mod occupancy;
mod recorder;
mod sources;
pub mod step;
#[cfg(test)]
pub mod testing;
pub mod wire;

pub use names::{Text, Texts};
pub use recorder::Recorder;
pub use sources::Sources;

use std::collections::BTreeMap;

use machine::layout::Layout;
use userprog::RunReport;
use userprog::limits::DEFAULT_FRAMES;

use protocol::settings::Settings;
use step::{EntryChange, Step};

/// What is known before a run.
#[derive(Clone, Debug)]
pub struct About {
    /// The guest's command line.
    pub command_line: String,
    /// The machine.
    pub machine: MachineFacts,
}

/// Takes the steps of a run, in order.
pub trait Sink {
    /// Takes a step and the changes of page-table entries that led to it. The step refers to
    /// `texts`, to which the sink may add its own.
    fn take(&mut self, step: &Step, changes: &[EntryChange], texts: &mut Texts);
}

/// What is known when a run is over.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How the run ended, and its statistics. They cover the whole run, even if the steps do not.
    pub report: RunReport,
    /// The texts that steps refer to.
    pub texts: Texts,
    /// The sources that lines refer to, by their names in `texts`.
    pub sources: BTreeMap<String, String>,
    /// The number of events that were recorded: steps and changes of entries.
    pub events: u64,
    /// The number of events that were not recorded, since there were too many.
    pub left_out: u64,
}

/// Facts about the machine that a reader needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineFacts {
    /// The number of the first frame for user pages.
    pub first_frame: u32,
    /// The number of frames for user pages.
    pub frames: u32,
    /// The number of slots of the swap disk.
    pub slots: u32,
    /// The guest work that a disk needs to transfer a page.
    pub disk_latency: u64,
    /// Its options, as `vmlab run` takes them, except defaults.
    pub options: Vec<String>,
}

impl MachineFacts {
    /// Returns the facts about the machine that a user chose.
    #[must_use]
    pub fn of(settings: &Settings) -> MachineFacts {
        let frames = settings
            .frames
            .map_or(DEFAULT_FRAMES, |frames| frames.number());
        MachineFacts {
            first_frame: Layout::new(frames).first_user_frame().number(),
            frames,
            slots: settings.base.slots(),
            disk_latency: settings.base.disk_latency.unwrap_or_default(),
            options: settings.to_args(),
        }
    }
}
