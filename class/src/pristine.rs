//! The hand-out that a submission is put over.

use lab::handout::{HandoutError, Kind};
use lab::ids::Unsolved;
use lab::open;
use lab::source::Source;
use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::sources::Sources;

/// Where the files are that students write.
pub const KERNEL: &str = "vm/src/";
/// The weights of a hand-out's tests.
const RUBRIC: &str = "grading/rubric.toml";

/// What of it is needed to grade.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pristine {
    /// The kernel that was handed out: all files below `vm/src`.
    pub kernel: Sources,
    /// What its tests weigh.
    pub rubric: String,
}

impl Pristine {
    /// That of the hand-out which is made of a tree.
    ///
    /// # Errors
    /// Why none can be made.
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

    /// A number of its content.
    pub fn hash(&self) -> String {
        let mut hash = Hash::default();
        hash.add_sources(&self.kernel);
        hash.add(self.rubric.as_bytes());
        hash.text()
    }
}
