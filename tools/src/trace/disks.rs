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
#[derive(Debug)]
pub(super) struct Disks {
    latency: u64,
    swap_free_at: u64,
    files_free_at: u64,
    /// When the transfers are done that the next fault waits for, which comes after its evictions.
    done: u64,
}

impl Disks {
    /// Returns idle disks that need `latency` for a page.
    pub(super) fn new(latency: u64) -> Disks {
        Disks {
            latency,
            swap_free_at: 0,
            files_free_at: 0,
            done: 0,
        }
    }

    /// Takes the next step, and adds its transfers to `to`. Returns when all transfers that it
    /// requests are done, including those of the evictions that a fault led to.
    pub(super) fn take(&mut self, step: &Step, to: &mut Vec<TraceEvent>) -> u64 {
        let now = step.work;
        let transfer = match step.what {
            What::Evicted(Eviction { fate, .. }) => match fate {
                Fate::SwappedOut(slot) => Some((Thread::SWAP, format!("write slot {slot}"))),
                Fate::WrittenBack(file) => Some((Thread::FILES, format!("write file {file}"))),
                _ => None,
            },
            What::WrittenBack { file, page, .. } => {
                Some((Thread::FILES, format!("write file {file}, page {page}")))
            }
            What::Fault(Fault { outcome, .. }) => match outcome {
                Outcome::SwappedIn(_, slot) | Outcome::SwappedInAndCopied(_, slot, _) => {
                    Some((Thread::SWAP, format!("read slot {slot}")))
                }
                Outcome::FileRead(_, file, offset) => {
                    Some((Thread::FILES, format!("read file {file}, byte {offset}")))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some((disk, name)) = transfer {
            to.push(self.transfer(disk, name, now));
        }
        let done = self.done.max(now);
        if !matches!(step.what, What::Evicted(_)) {
            self.done = 0;
        }
        done
    }

    fn transfer(&mut self, disk: Thread, name: String, now: u64) -> TraceEvent {
        let free_at = if disk == Thread::SWAP {
            &mut self.swap_free_at
        } else {
            &mut self.files_free_at
        };
        let start = now.max(*free_at);
        *free_at = start.saturating_add(self.latency);
        self.done = self.done.max(*free_at);
        TraceEvent::slice(name, disk, start, *free_at)
    }
}
