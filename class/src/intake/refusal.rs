//! The reasons for refusing a submission.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::limits::{ALL_BYTES, ARCHIVE_BYTES, ENTRIES, FILE_BYTES, STREAM_BYTES};
use super::reading::Overrun;

/// Why a submission is refused. Each message says what is wrong and what to do about it.
#[derive(Debug, Error)]
pub enum Refusal {
    /// A link where files of the hand-out belong, or the submission itself.
    #[error("{path} is a link, and links are not followed; put the file itself there")]
    Link {
        /// Its path in the submission.
        path: String,
    },
    /// Something else that is not a file, where files of the hand-out belong.
    #[error("{path} {what}; only plain files can be handed in, so remove it")]
    NoFile {
        /// Its path in the submission.
        path: String,
        /// What is wrong with it, as in "is a device".
        what: &'static str,
    },
    /// The archive is larger than [`ARCHIVE_BYTES`].
    #[error(
        "the archive has more than {} MiB; hand in only vm/src, without target",
        ARCHIVE_BYTES >> 20
    )]
    ArchiveTooLarge,
    /// A wanted file is larger than [`FILE_BYTES`].
    #[error("{path} has more than {} MiB; no source file needs that: divide it or remove it", FILE_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: String,
    },
    /// The wanted files are larger than [`ALL_BYTES`].
    #[error("the files of vm/src have more than {} MiB in all; remove what does not belong there", ALL_BYTES >> 20)]
    AllTooLarge,
    /// There are more than [`ENTRIES`].
    #[error("it has more than {ENTRIES} files and folders; hand in only vm/src, without target")]
    TooMany,
    /// More than [`STREAM_BYTES`] come out of the archive, or headers without end.
    #[error(
        "the archive unpacks to more than {} MiB, or its headers have no end; hand in only vm/src, without target",
        STREAM_BYTES >> 20
    )]
    Bomb,
    /// An absolute path, or one with `..`.
    #[error("the archive has the path {path}, which leads out of it; pack the folder vm again")]
    LeadsOut {
        /// The path as the archive has it.
        path: String,
    },
    /// A path with a NUL byte.
    #[error(
        "the archive has the path {path}, which has a NUL byte in it; pack the folder vm again"
    )]
    NulInPath {
        /// The path as the archive has it.
        path: String,
    },
    /// Two entries of one path.
    #[error("the archive has {path} twice, so it is ambiguous; pack the folder vm again")]
    Duplicate {
        /// The path.
        path: String,
    },
    /// One path is a file and a folder.
    #[error(
        "{path} is a file, and there are files below it as if it were a folder; rename one of them"
    )]
    FileAndFolder {
        /// The path in the hand-out.
        path: String,
    },
    /// The content is of no known kind.
    #[error(
        "it is neither a folder nor a ZIP, a tar (plain or with gzip), a git bundle or a .rs file; hand in one of these"
    )]
    Unknown,
    /// A kind of archive, or a variety of one, that is not read.
    #[error("it is {what}, which is not read here; hand in a plain ZIP, or a .tar.gz")]
    Unsupported {
        /// What it is, as in "a RAR archive".
        what: &'static str,
    },
    /// A ZIP with a password.
    #[error("{path} is encrypted; pack it without a password")]
    Encrypted {
        /// The first encrypted file.
        path: String,
    },
    /// It is cut off or otherwise violates its format.
    #[error("the {kind} is damaged ({why}); check that it can be unpacked, and upload it again")]
    Damaged {
        /// The kind of the archive.
        kind: &'static str,
        /// What was found.
        why: String,
    },
    /// A git bundle with several branches none of which is the obvious one, or with none.
    #[error(
        "the git bundle has no HEAD, no main and no master, and other branches: {branches}; make it with: git bundle create vm.bundle HEAD"
    )]
    WhichBranch {
        /// The branches, with commas.
        branches: String,
    },
    /// A git bundle that continues a history that is not in it.
    #[error(
        "the git bundle needs commits that are not in it; make it with: git bundle create vm.bundle HEAD"
    )]
    PartOfHistory,
    /// It has no file of the hand-out.
    #[error(
        "nothing in it is a file of the hand-out (links and archives within it are not opened); hand in vm/src"
    )]
    Nothing,
    /// Two folders could be the one.
    #[error("there are two hand-outs in it, in {first} and in {second}; hand in one of them")]
    TwoHandOuts {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// A file without its folders that could be any of several.
    #[error(
        "{path} could be any of {could_be}; put it into the folders that it has in the hand-out, as in vm/src/..."
    )]
    Ambiguous {
        /// Its path in the submission.
        path: String,
        /// The files that it could be, with commas.
        could_be: String,
    },
    /// Two files without their folders that are the same one.
    #[error("{first} and {second} could both be {target}; hand in one of them")]
    TwoForOne {
        /// One of them.
        first: String,
        /// The other.
        second: String,
        /// The path in the hand-out.
        target: String,
    },
    /// It is not text.
    #[error("{path} is not text in UTF-8 without NUL bytes; save it as UTF-8")]
    NotText {
        /// Its path in the hand-out.
        path: String,
    },
    /// The host failed, not the submission.
    #[error("{} cannot be read here: {error}; this is not the fault of the submission, so check the host", path.display())]
    Host {
        /// The file or program.
        path: PathBuf,
        /// The host's error.
        #[source]
        error: io::Error,
    },
}

impl Refusal {
    /// The refusal for an error of an archive's reader.
    pub(super) fn damaged(kind: &'static str, error: io::Error) -> Refusal {
        if error.get_ref().is_some_and(|inner| inner.is::<Overrun>()) {
            return Refusal::Bomb;
        }
        Refusal::Damaged {
            kind,
            why: error.to_string(),
        }
    }

    /// The refusal for an error of the host's.
    pub(super) fn host(path: &Path, error: io::Error) -> Refusal {
        Refusal::Host {
            path: path.to_owned(),
            error,
        }
    }
}
