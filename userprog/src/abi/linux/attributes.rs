//! What is kept of files beside their content: the rights that programs give them, and their times.
//!
//! # Invariants
//! - Only what was made or changed in this run has any here, until its name is taken away.
//! - They are what programs see. The kernel reads and writes files as the host lets it.

use std::collections::BTreeMap;

use vm::FileId;

use super::times::FileTimes;

/// What is kept of a file; of the rest the host or the machine's start decides.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Attribute {
    /// Rights, as bits of its mode.
    pub(super) rights: Option<u32>,
    pub(super) times: Option<FileTimes>,
}

/// What is kept of all files.
#[derive(Default, Debug)]
pub(crate) struct Attributes {
    of_files: BTreeMap<FileId, Attribute>,
    /// Of the root, which has no name to be found by.
    pub(super) root: Attribute,
}

impl Attributes {
    /// What is kept of a file.
    pub(super) fn of(&self, file: FileId) -> Attribute {
        self.of_files.get(&file).copied().unwrap_or_default()
    }

    /// The same, to be changed.
    pub(super) fn of_mut(&mut self, file: FileId) -> &mut Attribute {
        self.of_files.entry(file).or_default()
    }

    /// The files of which anything is kept.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        self.of_files.keys().copied()
    }

    /// Forgets what is kept of a file whose name is taken away.
    pub(super) fn forget(&mut self, file: FileId) {
        self.of_files.remove(&file);
    }
}
