//! The guest's files: a directory of the host, reached through a capability. It is flat for Pintos' calls;
//! Linux' have directories in it (`tree`).
//!
//! # Invariants
//!
//! - Nothing outside the directory can be reached: names have no way up ([`FileName`]), only plain files
//!   count as files, and the directory is a [`Dir`] that resolves names itself.
//! - A file in use has one [`Inode`], however often it is opened.
//! - A file has the same [`FileId`] for as long as it has its name, and ids are never reused.
//! - The size of the files on the host stays within the quota, and at most [`MAX_FILES_IN_USE`]
//!   file descriptors of the host are open.

mod anonymous;
mod descriptors;
mod inode;
mod links;
mod name;
mod quota;
mod tree;

use std::collections::BTreeMap;
use std::io;
use std::rc::{Rc, Weak};

use cap_std::fs::{Dir, File, OpenOptions};
use thiserror::Error;
use vm::FileId;

pub use descriptors::{Descriptors, Fd, OpenFile};
pub use inode::{Executable, Inode};
pub use name::{BadName, FileName, MAX_NAME};
pub use quota::Quota;
pub(crate) use tree::EntryKind;

use crate::limits::MAX_FILES_IN_USE;
use quota::room_for;

/// Why a file operation of the guest failed.
#[derive(Debug, Error)]
pub enum FileError {
    /// The name is not valid.
    #[error(transparent)]
    Name(#[from] BadName),
    /// A file with that name exists already.
    #[error("there is such a file already")]
    Exists,
    /// Something with that name exists, but it is not a regular file.
    #[error("not a plain file")]
    NotPlain,
    /// Too many links lead to each other.
    #[error("links lead to each other")]
    Links,
    /// Too many files are in use.
    #[error("{MAX_FILES_IN_USE} files are in use, more may not be")]
    TooMany,
    /// The host returned an error.
    #[error(transparent)]
    Host(#[from] io::Error),
}

/// The directory and the inodes of the files in use.
pub struct Files {
    directory: Dir,
    /// What is found where the directory has nothing of a name; nothing in it changes.
    lower: Option<Dir>,
    known: BTreeMap<FileName, Known>,
    last_id: u64,
    quota: Quota,
    in_use: Rc<()>,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

/// A file that was used before and still has its name.
struct Known {
    id: FileId,
    inode: Weak<Inode>,
}

impl Files {
    /// The files in `directory`, which may take `quota` bytes in all; those that are there count. Those in
    /// `lower` are there too, to be read.
    ///
    /// # Errors
    /// If the host does not list the directory.
    pub fn new(directory: Dir, lower: Option<Dir>, quota: u64) -> io::Result<Files> {
        let quota = Quota::new(quota);
        tree::take_existing(&directory, &quota)?;
        Ok(Files {
            directory,
            lower,
            known: BTreeMap::new(),
            last_id: 0,
            quota,
            in_use: Rc::new(()),
        })
    }

    /// Returns the name of a file that was used before, if it still has one.
    #[must_use]
    pub fn name_of(&self, id: FileId) -> Option<&FileName> {
        let mut known = self.known.iter();
        Some(known.find(|(_, known)| known.id == id)?.0)
    }

    /// Returns the inode of the file called `name`.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be opened.
    pub fn open(&mut self, name: &[u8]) -> Result<Rc<Inode>, FileError> {
        self.open_named(FileName::new(name)?)
    }

    /// The inode of the file called `name`.
    ///
    /// # Errors
    /// As for [`Files::open`].
    pub(crate) fn open_named(&mut self, name: FileName) -> Result<Rc<Inode>, FileError> {
        if let Some(inode) = self
            .known
            .get(&name)
            .and_then(|known| known.inode.upgrade())
        {
            return Ok(inode);
        }
        if self.in_use() >= MAX_FILES_IN_USE {
            return Err(FileError::TooMany);
        }
        let host = match (self.open_plain(&name), &self.lower) {
            (Err(FileError::Host(error)), Some(lower)) if is_missing(&error) => {
                let real = links::resolve(lower, &name)?;
                if real != name {
                    return self.open_named(real);
                }
                tree::open_lower(lower, &name)?
            }
            (opened, _) => opened?,
        };
        let id = self.id_of(&name);
        let inode = Inode::new(id, host, self.quota.clone(), Rc::clone(&self.in_use))?;
        let inode = Rc::new(inode);
        self.known.insert(
            name,
            Known {
                id,
                inode: Rc::downgrade(&inode),
            },
        );
        Ok(inode)
    }

    /// Creates a file of `length` zeros.
    ///
    /// # Errors
    /// If the name exists, or the quota is exceeded.
    pub fn create(&mut self, name: &[u8], length: u64) -> Result<(), FileError> {
        self.create_named(&FileName::new(name)?, length)
    }

    /// Makes a file of `length` zeros.
    ///
    /// # Errors
    /// As for [`Files::create`].
    pub(crate) fn create_named(&mut self, name: &FileName, length: u64) -> Result<(), FileError> {
        if self.directory.symlink_metadata(name.as_path()).is_ok() || self.is_lower(name) {
            return Err(FileError::Exists);
        }
        self.make_parents(name)?;
        self.quota.take(room_for(length))?;
        let made = self.create_on_host(name, length);
        if made.is_err() {
            self.quota.give_back(room_for(length));
        }
        Ok(made?)
    }

    /// Removes a file's name. The file can still be used where it is open, mapped or executed.
    ///
    /// # Errors
    /// If there is no such regular file, or the host cannot remove it.
    pub fn remove(&mut self, name: &[u8]) -> Result<(), FileError> {
        self.remove_named(&FileName::new(name)?)
    }

    /// Takes a file's name away. Who uses the file goes on using it.
    ///
    /// # Errors
    /// As for [`Files::remove`].
    pub(crate) fn remove_named(&mut self, name: &FileName) -> Result<(), FileError> {
        self.check_not_lower(name)?;
        let metadata = self.directory.symlink_metadata(name.as_path())?;
        if !metadata.is_file() {
            return Err(FileError::NotPlain);
        }
        self.directory.remove_file(name.as_path())?;
        self.name_is_gone(name, metadata.len());
        Ok(())
    }

    /// Whether a name stands for something in the lower directory, which is not hidden.
    pub(crate) fn is_lower(&self, name: &FileName) -> bool {
        self.directory.symlink_metadata(name.as_path()).is_err()
            && self
                .lower
                .as_ref()
                .is_some_and(|lower| links::resolve(lower, name).is_ok())
    }

    /// Takes note that a file of `length` bytes has lost its name.
    fn name_is_gone(&mut self, name: &FileName, length: u64) {
        match self
            .known
            .remove(name)
            .and_then(|known| known.inode.upgrade())
        {
            Some(inode) => inode.set_removed(),
            None => self.quota.give_back(room_for(length)),
        }
    }

    /// The number of what has this name: always the same while it has it.
    fn id_of(&mut self, name: &FileName) -> FileId {
        if let Some(known) = self.known.get(name) {
            return known.id;
        }
        self.last_id += 1;
        FileId(self.last_id)
    }

    /// Returns the number of files in use.
    #[must_use]
    pub fn in_use(&self) -> usize {
        Rc::strong_count(&self.in_use) - 1
    }

    /// Opens a regular file, for writing too if the host allows that. A symbolic link is not a
    /// regular file, wherever it leads.
    fn open_plain(&self, name: &FileName) -> Result<File, FileError> {
        if !self.directory.symlink_metadata(name.as_path())?.is_file() {
            return Err(FileError::NotPlain);
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        match self.directory.open_with(name.as_path(), &options) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Ok(self.directory.open(name.as_path())?)
            }
            result => Ok(result?),
        }
    }

    fn create_on_host(&self, name: &FileName, length: u64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let file = self.directory.open_with(name.as_path(), &options)?;
        file.set_len(length).inspect_err(|_| {
            if let Err(error) = self.directory.remove_file(name.as_path()) {
                log::warn!("a file that could not be made stays behind: {error}");
            }
        })
    }
}

/// Whether a directory has nothing of a name.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests;
