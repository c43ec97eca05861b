//! Determines the kind of a submission by its content.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::folder::FILE;
use super::limits::ARCHIVE_BYTES;
use super::refusal::Refusal;
use super::tar::Packing;

/// Where a tar has its magic, and what it is. Tars from before 1988 have none and are not known.
const TAR_MAGIC: (usize, &[u8]) = (257, b"ustar");

/// Kinds that are known by their first bytes, but not read.
const UNREAD: [(&[u8], &str); 6] = [
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\0", "an archive with xz"),
    (b"BZh", "an archive with bzip2"),
    (b"\x28\xb5\x2f\xfd", "an archive with zstd"),
    (b"%PDF-", "a PDF"),
];

/// What is at the path.
pub(super) enum Opened {
    /// A folder, open.
    Folder(File),
    /// A file, read.
    File(Vec<u8>),
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// A ZIP.
    Zip,
    /// A tar.
    Tar(Packing),
    /// A git bundle.
    Bundle,
    /// Rust.
    Source,
}

/// Opens a submission, and reads it if it is a file. A link is refused: in a folder with the submissions
/// of a class, it could lead to another student's.
///
/// # Errors
/// It is a link, too large, no plain file, or the host failed.
pub(super) fn open(path: &Path) -> Result<Opened, Refusal> {
    let host = |error| Refusal::host(path, error);
    let shown = path.display().to_string();
    if fs::symlink_metadata(path).map_err(host)?.is_symlink() {
        return Err(Refusal::Link { path: shown });
    }
    let mut options = File::options();
    let file = options.read(true).custom_flags(FILE.bits()).open(path);
    let file = file.map_err(host)?;
    // Of the open file, not of the path, which may lead to something else by now.
    let metadata = file.metadata().map_err(host)?;
    if metadata.is_dir() {
        return Ok(Opened::Folder(file));
    }
    if !metadata.is_file() {
        let what = "is neither a file nor a folder";
        return Err(Refusal::NoFile { path: shown, what });
    }
    read(file, host).map(Opened::File)
}

fn read(file: File, host: impl FnOnce(io::Error) -> Refusal) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut limited = file.take(ARCHIVE_BYTES + 1);
    limited.read_to_end(&mut bytes).map_err(host)?;
    if bytes.len() as u64 > ARCHIVE_BYTES {
        return Err(Refusal::ArchiveTooLarge);
    }
    Ok(bytes)
}

/// Determines what these bytes are. The path only matters if they are not an archive.
///
/// # Errors
/// Nothing that is read.
pub(super) fn content(path: &Path, bytes: &[u8]) -> Result<Content, Refusal> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if let Some((_, what)) = UNREAD.iter().find(|(magic, _)| starts(magic)) {
        return Err(Refusal::Unsupported { what });
    }
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        Ok(Content::Zip)
    } else if starts(b"\x1f\x8b") {
        Ok(Content::Tar(Packing::Gzip))
    } else if starts(b"# v2 git bundle\n") || starts(b"# v3 git bundle\n") {
        Ok(Content::Bundle)
    } else if bytes
        .get(TAR_MAGIC.0..)
        .is_some_and(|rest| rest.starts_with(TAR_MAGIC.1))
    {
        Ok(Content::Tar(Packing::Plain))
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        Ok(Content::Source)
    } else {
        Err(Refusal::Unknown)
    }
}
