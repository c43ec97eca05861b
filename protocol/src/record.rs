//! The record that a run leaves for the grader, in a file of its own.
//!
//! # Invariants
//!
//! A file that is cut off anywhere is not a record.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::difference::Comparison;
use crate::kernel_panic::KernelPanic;

/// The most bytes of a record that are read: an honest one is far shorter.
const MOST_BYTES: u64 = 4 << 20;
/// The wall-clock time after which a kernel that is not entered and gets no CPU time is taken for one that hangs, as a
/// multiple of the CPU time that it may have between two entries. A host may be busy, or wait for its disk.
pub const PATIENCE: u32 = 30;
/// The CPU time in all after which a kernel is taken for one that hangs even if it is entered now and then, as a multiple
/// of the same. It is several times what a run takes to reach its limit of work, page faults or system calls.
pub const ROOM: u32 = 30;
/// The wall-clock time in all, as a multiple of the same.
pub const ROOM_AND_PATIENCE: u32 = 4 * ROOM;

/// The first difference between a log and a snapshot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Divergence {
    /// The line of the snapshot, from 1, without those that begin with `#`.
    pub line: usize,
    /// What is different, in words.
    pub why: String,
    /// The number of the first line of the surroundings.
    pub first: usize,
    /// The lines around it.
    pub surroundings: Comparison,
}

/// How the kernel failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Failure {
    /// It panicked.
    Panic(KernelPanic),
    /// It served a fault without end: which, and how.
    Stuck(String),
    /// It broke a rule of the virtual memory: which, and after a colon what is wrong and where.
    Broken(String),
    /// It did not come to an end in time.
    Hang,
}

/// The state of a wall between the kernel and the host.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wall {
    /// It stands.
    Stands,
    /// The host supports only a part of it.
    Partly,
    /// The host has none, or the run did not get that far.
    #[default]
    Missing,
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wall::Stands => "closed",
            Wall::Partly => "closed in part",
            Wall::Missing => "open",
        })
    }
}

/// The walls around a kernel.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Walls {
    /// Around files and the network.
    pub files: Wall,
    /// Around the host's system calls.
    pub calls: Wall,
}

impl Walls {
    /// Returns whether all of them stand.
    #[must_use]
    pub fn stand(self) -> bool {
        self.files == Wall::Stands && self.calls == Wall::Stands
    }
}

/// The content of a black box.
///
/// # Examples
///
/// ```
/// use protocol::record::{Failure, Record};
///
/// let left = Record { failure: Some(Failure::Hang), ..Record::default() };
/// let json = serde_json::to_string(&left)?;
/// assert_eq!(serde_json::from_str::<Record>(&json)?, left);
/// let cut_off = &json[..json.len() - 1];
/// assert!(serde_json::from_str::<Record>(cut_off).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The last events of the fault log, each with its guest work.
    pub events: Vec<String>,
    /// Why the last processes that were killed died.
    pub deaths: Vec<String>,
    /// The number of events that matched each pattern.
    pub matches: Vec<u64>,
    /// The first difference between the fault log and the snapshot it was compared with.
    #[serde(default)]
    pub divergence: Option<Divergence>,
    /// How the kernel failed, if it did.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What the kernel was last entered for.
    #[serde(default)]
    pub during: Option<String>,
    /// The walls between the kernel and the host.
    #[serde(default)]
    pub walls: Walls,
}

impl Record {
    /// Reads the record of a run.
    ///
    /// # Errors
    /// Those of reading the file, and `InvalidData` or `UnexpectedEof` if it is not complete.
    pub fn read(path: &Path) -> io::Result<Record> {
        let mut json = Vec::new();
        File::open(path)?.take(MOST_BYTES).read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }
}
