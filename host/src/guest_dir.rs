//! The folder of the host that holds the guest's files.
//!
//! # Invariants
//!
//! Files go in and out by a [`GuestName`], through a handle on the folder, so that nothing outside
//! it is read or written, not even through a symbolic link inside; and only regular files do, so
//! that nothing waits.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use thiserror::Error;

use crate::guest_name::GuestName;
use crate::program::GuestFile;
use crate::programs::Programs;
use crate::scratch::Scratch;

/// The guest's file directory on the host.
#[derive(Debug)]
pub struct GuestDir {
    dir: Dir,
    /// Removes the folder at the end, if it is a temporary one.
    scratch: Option<Scratch>,
    /// Where programs are found that it does not have.
    root: Option<Root>,
}

/// The folder with the programs and libraries of a real system.
#[derive(Debug)]
struct Root {
    dir: Dir,
    path: PathBuf,
}

/// Where such a system has its programs.
const PROGRAM_FOLDERS: [&str; 4] = ["usr/bin", "bin", "usr/sbin", "sbin"];

/// Why the folder or a file in it cannot be used.
#[derive(Debug, Error)]
pub enum GuestDirError {
    /// The folder cannot be opened or made.
    #[error("cannot use the folder {} for the guest's files: {error}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The folder of files to be read cannot be opened.
    #[error("cannot open the folder {}: {error}", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No temporary folder can be made.
    #[error("cannot make a temporary folder for the guest's files: {0}; name one with --fs DIR")]
    Temporary(io::Error),
    /// A file cannot be copied in.
    #[error("cannot copy '{name}' to the guest's files: {error}")]
    Put {
        /// The file.
        name: GuestName,
        /// Why.
        error: io::Error,
    },
    /// A file cannot be copied out.
    #[error("cannot copy '{name}' from the guest's files: {error}")]
    Get {
        /// The file.
        name: GuestName,
        /// Why.
        error: io::Error,
    },
}

impl GuestDir {
    /// Makes a fresh folder, which is removed at the end.
    ///
    /// # Errors
    /// [`GuestDirError::Temporary`] if the host refuses it.
    pub fn temporary() -> Result<GuestDir, GuestDirError> {
        let scratch = Scratch::new().map_err(GuestDirError::Temporary)?;
        let dir = open(scratch.path())?;
        Ok(GuestDir {
            dir,
            scratch: Some(scratch),
            root: None,
        })
    }

    /// Opens the user's folder, which is created if its parent exists.
    ///
    /// # Errors
    /// [`GuestDirError::Folder`] if it can neither be opened nor created.
    pub fn at(path: &Path) -> Result<GuestDir, GuestDirError> {
        if !path.exists() {
            std::fs::create_dir(path).map_err(|error| GuestDirError::Folder {
                path: path.to_owned(),
                error,
            })?;
        }
        Ok(GuestDir {
            dir: open(path)?,
            scratch: None,
            root: None,
        })
    }

    /// Copies a file in, replacing one of the same name.
    ///
    /// # Errors
    /// [`GuestDirError::Put`] if it cannot be written.
    pub fn put(&self, file: &GuestFile) -> Result<(), GuestDirError> {
        self.check(&file.name)
            .and_then(|()| self.dir.write(file.name.as_str(), &file.content))
            .map_err(|error| GuestDirError::Put {
                name: file.name.clone(),
                error,
            })
    }

    /// Returns the content of a file.
    ///
    /// # Errors
    /// [`GuestDirError::Get`] if it cannot be read, or there is none of this name.
    pub fn get(&self, name: &GuestName) -> Result<Vec<u8>, GuestDirError> {
        self.check(name)
            .and_then(|()| self.dir.read(name.as_str()))
            .map_err(|error| GuestDirError::Get {
                name: name.clone(),
                error,
            })
    }

    /// Refuses what is there and no file: opening a pipe would wait for whoever has its other end.
    fn check(&self, name: &GuestName) -> io::Result<()> {
        match self.dir.metadata(name.as_str()) {
            Ok(found) if !found.is_file() => Err(io::Error::other("it is not a regular file")),
            _ => Ok(()),
        }
    }

