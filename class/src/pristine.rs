//! The hand-out that a submission is applied to.

use lab::handout::{HandoutError, Kind};
use lab::ids::Unsolved;
use lab::open;
use lab::source::Source;
use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::sources::Sources;

/// The folder of the files that students write.
pub const KERNEL: &str = "vm/src/";
/// The weights of a hand-out's tests.
const RUBRIC: &str = "grading/rubric.toml";

/// The parts of it that are needed for grading.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pristine {
    /// The kernel that was handed out: all files below `vm/src`.
    pub kernel: Sources,
    /// The weights of its tests.
    pub rubric: String,
}

impl Pristine {
    /// Returns those of the hand-out that is made from a tree.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn of(source: &Source, kind: Kind, unsolved: &Unsolved) -> Result<Pristine, HandoutError> {
        let files = open::files_of(source, kind, unsolved)?;
        let rubric = files.get(RUBRIC).and_then(|file| file.text());
        let rubric = rubric.unwrap_or_default().to_owned();
        let kernel = files.into_iter();
        let kernel = kernel.filter(|(path, _)| path.starts_with(KERNEL) && path.ends_with(".rs"));
        Ok(Pristine {
            kernel: kernel.map(|(path, file)| (path, file.bytes)).collect(),
            rubric,
        })
    }

    /// Returns a hash of its content.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Hash::default();
        hash.add_sources(&self.kernel);
        hash.add(self.rubric.as_bytes());
        hash.text()
    }
}
