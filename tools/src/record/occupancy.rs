//! The frames and slots in use at a step, and the resident set size of each process.
//!
//! # Invariants
//!
//! After every step of a complete run the numbers are the machine's own; at its end all are zero.

use std::collections::{BTreeMap, BTreeSet};

use machine::addr::Frame;
use vm::Owner;
use vm::Slot;
use vm::event::Fate;

use super::step::{EntryChange, Step, What};

/// The frames and slots in use: none at the start.
#[derive(Default, Debug)]
pub struct Occupancy {
    frames: BTreeSet<Frame>,
    slots: BTreeSet<Slot>,
    resident: BTreeMap<Owner, u32>,
}

impl Occupancy {
    /// Takes the next step.
    pub fn take(&mut self, step: &Step, changes: &[EntryChange]) {
        for change in changes {
            self.change(change);
        }
        if let Some(slot) = step.emptied {
            self.slots.remove(&slot);
        }
        match &step.what {
            What::Fault(fault) => {
                self.frames.extend(fault.outcome.frame());
            }
            What::Evicted(eviction) => {
                self.frames.remove(&eviction.frame);
                if let Fate::SwappedOut(slot) | Fate::StillInSwap(slot) = eviction.fate {
                    self.slots.insert(slot);
                }
            }
            What::FrameFreed { frame } => {
                self.frames.remove(frame);
            }
            What::SlotFreed { slot } => {
                self.slots.remove(slot);
            }
            _ => {}
        }
    }

    /// Returns the number of frames in use.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames.len() as u64
    }

    /// Returns the number of slots in use.
    #[must_use]
    pub fn slots(&self) -> u64 {
        self.slots.len() as u64
    }

    /// Returns the number of pages of a process that have a present entry.
    #[must_use]
    pub fn resident(&self, owner: Owner) -> u32 {
        self.resident.get(&owner).copied().unwrap_or_default()
    }

    fn change(&mut self, change: &EntryChange) {
        let (before, now) = (change.old.is_present(), change.new.is_present());
        if now {
            self.frames.insert(change.new.frame());
        }
        let resident = self.resident.entry(change.owner).or_default();
        *resident = *resident + u32::from(now) - u32::from(before);
    }
}

#[cfg(test)]
mod tests;