    /// Returns the content of a file, or None if there is none of this name.
    ///
    /// # Errors
    /// [`GuestDirError::Get`] if it may exist but cannot be read.
    pub fn find(&self, name: &GuestName) -> Result<Option<Vec<u8>>, GuestDirError> {
        match self.get(name) {
            Err(GuestDirError::Get { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    /// Returns whether the folder is a temporary one, which nobody else uses.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.scratch.is_some()
    }

    /// Removes all files.
    ///
    /// # Errors
    /// [`GuestDirError::Temporary`] if one cannot be removed.
    pub fn clear(&self) -> Result<(), GuestDirError> {
        self.empty().map_err(GuestDirError::Temporary)
    }

    fn empty(&self) -> io::Result<()> {
        for entry in self.dir.entries()? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.dir.remove_dir_all(entry.file_name())?;
            } else {
                entry.remove_file()?;
            }
        }
        Ok(())
    }

    /// Has programs be looked for in this folder too, which Linux programs find below their own files.
    ///
    /// # Errors
    /// [`GuestDirError::Root`] if it cannot be opened.
    pub fn set_root(&mut self, path: &Path) -> Result<(), GuestDirError> {
        let opened = Dir::open_ambient_dir(path, ambient_authority());
        let path = path.to_owned();
        self.root = Some(match opened {
            Ok(dir) => Root { dir, path },
            Err(error) => return Err(GuestDirError::Root { path, error }),
        });
        Ok(())
    }

    /// Returns the path on this computer of the program of this name below the root, if there is one.
    #[must_use]
    pub fn program_below_root(&self, name: &str) -> Option<PathBuf> {
        let root = self.root.as_ref()?;
        let mut places = PROGRAM_FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join(name));
        let found = places.find(|place| root.dir.is_file(place))?;
        Some(root.path.join(found))
    }

    /// Returns where programs are, for their names.
    ///
    /// # Errors
    /// [`GuestDirError::Folder`] if the host refuses another handle.
    pub fn programs(&self) -> Result<Programs, GuestDirError> {
        let own = Programs::from(self.handle()?);
        Ok(match &self.root {
            Some(root) => own.above(another(&root.dir)?),
            None => own,
        })
    }

    /// Returns another handle on the folder, for the kernel.
    ///
    /// # Errors
    /// [`GuestDirError::Folder`] if the host refuses one.
    pub fn handle(&self) -> Result<Dir, GuestDirError> {
        another(&self.dir)
    }
}

fn another(dir: &Dir) -> Result<Dir, GuestDirError> {
    dir.try_clone().map_err(|error| GuestDirError::Folder {
        path: PathBuf::from("."),
        error,
    })
}

fn open(path: &Path) -> Result<Dir, GuestDirError> {
    Dir::open_ambient_dir(path, ambient_authority()).map_err(|error| GuestDirError::Folder {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &str) -> GuestFile {
        GuestFile {
            name: GuestName::new(name).unwrap(),
            content: content.as_bytes().to_vec(),
        }
    }

    #[test]
    fn what_is_put_can_be_got_and_is_replaced_by_the_next() {
        let dir = GuestDir::temporary().unwrap();
        dir.put(&file("a", "one, longer")).unwrap();
        dir.put(&file("a", "two")).unwrap();
        assert_eq!(dir.get(&GuestName::new("a").unwrap()).unwrap(), b"two");
        let missing = GuestName::new("b").unwrap();
        assert!(dir.get(&missing).is_err());
        assert_eq!(dir.find(&missing).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_does_not_lead_out() {
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target");
        std::fs::write(&target, "untouched").unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(&target, folder.path().join("link")).unwrap();
        let dir = GuestDir::at(folder.path()).unwrap();
        assert!(dir.put(&file("link", "changed")).is_err());
        assert!(dir.get(&GuestName::new("link").unwrap()).is_err());
        assert!(dir.find(&GuestName::new("link").unwrap()).is_err());
        assert_eq!(std::fs::read(&target).unwrap(), b"untouched");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe"))
            .status();
        assert!(made.unwrap().success());
        let dir = GuestDir::at(folder.path()).unwrap();
        let name = GuestName::new("pipe").unwrap();
        for refusal in [
            dir.put(&file("pipe", "x")).unwrap_err(),
            dir.get(&name).unwrap_err(),
        ] {
            assert!(
                refusal.to_string().ends_with("it is not a regular file"),
                "{refusal}"
            );
        }
        assert!(dir.find(&name).is_err());
    }

    #[test]
    fn a_folder_is_made_but_not_its_parent() {
        let parent = tempfile::tempdir().unwrap();
        assert!(GuestDir::at(&parent.path().join("new")).is_ok());
        assert!(GuestDir::at(&parent.path().join("no/new")).is_err());
    }
}
