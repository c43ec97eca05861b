//! Replacement policies, compared with each other and with the optimum.
//!
//! A *fault* is counted here when a page is brought into a frame, the first time included: as
//! zeros, from a file, from swap or as a copy. A program's reference string lists the contents it
//! touches, in order; see [`vm::touches`]. The faults of OPT and exact LRU follow from the string.
//! With several processes, the policy affects scheduling and thus the string; then every run is
//! compared with OPT on its own string.
//!
//! # Invariants
//!
//! For each number of frames, OPT has the fewest faults. The same program on the same machine gives
//! the same results, to the byte.
//!
//! # Where to read
//! [`measured`] runs a program under every policy; [`simulated`] tries the policies without a
//! machine, on a string that [`refs`] reads. [`table`], [`data`] and [`picture`] show [`Results`].

pub mod data;
pub mod measured;
pub mod output;
pub mod picture;
pub mod refs;
pub mod simulated;
pub mod table;

use vm::PolicyKind;

/// The results of a comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Results {
    /// What was compared: a program's command line, or a file's name.
    pub subject: String,
    /// The length of the reference string.
    pub references: usize,
    /// The number of distinct pages in it.
    pub pages: usize,
    /// Whether the runs have different strings, because of different scheduling.
    pub strings_differ: bool,
    /// The counts for each number of frames, in the order in which the user named them.
    pub columns: Vec<Column>,
}

/// The counts for one number of frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The number of frames.
    pub frames: u32,
    /// Faults of OPT; the minimum if there are several strings.
    pub opt: u64,
    /// Faults of exact LRU on the same string.
    pub lru: u64,
    /// The policies, in the order of [`vm::POLICIES`].
    pub rows: Vec<PolicyRow>,
}

/// One policy with one number of frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyRow {
    /// The policy.
    pub policy: PolicyKind,
    /// Its faults.
    pub faults: u64,
    /// Faults of OPT on the string of this run.
    pub opt: u64,
    /// The disk traffic; None if there are no disks.
    pub traffic: Option<Traffic>,
    /// How the program ended, if not successfully, or what is wrong with its output.
    pub trouble: Option<String>,
}

/// Pages read and written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Traffic {
    /// Pages read from swap.
    pub swap_in: u64,
    /// Pages written to swap.
    pub swap_out: u64,
    /// Pages read from files.
    pub file_reads: u64,
    /// Dirty pages written back to files.
    pub write_backs: u64,
}

impl PolicyRow {
    /// Returns the faults relative to OPT.
    #[must_use]
    pub fn of_opt(&self) -> f64 {
        ratio(self.faults, self.opt)
    }
}

impl Column {
    /// Returns the faults of exact LRU relative to OPT.
    #[must_use]
    pub fn lru_of_opt(&self) -> f64 {
        ratio(self.lru, self.opt)
    }

    /// Returns name, faults, and faults relative to OPT, for OPT, LRU and all policies.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, u64, f64)> {
        let bounds = [("opt", self.opt, 1.0), ("lru", self.lru, self.lru_of_opt())];
        let row = |row: &PolicyRow| (row.policy.name, row.faults, row.of_opt());
        bounds.into_iter().chain(self.rows.iter().map(row))
    }
}

impl Results {
    /// Returns whether the program succeeded in every run.
    #[must_use]
    pub fn all_succeeded(&self) -> bool {
        let mut rows = self.columns.iter().flat_map(|column| &column.rows);
        rows.all(|row| row.trouble.is_none())
    }
}

/// Returns the numbers of frames to try: each once, in the order in which the user named them.
pub fn distinct<N: Copy + PartialEq>(named: &[N]) -> Vec<N> {
    let mut distinct = Vec::new();
    for &frames in named {
        if !distinct.contains(&frames) {
            distinct.push(frames);
        }
    }
    distinct
}

/// Returns `faults` relative to `opt`. An empty string has no faults under any policy.
fn ratio(faults: u64, opt: u64) -> f64 {
    if opt == 0 {
        1.0
    } else {
        faults as f64 / opt as f64
    }
}

/// Returns results for the tests of the formats.
#[cfg(test)]
#[must_use]
pub fn example() -> Results {
    use vm::replacement::{clock, fifo};

    let traffic = |swap_in| {
        Some(Traffic {
            swap_in,
            swap_out: swap_in + 7,
            file_reads: 9,
            write_backs: 0,
        })
    };
    let row = |policy, faults, opt, trouble: Option<&str>| PolicyRow {
        policy,
        faults,
        opt,
        traffic: traffic(faults / 2),
        trouble: trouble.map(str::to_owned),
    };
    Results {
        subject: "page-<mix> 3".to_owned(),
        references: 12_345,
        pages: 40,
        strings_differ: true,
        columns: vec![
            Column {
                frames: 16,
                opt: 100,
                lru: 160,
                rows: vec![
                    row(clock::POLICY, 150, 100, None),
                    row(fifo::POLICY, 220, 110, Some("killed")),
                ],
            },
            Column {
                frames: 32,
                opt: 40,
                lru: 44,
                rows: vec![
                    row(clock::POLICY, 42, 40, None),
                    row(fifo::POLICY, 50, 41, None),
                ],
            },
        ],
    }
}
