//! A recorded run, which `vmlab report` draws and `vmlab trace` writes.
//!
//! A recording is a list of *steps*: one event each, with the changes of page-table entries that
//! led to it. Replaying the steps from the start gives, at each step, the frame or slot of every
//! page ([`occupancy`]).
//!
//! # Invariants
//!
//! The same run gives the same recording. Its size is limited, whatever the guest does; if it has
//! only the beginning of a run, it says so.

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

/// A recorded run, or its beginning.
pub struct Recording {
    /// The guest's command line.
    pub command_line: String,
    /// The machine.
    pub machine: MachineFacts,
    /// How the run ended, and its statistics. They cover the whole run, even if the steps do not.
    pub report: RunReport,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// The changes of page-table entries of all steps, in order.
    pub entries: Vec<EntryChange>,
    /// The texts that steps refer to.
    pub texts: Texts,
    /// The sources that lines refer to, by their names in `texts`.
    pub sources: BTreeMap<String, String>,
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
    /// Returns the number of events: steps and changes of entries.
    pub fn events(&self) -> usize {
        self.steps.len() + self.entries.len()
    }

    /// Returns the steps, each with its changes of entries.
    pub fn iter(&self) -> impl Iterator<Item = (&Step, &[EntryChange])> {
        let mut from = 0;
        self.steps.iter().map(move |step| {
            let changes = &self.entries[from..step.entries_end as usize];
            from = step.entries_end as usize;
            (step, changes)
        })
    }
}
