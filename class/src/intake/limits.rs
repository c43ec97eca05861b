//! Limits on how much of a submission is read.
//!
//! # Invariants
//! - No limit relies on a size that the submission claims: what comes out of a decompressor is counted as it
//!   comes, and no buffer is allocated for a claimed size.

/// Size of an archive file, in bytes. A hand-out has less than 2 MiB.
pub const ARCHIVE_BYTES: u64 = 64 << 20;
/// Number of entries of an archive or a folder, folders and unwanted files among them.
pub const ENTRIES: usize = 20_000;
/// Size of one file of `vm/src`, in bytes.
pub const FILE_BYTES: u64 = 1 << 20;
/// Size of all files of `vm/src` together, in bytes.
pub const ALL_BYTES: u64 = 16 << 20;
/// Number of bytes that a decompressor may produce in one reading of an archive.
pub const STREAM_BYTES: u64 = 256 << 20;
/// Number of bytes of headers between two files of a tar: long names and attributes.
pub const HEADER_BYTES: u64 = 1 << 20;
/// Length of a path, in bytes.
pub const PATH_BYTES: usize = 255;
/// Number of names in a path.
pub const DEPTH: usize = 32;
