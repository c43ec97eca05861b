//! What a run leaves behind for whoever judges it, in a file of its own.
//!
//! What always holds: a file that is cut off anywhere is no record.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::difference::Comparison;
use crate::kernel_panic::KernelPanic;

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
    /// It did not come to an end within its time.
    Hang,
}

/// What was in a black box.
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
}

impl Record {
    /// Reads what a run left.
    ///
    /// # Errors
    /// Those of reading the file, and `InvalidData` or `UnexpectedEof` if it is not whole.
    pub fn read(path: &Path) -> io::Result<Record> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }
}
