//! The transfers of the disks.
//!
//! A disk does one transfer after the other, in the order of the requests, as in `vm`; so their
//! times follow from the steps and the latency. Without latency they take no time.
//!
//! # Invariants
//!
//! No two transfers of a disk overlap.

use vm::event::{Eviction, Fate, Outcome};

use super::event::{Thread, TraceEvent};
use crate::record::step::{Fault, Step, What};

/// The disk tracks of a trace.
pub struct Disks {
    latency: u64,
    events: Vec<TraceEvent>,
    swap_free_at: u64,
    files_free_at: u64,
    /// When the transfers are done that the next fault waits for, which comes after its evictions.
    done: u64,
}

impl Disks {
    /// Returns idle disks that need `latency` for a page.
    pub fn new(latency: u64) -> Disks {
        Disks {
            latency,
            events: Vec::new(),
            swap_free_at: 0,
            files_free_at: 0,
            done: 0,
        }
    }

    /// Takes the next step. Returns when all transfers that it requests are done, including those
    /// of the evictions that a fault led to.
    pub fn take(&mut self, step: &Step) -> u64 {
        let now = step.work;
        match step.what {
            What::Evicted(Eviction {
                fate: Fate::SwappedOut(slot),
                ..
            }) => {
                self.transfer(Thread::SWAP, format!("write slot {slot}"), now);
            }
            What::Evicted(Eviction {
                fate: Fate::WrittenBack(file),
                ..
            }) => {
                self.transfer(Thread::FILES, format!("write file {file}"), now);
            }
            What::WrittenBack { file, page, .. } => {
                self.transfer(
                    Thread::FILES,
                    format!("write file {file}, page {page}"),
                    now,
                );
            }
            What::Fault(Fault { outcome, .. }) => match outcome {
                Outcome::SwappedIn(_, slot) | Outcome::SwappedInAndCopied(_, slot, _) => {
                    self.transfer(Thread::SWAP, format!("read slot {slot}"), now);
                }
                Outcome::FileRead(_, file, offset) => {
                    let name = format!("read file {file}, byte {offset}");
                    self.transfer(Thread::FILES, name, now);
                }
                _ => {}
            },
            _ => {}
        }
        let done = self.done.max(now);
        if !matches!(step.what, What::Evicted(_)) {
            self.done = 0;
        }
        done
    }

    /// Returns all entries.
    pub fn finish(self) -> Vec<TraceEvent> {
        self.events
    }

    fn transfer(&mut self, disk: Thread, name: String, now: u64) {
        let free_at = if disk == Thread::SWAP {
            &mut self.swap_free_at
        } else {
            &mut self.files_free_at
        };
        let start = now.max(*free_at);
        *free_at = start.saturating_add(self.latency);
        self.events
            .push(TraceEvent::slice(name, disk, start, *free_at));
        self.done = self.done.max(*free_at);
    }
}
