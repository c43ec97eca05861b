//! Snapshots: the fault log of a program as it should be, kept in a file.
//!
//! A snapshot has the lines of the fault log, with file names of sources without their folders, so
//! that it does not matter from where a program was compiled. Lines that begin with `#` are for
//! people: the first has the command that made it.
//!
//! What always holds: a snapshot is written when the run is over, or not at all; a comparison takes
//! the same small room however long the run is.

mod compare;
mod explain;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

pub use compare::{Checker, Divergence};

/// A snapshot cannot be written or read.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// There is none.
    #[error("there is no snapshot {}; without --check it is recorded", .0.display())]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("cannot read the snapshot {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the snapshot {}: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A snapshot that is being recorded.
pub struct Recording {
    path: PathBuf,
    file: io::BufWriter<NamedTempFile>,
    events: u64,
    result: io::Result<()>,
}

impl Recording {
    /// Begins one, in the place of what is there once it is finished. `command` is what makes it.
    ///
    /// # Errors
    /// [`SnapshotError::Unwritable`].
    pub fn begin(path: &Path, command: &str) -> Result<Recording, SnapshotError> {
        let begin = || {
            let folder = match path.parent() {
                Some(folder) if folder != Path::new("") => folder,
                _ => Path::new("."),
            };
            std::fs::create_dir_all(folder)?;
            let mut file = io::BufWriter::new(NamedTempFile::new_in(folder)?);
            writeln!(file, "# {command}")?;
            Ok(file)
        };
        Ok(Recording {
            path: path.to_owned(),
            file: begin().map_err(|error| unwritable(path, error))?,
            events: 0,
            result: Ok(()),
        })
    }

    /// Adds a line of the fault log.
    pub fn add(&mut self, line: &str) {
        if self.result.is_ok() {
            self.result = writeln!(self.file, "{}", without_folders(line));
        }
        self.events += 1;
    }

    /// Puts the snapshot in its place; how many events it has.
    ///
    /// # Errors
    /// [`SnapshotError::Unwritable`]; what was there stays.
    pub fn finish(self) -> Result<u64, SnapshotError> {
        let Recording {
            path,
            file,
            events,
            result,
        } = self;
        let finish = || {
            result?;
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            make_readable(file.as_file())?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        finish().map_err(|error| unwritable(&path, error))?;
        Ok(events)
    }
}

/// Reads a snapshot.
///
/// # Errors
/// [`SnapshotError::Missing`], [`SnapshotError::Unreadable`].
pub fn read(path: &Path) -> Result<String, SnapshotError> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SnapshotError::Missing(path.to_owned()),
        _ => SnapshotError::Unreadable {
            path: path.to_owned(),
            error,
        },
    })
}

/// The command in a snapshot's first line.
pub fn command(snapshot: &str) -> Option<&str> {
    snapshot.lines().next()?.strip_prefix("# ")
}

/// A line of the fault log with the base name of its source only.
fn without_folders(line: &str) -> Cow<'_, str> {
    let Some(start) = line.find(" at=").map(|at| at + " at=".len()) else {
        return line.into();
    };
    let end = line[start..]
        .find(' ')
        .map_or(line.len(), |end| start + end);
    match line[start..end].rfind('/') {
        Some(slash) => format!("{}{}", &line[..start], &line[start + slash + 1..]).into(),
        None => line.into(),
    }
}

/// A temporary file is for its owner alone; a snapshot is a file as any other.
fn make_readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

fn unwritable(path: &Path, error: io::Error) -> SnapshotError {
    SnapshotError::Unwritable {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_base_name_of_its_source() {
        for (line, short) in [
            (
                "1 fault at=a/b/c.c:7:main addr=1",
                "1 fault at=c.c:7:main addr=1",
            ),
            (
                "1 fault at=c.c:7:main addr=1",
                "1 fault at=c.c:7:main addr=1",
            ),
            ("1 start name=a/b", "1 start name=a/b"),
        ] {
            assert_eq!(without_folders(line), short);
        }
    }

    #[test]
    fn a_snapshot_is_there_once_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/x.log");
        let mut recording = Recording::begin(&path, "vmlab snapshot x").unwrap();
        recording.add("  1 free frame=3");
        assert!(matches!(read(&path), Err(SnapshotError::Missing(_))));
        assert_eq!(recording.finish().unwrap(), 1);
        let text = read(&path).unwrap();
        assert_eq!(text, "# vmlab snapshot x\n  1 free frame=3\n");
        assert_eq!(command(&text), Some("vmlab snapshot x"));
    }
}
