//! What a run leaves behind for whoever judges it, in a file of its own.
//!
//! # Invariants
//!
//! A file that is cut off anywhere is no record.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::difference::Comparison;
use crate::kernel_panic::KernelPanic;

/// More than this of a record is not read: no honest one is as long.
const MOST_BYTES: u64 = 4 << 20;
/// How much longer a machine program may wait for the host than have a core of it.
pub const PATIENCE: u32 = 4;

/// Where a log and a snapshot part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Divergence {
    /// The line of the snapshot, from 1, without those that begin with `#`.
    pub line: usize,
    /// What is different, in words.
    pub why: String,
    /// The line that the surroundings begin with.
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
    /// It served a fault without end, as counting shows: which, and how.
    Stuck(String),
    /// It broke a rule that a virtual memory has to keep: which, and after a colon what is wrong, and where.
    Broken(String),
    /// It did not come to an end within its time.
    Hang,
}

/// Whether a wall stands between the kernel and the host.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wall {
    /// It does.
    Stands,
    /// The host knows only a part of it.
    Partly,
    /// The host has none, or the run did not get so far.
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
    /// Whether all stand.
    pub fn stand(self) -> bool {
        self.files == Wall::Stands && self.calls == Wall::Stands
    }
}

/// What was in a black box.
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
    /// The last events of the fault log, each with the guest work at which it was.
    pub events: Vec<String>,
    /// Why the last processes died that did not end of their own accord.
    pub deaths: Vec<String>,
    /// How many events matched each pattern.
    pub matches: Vec<u64>,
    /// Where the fault log parts from the snapshot that it was compared with.
    #[serde(default)]
    pub divergence: Option<Divergence>,
    /// How the kernel failed, if it did.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What the kernel was at when it was last entered.
    #[serde(default)]
    pub during: Option<String>,
    /// What stood between the kernel and the host.
    #[serde(default)]
    pub walls: Walls,
}

impl Record {
    /// Reads what a run left.
    ///
    /// # Errors
    /// Those of reading the file, and `InvalidData` or `UnexpectedEof` if it is not whole.
    pub fn read(path: &Path) -> io::Result<Record> {
        let mut json = Vec::new();
        File::open(path)?.take(MOST_BYTES).read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }
}
