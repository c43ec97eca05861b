//! Replacement policies, compared with each other and with what could be had at best.
//!
//! A *fault* is counted here when a page is brought into a frame, the first time included: as
//! zeros, from a file, from swap or as a copy. A program's string says which contents it touches
//! in which order; see [`vm::touches`]. From the string follow the faults of OPT and of exact LRU.
//! Where several processes run, what each policy does changes who runs when and so the string; then
//! every run is measured against OPT of its own string.
//!
//! # Invariants
//!
//! OPT is the least of all counts for a number of frames; the same program on the same machine
//! gives the same results, to the byte.
//!
//! # Where to read
//! [`measured`] runs a program under every policy; [`simulated`] does it without a machine, on a
//! string that [`refs`] reads. [`table`], [`data`] and [`picture`] show [`Results`].

pub mod data;
pub mod measured;
pub mod picture;
pub mod refs;
pub mod simulated;
pub mod table;

use vm::PolicyKind;

/// What came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Results {
    /// What was compared: a program's command line, or a file's name.
    pub subject: String,
    /// How many references the string has.
    pub references: usize,
    /// How many pages it is about.
    pub pages: usize,
    /// Whether the runs have different strings, since their programs were scheduled differently.
    pub strings_differ: bool,
    /// The counts for each number of frames, in the order in which the user named them.
    pub columns: Vec<Column>,
}

/// The counts for one number of frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// How many frames.
    pub frames: u32,
    /// Faults of OPT; the least, where there are several strings.
    pub opt: u64,
    /// Faults of exact LRU on the same string.
    pub lru: u64,
    /// The policies, in the order of [`vm::POLICIES`].
    pub rows: Vec<Row>,
}

/// One policy with one number of frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Which policy.
    pub policy: PolicyKind,
    /// Its faults.
    pub faults: u64,
    /// Faults of OPT on the string of this run.
    pub opt: u64,
    /// What the disks did; None where there are none.
    pub traffic: Option<Traffic>,
    /// How the program ended, if not as programs do that have nothing to complain of.
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

impl Row {
    /// How many times as many faults as OPT.
    pub fn of_opt(&self) -> f64 {
        ratio(self.faults, self.opt)
    }
}

impl Column {
    /// How many times as many faults as OPT exact LRU has.
    pub fn lru_of_opt(&self) -> f64 {
        ratio(self.lru, self.opt)
    }

    /// OPT, LRU and all policies: name, faults, and how many times as many as OPT.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, u64, f64)> {
        let bounds = [("opt", self.opt, 1.0), ("lru", self.lru, self.lru_of_opt())];
        let row = |row: &Row| (row.policy.name, row.faults, row.of_opt());
        bounds.into_iter().chain(self.rows.iter().map(row))
    }
}

impl Results {
    /// Whether every run ended as programs do that have nothing to complain of.
    pub fn all_succeeded(&self) -> bool {
        let mut rows = self.columns.iter().flat_map(|column| &column.rows);
        rows.all(|row| row.trouble.is_none())
    }
}

/// The numbers of frames to try: each once, in the order in which the user named them.
pub fn distinct<N: Copy + PartialEq>(named: &[N]) -> Vec<N> {
    let mut distinct = Vec::new();
    for &frames in named {
        if !distinct.contains(&frames) {
            distinct.push(frames);
        }
    }
    distinct
}

/// An empty string has no faults under any policy.
fn ratio(faults: u64, opt: u64) -> f64 {
    if opt == 0 {
        1.0
    } else {
        faults as f64 / opt as f64
    }
}

/// Results to try the formats on.
#[cfg(test)]
fn example() -> Results {
    use vm::replacement::{clock, fifo};

    let traffic = |swap_in| {
        Some(Traffic {
            swap_in,
            swap_out: swap_in + 7,
            file_reads: 9,
            write_backs: 0,
        })
    };
    let row = |policy, faults, opt, trouble: Option<&str>| Row {
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
