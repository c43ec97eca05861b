//! What is kept of files beside their content: the rights that programs give them, and their times.
//!
//! # Invariants
//! - Only what was made or changed in this run has any here, until its name is taken away.
//! - They are what programs see. The kernel reads and writes files as the host lets it.

use std::collections::BTreeMap;

use vm::{FileId, FileSource};

use super::descriptors::{Object, Open};
use super::made;
use super::paths::GuestPath;
use super::times::FileTimes;
use crate::errno::Errno;
use crate::service::Service;

/// What is kept of a file; of the rest the host or the machine's start decides.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Attribute {
    /// Rights, as bits of its mode.
    pub(super) rights: Option<u32>,
    pub(super) times: Option<FileTimes>,
}

impl Attribute {
    /// Its times, which are those of the machine's start until they are changed.
    pub(super) fn times_mut(&mut self) -> &mut FileTimes {
        self.times.get_or_insert(FileTimes::BOOT)
    }
}

/// Whose attributes a call is about to change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    /// Those of the root, which has no name to be found by.
    Root,
    File(FileId),
    /// A device, what the kernel makes, or what has lost its name: it keeps what it has.
    Nobody,
}

/// What is kept of all files.
#[derive(Default, Debug)]
pub(crate) struct Attributes {
    of_files: BTreeMap<FileId, Attribute>,
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

    /// What there is to change.
    pub(super) fn of_whose_mut(&mut self, whose: Whose) -> Option<&mut Attribute> {
        match whose {
            Whose::Root => Some(&mut self.root),
            Whose::File(file) => Some(self.of_mut(file)),
            Whose::Nobody => None,
        }
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

impl Service<'_> {
    /// Whose attributes a path stands for.
    ///
    /// # Errors
    /// EROFS below the root of `--root`, or why there is nothing.
    pub(super) fn whose(&mut self, path: &GuestPath) -> Result<Whose, Errno> {
        self.status_of(path)?;
        if made::kind(path).is_some() {
            return Ok(Whose::Nobody);
        }
        let Some(name) = path.file_name()? else {
            return Ok(Whose::Root);
        };
        match self.files.is_lower(&name) {
            true => Err(Errno::ReadOnly),
            false => Ok(Whose::File(self.files.entry(&name)?.id)),
        }
    }

    /// The same of what is open, whatever has its old name by now.
    pub(super) fn whose_open(&mut self, open: &Open) -> Result<Whose, Errno> {
        match &open.object {
            Object::File(inode) if inode.is_removed() => Ok(Whose::Nobody),
            Object::File(inode) => {
                let name = open.path.file_name()?;
                // What is read-only keeps its name.
                let read_only = name.is_some_and(|name| {
                    let entry = self.files.entry(&name);
                    self.files.is_lower(&name) && entry.is_ok_and(|entry| entry.id == inode.id())
                });
                match read_only {
                    true => Err(Errno::ReadOnly),
                    false => Ok(Whose::File(inode.id())),
                }
            }
            Object::Directory(_) => match self.whose(&open.path) {
                Err(Errno::NoEntry) => Ok(Whose::Nobody),
                whose => whose,
            },
            _ => Ok(Whose::Nobody),
        }
    }
}
