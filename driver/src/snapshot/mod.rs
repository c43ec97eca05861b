//! Snapshots: the expected fault log of a program, in a file.
//!
//! A snapshot has the lines of the fault log, with names of source files without their folders, so
//! that it does not matter where a program was compiled. Lines that begin with `#` are comments:
//! the first has the command that made the snapshot.
//!
//! # Invariants
//!
//! A snapshot is written when the run is over, or not at all (except to devices and pipes, which
//! get it line by line). A comparison takes bounded memory, however long the run is.

mod compare;
mod explain;

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

pub use compare::Checker;

/// The start of the first line of a snapshot, before the command.
const HEADER: &str = "# ";
/// The start of the command that makes one.
pub const COMMAND: &str = "vmlab snapshot";

/// A snapshot cannot be written or read.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// It does not exist.
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
    /// It is not a snapshot.
    #[error("this is not a snapshot of vmlab: {}; without --check it is recorded", .0.display())]
    NoSnapshot(PathBuf),
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
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    file: io::BufWriter<Place>,
    events: u64,
    result: io::Result<()>,
}

/// Where the lines go.
#[derive(Debug)]
enum Place {
    /// A file that replaces the one of this name once it is complete.
    New(NamedTempFile, PathBuf),
    /// A device or a pipe.
    Special(File),
}

impl Recording {
    /// Begins a snapshot, which replaces an existing file once it is finished. `command` is the
    /// command that makes it. Success means that the file can be written.
    ///
    /// # Errors
    /// [`SnapshotError::Unwritable`].
    pub fn begin(path: &Path, command: &str) -> Result<Recording, SnapshotError> {
        let begin = || {
            let mut file = io::BufWriter::new(Place::of(path)?);
            writeln!(file, "{HEADER}{command}")?;
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

    /// Moves the snapshot into place, and returns its number of events.
    ///
    /// # Errors
    /// [`SnapshotError::Unwritable`]; an existing file stays as it was.
    pub fn finish(self) -> Result<u64, SnapshotError> {
        let Recording {
            path,
            file,
            events,
            result,
        } = self;
        let finish = || {
            result?;
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .finish()
        };
        finish().map_err(|error| unwritable(&path, error))?;
        Ok(events)
    }
}

impl Place {
    /// Resolves symbolic links and opens the place for a file of this name.
    fn of(path: &Path) -> io::Result<Place> {
        let path = match fs::symlink_metadata(path) {
            Ok(_) => fs::canonicalize(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error),
        };
        if path.exists() {
            let file = OpenOptions::new().write(true).open(&path)?;
            if !file.metadata()?.is_file() {
                return Ok(Place::Special(file));
            }
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        Ok(Place::New(NamedTempFile::new_in(folder)?, path))
    }

    fn finish(self) -> io::Result<()> {
        if let Place::New(file, path) = self {
            make_readable(file.as_file())?;
            file.persist(path).map_err(|error| error.error)?;
        }
        Ok(())
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Place::New(file, _) => file.write(bytes),
            Place::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Place::New(file, _) => file.flush(),
            Place::Special(file) => file.flush(),
        }
    }
}

/// Reads a snapshot.
///
/// # Errors
/// [`SnapshotError::Missing`], [`SnapshotError::Unreadable`], [`SnapshotError::NoSnapshot`] if it is
/// not text.
pub fn read(path: &Path) -> Result<String, SnapshotError> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SnapshotError::Missing(path.to_owned()),
        io::ErrorKind::InvalidData => SnapshotError::NoSnapshot(path.to_owned()),
        _ => SnapshotError::Unreadable {
            path: path.to_owned(),
            error,
        },
    })
}

/// Returns the command in the first line of a snapshot; `None` if the text is not a snapshot.
#[must_use]
pub fn command(snapshot: &str) -> Option<&str> {
    let command = snapshot.lines().next()?.strip_prefix(HEADER)?;
    command.starts_with(COMMAND).then_some(command)
}

/// Returns the options of a command that another command does not have.
#[must_use]
pub fn own_options(command: &str, other: &str) -> String {
    let options = |command| str::split(command, ' ').filter(|word| word.contains("--"));
    let own = options(command).filter(|word| options(other).all(|one| one != *word));
    own.collect::<Vec<_>>().join(" ")
}

/// Returns a line of the fault log with the base name of its source only.
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

/// Gives a file the usual permissions: a temporary file is readable by its owner alone.
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    file.set_permissions(fs::Permissions::from_mode(0o644))
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
    fn options_of_one_command_alone_are_told() {
        let own = |one, other| own_options(one, other);
        let (one, other) = ("v --frames=16 --level=x p", "v --frames=32 --level=x q --");
        assert_eq!(own(one, other), "--frames=16");
        assert_eq!(own(one, one), "");
    }

    #[test]
    fn a_link_stays_one_and_a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("x.log"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("x.log", &link).unwrap();
        Recording::begin(&link, "vmlab snapshot x")
            .unwrap()
            .finish()
            .unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "# vmlab snapshot x\n");
        let full = Path::new("/dev/full");
        let recording = Recording::begin(full, "vmlab snapshot x").unwrap();
        assert!(matches!(
            recording.finish(),
            Err(SnapshotError::Unwritable { .. })
        ));
        assert!(!fs::symlink_metadata(full).unwrap().is_file());
    }

    #[test]
    fn no_folder_is_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Recording::begin(&folder.path().join("a/b/x.log"), "x").is_err());
        assert!(!folder.path().join("a").exists());
    }

    #[test]
    fn a_snapshot_is_there_once_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let mut recording = Recording::begin(&path, "vmlab snapshot x").unwrap();
        recording.add("  1 free frame=3");
        assert!(matches!(read(&path), Err(SnapshotError::Missing(_))));
        assert_eq!(recording.finish().unwrap(), 1);
        let text = read(&path).unwrap();
        assert_eq!(text, "# vmlab snapshot x\n  1 free frame=3\n");
        assert_eq!(command(&text), Some("vmlab snapshot x"));
    }
}
