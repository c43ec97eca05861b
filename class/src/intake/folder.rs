//! A folder as a submission.
//!
//! # Invariants
//! - No link is followed, neither for a file nor for a folder on the way to it: a file is opened name by name
//!   from the folder's descriptor, so this holds even if the folder is changed meanwhile.
//! - Nothing is opened that can block or act on being opened, such as a FIFO.

use std::fs::{self, DirEntry, File, FileType};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::container::{Container, Wanted};
use super::limits::{DEPTH, ENTRIES};
use super::listing::{Kind, Listing, is_skipped};
use super::reading::Reading;
use super::refusal::Refusal;

/// A folder, and the paths of what is in it.
pub(super) struct Folder {
    /// Its path, for its listing and for messages.
    path: PathBuf,
    /// The folder itself, wherever its path leads later.
    root: File,
    /// Paths from the root, by id.
    inside: Vec<PathBuf>,
}

impl Folder {
    /// The folder that is open as `root`.
    pub(super) fn new(path: &Path, root: File) -> Folder {
        Folder {
            path: path.to_owned(),
            root,
            inside: Vec::new(),
        }
    }

    fn walk(&mut self, folder: &Path, depth: usize, listing: &mut Listing) -> Result<(), Refusal> {
        let path = self.path.join(folder);
        let broken = |error| Refusal::host(&path, error);
        // More are refused anyway. Sorted, since only the first of two refusals is reported.
        let entries = fs::read_dir(&path).map_err(broken)?.take(ENTRIES + 1);
        let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(broken)?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let file_type = entry.file_type().map_err(broken)?;
            let inside = folder.join(entry.file_name());
            self.add(&inside, kind(file_type, depth), listing)?;
            if enters(&entry, file_type, depth) {
                self.walk(&inside, depth + 1, listing)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, inside: &Path, kind: Kind, listing: &mut Listing) -> Result<(), Refusal> {
        let id = self.inside.len();
        listing.add(inside.as_os_str().as_bytes(), kind, id)?;
        self.inside.push(inside.to_owned());
        Ok(())
    }

    /// Opens a file for reading, through folders only.
    fn open(&self, inside: &Path) -> nix::Result<File> {
        let mut at = self.root.try_clone().map_err(as_errno)?;
        for name in inside.parent().into_iter().flatten() {
            at = File::from(openat(&at, name, FOLDER, Mode::empty())?);
        }
        let name = inside.file_name().unwrap_or_default();
        openat(&at, name, FILE, Mode::empty()).map(File::from)
    }
}

/// How a folder on the way is opened.
const FOLDER: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);
/// How a file is opened. If it became a FIFO since it was listed, opening it does not wait for a writer.
pub(super) const FILE: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_NONBLOCK)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

fn as_errno(error: std::io::Error) -> nix::errno::Errno {
    nix::errno::Errno::from_raw(error.raw_os_error().unwrap_or_default())
}

fn kind(file_type: FileType, depth: usize) -> Kind {
    if file_type.is_dir() && depth >= DEPTH {
        Kind::Other("is more than 32 folders deep")
    } else if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else if file_type.is_symlink() {
        Kind::Link
    } else if file_type.is_fifo() {
        Kind::Other("is a FIFO")
    } else if file_type.is_socket() {
        Kind::Other("is a socket")
    } else {
        Kind::Other("is a device")
    }
}

fn enters(entry: &DirEntry, file_type: FileType, depth: usize) -> bool {
    let name = entry.file_name();
    file_type.is_dir() && depth < DEPTH && !name.to_str().is_some_and(is_skipped)
}

impl Container for Folder {
    fn list(&mut self, listing: &mut Listing) -> Result<(), Refusal> {
        self.walk(Path::new(""), 0, listing)
    }

    fn read(&mut self, wanted: &Wanted, reading: &mut Reading) -> Result<(), Refusal> {
        for (&id, target) in wanted {
            let inside = &self.inside[id];
            let broken = |error| Refusal::host(&self.path.join(inside), error);
            let file = self.open(inside).map_err(|errno| broken(errno.into()))?;
            if !file.metadata().map_err(broken)?.is_file() {
                let path = inside.display().to_string();
                let what = "is not a plain file any more";
                return Err(Refusal::NoFile { path, what });
            }
            reading.take(target, file, broken)?;
        }
        Ok(())
    }
}
