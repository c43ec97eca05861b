//! Directories, and what else Linux' calls ask of the guest's files: what a name stands for, renaming.
//!
//! # Invariants
//! A directory takes as much of the quota as an empty file; what a name stands for has the same number for as
//! long as it has that name. A link of the host's stands for nothing, but in the lower directory, which is what
//! somebody has put together, for what it leads to there.

use std::io;
use std::rc::{Rc, Weak};

use cap_std::fs::{Dir, File, Metadata, PermissionsExt};
use vm::FileId;

use super::links::resolve;
use super::quota::{Quota, room_for};
use super::{FileError, FileName, Files, Inode, Known, is_missing};

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EntryKind {
    /// A plain file.
    File,
    /// A directory.
    Directory,
}

/// What a name stands for, in more detail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub kind: EntryKind,
    pub id: FileId,
    /// Its length in bytes; 0 of a directory.
    pub length: u64,
    /// Whether the host may execute it.
    pub executable: bool,
}

impl Files {
    /// What a name stands for.
    ///
    /// # Errors
    /// If there is nothing of that name, or something that guests do not see.
    pub(crate) fn entry(&mut self, name: &FileName) -> Result<Entry, FileError> {
        let metadata = match (self.directory.symlink_metadata(name.as_path()), &self.lower) {
            (Err(error), Some(lower)) if is_missing(&error) => {
                let real = resolve(lower, name)?;
                if real != *name {
                    return self.entry(&real);
                }
                lower.metadata(name.as_path())?
            }
            (metadata, _) => metadata?,
        };
        let kind = kind(&metadata).ok_or(FileError::NotPlain)?;
        let id = self.id_of(name);
        self.known.entry(name.clone()).or_insert(Known {
            id,
            inode: Weak::new(),
        });
        Ok(Entry {
            kind,
            id,
            length: match kind {
                EntryKind::File => metadata.len(),
                EntryKind::Directory => 0,
            },
            executable: metadata.permissions().mode() & 0o111 != 0,
        })
    }

    /// The inode of the file with this path from the guest's root on.
    ///
    /// # Errors
    /// As for [`Files::open`].
    pub(crate) fn open_at(&mut self, path: &[u8]) -> Result<Rc<Inode>, FileError> {
        let path = path.strip_prefix(b"/").unwrap_or(path);
        self.open_named(FileName::of_path(path)?)
    }

    /// The names in a directory, that of the guest itself if `name` is `None`, in order.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn names_in(&mut self, name: Option<&FileName>) -> Result<Vec<Vec<u8>>, FileError> {
        let upper = names_at(&self.directory, name, Seen::Files);
        let Some(lower) = &self.lower else {
            return Ok(upper?);
        };
        let real = name.map(|name| resolve(lower, name)).transpose();
        let below = real.map_err(io::Error::other);
        let below = below.and_then(|real| names_at(lower, real.as_ref(), Seen::Links));
        let mut names = match (upper, below) {
            (Err(error), Err(_)) => return Err(error.into()),
            (upper, lower) => [upper.unwrap_or_default(), lower.unwrap_or_default()].concat(),
        };
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Makes the directories that a new file is to be in, where they are only in the lower directory.
    ///
    /// # Errors
    /// What the host says.
    pub(super) fn make_parents(&mut self, name: &FileName) -> Result<(), FileError> {
        let Some(end) = name.as_bytes().iter().rposition(|byte| *byte == b'/') else {
            return Ok(());
        };
        let parent = FileName::of_path(&name.as_bytes()[..end])?;
        let is_there = self.directory.is_dir(parent.as_path());
        let lower = self.lower.as_ref();
        if is_there || !lower.is_some_and(|lower| lower.is_dir(parent.as_path())) {
            return Ok(());
        }
        self.make_parents(&parent)?;
        self.make_upper_directory(&parent)
    }

