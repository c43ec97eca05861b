//! A file that is replaced atomically at the end of a long operation.
//!
//! # Invariants
//!
//! A reader sees either all of the old content or all of the new. If nothing is written in the end,
//! the file is as it was, and no temporary file is left. What is not a regular file, such as
//! `/dev/stdout`, is written directly.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file to write, or to replace if it exists.
#[derive(Debug)]
pub struct Replacement {
    path: PathBuf,
}

impl Replacement {
    /// Prepares to write the file at `path`.
    ///
    /// # Errors
    /// It could not be written now.
    pub fn of(path: &Path) -> io::Result<Replacement> {
        // A link stays, and its target is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let replacement = Replacement { path };
        if replacement.path.exists() {
            replacement.open()?;
        }
        if !replacement.is_special() {
            replacement.draft()?;
        }
        Ok(replacement)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Those of writing it; the file is then as it was.
    pub fn write(&self, mut content: &[u8]) -> io::Result<()> {
        self.write_from(&mut content)
    }

    /// Writes the file with all that can be read from `content`.
    ///
    /// # Errors
    /// Those of reading and of writing; the file is then as it was.
    pub fn write_from(&self, content: &mut impl Read) -> io::Result<()> {
        if self.is_special() {
            io::copy(content, &mut self.open()?)?;
            return Ok(());
        }
        let mut draft = self.draft()?;
        io::copy(content, &mut draft)?;
        draft.persist(&self.path)?;
        Ok(())
    }

    /// Returns a nameless file for content that is not complete yet, on the same disk if possible.
    /// It is gone when it is closed, however this process ends.
    ///
    /// # Errors
    /// None could be created.
    pub fn spool(&self) -> io::Result<File> {
        if self.is_special() {
            return tempfile::tempfile();
        }
        tempfile::tempfile_in(self.folder())
    }

    fn is_special(&self) -> bool {
        self.path
            .metadata()
            .is_ok_and(|metadata| !metadata.is_file())
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    /// Opens the existing file.
    fn open(&self) -> io::Result<File> {
        OpenOptions::new().append(true).open(&self.path)
    }

    /// Creates a new file next to it, with the same permissions.
    fn draft(&self) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let draft = builder.prefix(".vmlab-").tempfile_in(self.folder())?;
        if let Ok(metadata) = self.path.metadata() {
            draft.as_file().set_permissions(metadata.permissions())?;
        }
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let name = |entry: io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let names = entries.map(|entry| name(entry).into_string().unwrap());
        names.collect()
    }

    #[test]
    fn nothing_is_there_before_it_is_written_and_only_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let replacement = Replacement::of(&path).unwrap();
        assert!(names(folder.path()).is_empty());
        for text in ["first, longer", "second"] {
            replacement.write(text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
            assert_eq!(names(folder.path()), ["out"]);
        }
    }

    #[test]
    fn content_that_is_not_complete_has_no_name() {
        use std::io::{Seek, Write};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let replacement = Replacement::of(&path).unwrap();
        let mut spool = replacement.spool().unwrap();
        spool.write_all(b"all of it").unwrap();
        assert!(names(folder.path()).is_empty());
        spool.rewind().unwrap();
        replacement.write_from(&mut spool).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
    }

    #[test]
    fn what_cannot_be_written_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Replacement::of(&folder.path().join("no/out")).is_err());
        assert!(Replacement::of(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_so_do_permissions_and_what_is_no_file() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        Replacement::of(&link).unwrap().write(b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let null = Path::new("/dev/null");
        Replacement::of(null).unwrap().write(b"new").unwrap();
        assert!(!null.metadata().unwrap().is_file());
    }
}
