//! What the pages of a region hold before anybody stores to them, read from its file.
//!
//! # Invariants
//! All that the virtual memory is asked for are plain values, so what is read here is in the file
//! whatever the virtual memory does.

use machine::addr::PAGE_SIZE;
use machine::memory::FrameBytes;
use vm::{Backing, FileRef};

/// The bytes of a page that was never stored to.
pub(crate) struct Given {
    pub bytes: Box<FrameBytes>,
    /// The number of bytes that count: past the end of a file a page may hold anything.
    pub count: usize,
}

/// A part of a page that is in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    at: usize,
    bytes: usize,
    offset: u64,
}

/// Where the bytes of a region are from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// From nowhere: zeros.
    Nothing,
    /// Whole pages of a file, from this one on.
    Pages { file: FileRef, first: u32 },
    /// A single page with parts of a file, and zeros between.
    Parts { file: FileRef, parts: Vec<Part> },
}

impl Origin {
    pub(crate) fn of(backing: &Backing) -> Origin {
        match backing {
            Backing::Zero => Origin::Nothing,
            Backing::File { file, first } => Origin::Pages {
                file: FileRef::clone(file),
                first: *first,
            },
            Backing::Mixed { file, pieces } => Origin::Parts {
                file: FileRef::clone(file),
                parts: pieces
                    .iter()
                    .map(|piece| Part {
                        at: piece.at.into(),
                        bytes: piece.bytes.into(),
                        offset: piece.offset,
                    })
                    .collect(),
            },
        }
    }

    /// Returns the bytes of the page with this number in the region; `None` if the file cannot be
    /// read.
    pub(crate) fn page(&self, number: u32) -> Option<Given> {
        let whole = PAGE_SIZE as usize;
        let mut bytes = Box::new([0; PAGE_SIZE as usize]);
        let count = match self {
            Origin::Nothing => whole,
            Origin::Pages { file, first } => {
                let offset = u64::from(first + number) * u64::from(PAGE_SIZE);
                file.read_at(offset, &mut bytes[..]).ok()?;
                let left = file.len().saturating_sub(offset);
                left.min(whole as u64) as usize
            }
            Origin::Parts { file, parts } => {
                for part in parts {
                    let range = part.at..part.at + part.bytes;
                    file.read_at(part.offset, &mut bytes[range]).ok()?;
                }
                whole
            }
        };
        Some(Given { bytes, count })
    }
}