    /// That a name is not one of the lower directory, which cannot be changed.
    ///
    /// # Errors
    /// [`io::ErrorKind::ReadOnlyFilesystem`]
    pub(super) fn check_not_lower(&self, name: &FileName) -> Result<(), FileError> {
        match self.is_lower(name) {
            true => Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem).into()),
            false => Ok(()),
        }
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// If there is something of that name, no directory to put it into, or no room.
    pub(crate) fn make_directory(&mut self, name: &FileName) -> Result<(), FileError> {
        if self.is_lower(name) {
            return Err(FileError::Exists);
        }
        self.make_parents(name)?;
        self.make_upper_directory(name)
    }

    fn make_upper_directory(&mut self, name: &FileName) -> Result<(), FileError> {
        self.quota.take(room_for(0))?;
        let made = self.directory.create_dir(name.as_path());
        if made.is_err() {
            self.quota.give_back(room_for(0));
        }
        Ok(made?)
    }

    /// Takes an empty directory away.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn remove_directory(&mut self, name: &FileName) -> Result<(), FileError> {
        self.check_not_lower(name)?;
        self.directory.remove_dir(name.as_path())?;
        self.known.remove(name);
        self.quota.give_back(room_for(0));
        Ok(())
    }

    /// Gives what is called `from` the name `to`; a file that had that name has none then.
    ///
    /// # Errors
    /// What the host says; nothing has changed.
    pub(crate) fn rename(&mut self, from: &FileName, to: &FileName) -> Result<(), FileError> {
        if from == to {
            return self.entry(from).map(drop);
        }
        self.check_not_lower(from)?;
        self.check_not_lower(to)?;
        self.make_parents(to)?;
        let moved = kind(&self.directory.symlink_metadata(from.as_path())?);
        let moved = moved.ok_or(FileError::NotPlain)?;
        let replaced = self.directory.symlink_metadata(to.as_path()).ok();
        let into = self.directory.try_clone()?;
        self.directory.rename(from.as_path(), &into, to.as_path())?;
        match replaced {
            Some(metadata) if metadata.is_dir() => {
                self.known.remove(to);
                self.quota.give_back(room_for(0));
            }
            Some(metadata) => self.name_is_gone(to, metadata.len()),
            None => {}
        }
        match moved {
            EntryKind::File => self.move_known(from, to),
            EntryKind::Directory => {
                let inside = [from.as_bytes(), b"/"].concat();
                let names: Vec<FileName> = self.known.keys().cloned().collect();
                for name in names {
                    if name == *from {
                        self.move_known(from, to);
                    } else if let Some(rest) = name.as_bytes().strip_prefix(&inside[..]) {
                        let new = FileName::of_path(&[to.as_bytes(), b"/", rest].concat())?;
                        self.move_known(&name, &new);
                    }
                }
            }
        }
        Ok(())
    }

    fn move_known(&mut self, from: &FileName, to: &FileName) {
        if let Some(known) = self.known.remove(from) {
            self.known.insert(to.clone(), known);
        }
    }
}

/// Opens a plain file of the lower directory.
pub(super) fn open_lower(lower: &Dir, name: &FileName) -> Result<File, FileError> {
    if !lower.metadata(name.as_path())?.is_file() {
        return Err(FileError::NotPlain);
    }
    Ok(lower.open(name.as_path())?)
}

/// What guests see of a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Files and directories.
    Files,
    /// Links as well.
    Links,
}

/// The names in a directory, or in one inside it, of what guests see.
fn names_at(directory: &Dir, name: Option<&FileName>, seen: Seen) -> io::Result<Vec<Vec<u8>>> {
    let opened = name.map(|name| directory.open_dir(name.as_path()));
    let opened = opened.transpose()?;
    let directory = opened.as_ref().unwrap_or(directory);
    let mut names = Vec::new();
    for entry in directory.entries()? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if kind(&metadata).is_some() || (seen == Seen::Links && metadata.is_symlink()) {
            names.push(entry.file_name().into_encoded_bytes());
        }
    }
    names.sort();
    Ok(names)
}

/// Counts what is in a directory already.
pub(super) fn take_existing(directory: &Dir, quota: &Quota) -> io::Result<()> {
    for entry in directory.entries()? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        match kind(&metadata) {
            Some(EntryKind::File) => quota.take_existing(room_for(metadata.len())),
            Some(EntryKind::Directory) => {
                quota.take_existing(room_for(0));
                take_existing(&entry.open_dir()?, quota)?;
            }
            None => {}
        }
    }
    Ok(())
}

fn kind(metadata: &Metadata) -> Option<EntryKind> {
    match metadata {
        metadata if metadata.is_file() => Some(EntryKind::File),
        metadata if metadata.is_dir() => Some(EntryKind::Directory),
        _ => None,
    }
}
