//! Policies on a reference string, without a machine.
//!
//! # Invariants
//!
//! Results depend on the string alone: all pages are alike and no frame is pinned. The policies are
//! the same code as on the machine.

use vm::optimum::{lru, opt};
use vm::reference_string::ReferenceString;
use vm::simulator::Simulator;
use vm::{POLICIES, PolicyKind};

use super::{Column, PolicyRow, Results};

/// Computes the faults of all policies with all numbers of frames.
#[must_use]
pub fn simulate(subject: String, string: &ReferenceString, frames: &[u32], seed: u64) -> Results {
    let columns = frames.iter().map(|frames| column(string, *frames, seed));
    Results {
        subject,
        references: string.references().len(),
        pages: string.pages(),
        strings_differ: false,
        columns: columns.collect(),
    }
}

fn column(string: &ReferenceString, frames: u32, seed: u64) -> Column {
    let best = opt(frames as usize, string);
    let row = |policy: PolicyKind| PolicyRow {
        policy,
        faults: Simulator::count_faults(policy, frames, seed, string),
        opt: best,
        traffic: None,
        trouble: None,
    };
    Column {
        frames,
        opt: best,
        lru: lru(frames as usize, string),
        rows: POLICIES.all().into_iter().map(row).collect(),
    }
}
