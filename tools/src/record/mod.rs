//! A run as it was recorded: what `vmlab report` draws and `vmlab trace` writes.
//!
//! A recording is a list of *steps*: one event each, with the changes of page-table entries that
//! led to it. Whoever replays the steps from the start knows at each which page is in which frame or
//! slot ([`occupancy`]).
//!
//! # Invariants
//!
//! The same run has the same recording; it has [`Recording::events`] events at the most, whatever
//! the guest does, and if it is a beginning only, it says so.

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

/// A run, or its beginning.
pub struct Recording {
    /// What ran, as a command line of the guest's.
    pub command_line: String,
    /// The machine.
    pub machine: MachineFacts,
    /// How it ended, and its statistics. Of all of it, even if the steps are a beginning only.
    pub report: RunReport,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// The changes of page-table entries of all steps, in order.
    pub entries: Vec<EntryChange>,
    /// The texts that steps refer to.
    pub texts: Texts,
    /// The sources that lines are of, by the names that texts have for them.
    pub sources: BTreeMap<String, String>,
    /// How many events were not recorded, since there were too many.
    pub left_out: u64,
}

/// What a reader has to know of the machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineFacts {
    /// The number of the first frame for user pages.
    pub first_frame: u32,
    /// How many frames there are for user pages.
    pub frames: u32,
    /// How many slots the swap disk has.
    pub slots: u32,
    /// Guest work that a disk takes for a page.
    pub disk_latency: u64,
    /// The options that make it, as `vmlab run` takes them, beside the defaults.
    pub options: Vec<String>,
}

impl MachineFacts {
    /// Those of the machine that a user chose.
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

impl Recording {
    /// How many events it has: steps, and changes of entries.
    pub fn events(&self) -> usize {
        self.steps.len() + self.entries.len()
    }

    /// The steps, each with its changes of entries.
    pub fn iter(&self) -> impl Iterator<Item = (&Step, &[EntryChange])> {
        let mut from = 0;
        self.steps.iter().map(move |step| {
            let changes = &self.entries[from..step.entries_end as usize];
            from = step.entries_end as usize;
            (step, changes)
        })
    }
}
