//! A file: its bytes, and what the model knows about the pages past its end.

use std::collections::BTreeSet;

use machine::addr::PAGE_SIZE;

use super::Byte;

pub(super) struct File {
    bytes: Vec<u8>,
    /// Whether a program has stored past the end since those bytes were last cleared. They are
    /// unspecified then: they exist in a frame and nowhere else.
    stored_behind: bool,
    /// Pages past the end that were pinned at the truncation, so they may still be in a frame.
    lingering: BTreeSet<u32>,
}

impl File {
    pub(super) fn new(bytes: Vec<u8>) -> File {
        File {
            bytes,
            stored_behind: false,
            lingering: BTreeSet::new(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns a byte as a mapping shows it.
    pub(super) fn byte(&self, at: usize) -> Byte {
        match self.bytes.get(at) {
            Some(byte) => Some(*byte),
            None if self.stored_behind => None,
            None => Some(0),
        }
    }

    /// Stores a byte through a shared mapping.
    pub(super) fn store(&mut self, at: usize, byte: u8) {
        match self.bytes.get_mut(at) {
            Some(old) => *old = byte,
            None => self.stored_behind = true,
        }
    }

    /// Writes as write(2) does; a gap between the old end and the written bytes is zero.
    pub(super) fn write(&mut self, offset: usize, from: &[u8]) {
        let end = offset + from.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
            self.stored_behind = false;
        }
        self.bytes[offset..end].copy_from_slice(from);
    }

    /// Truncates the file, or extends it with zeros. `pinned` are its pinned pages.
    pub(super) fn resize(&mut self, len: usize, pinned: BTreeSet<u32>) {
        self.bytes.resize(len, 0);
        self.stored_behind = false;
        self.lingering = pinned;
    }

    /// Returns whether the file has no byte of a page.
    pub(super) fn lacks(&self, page: u32) -> bool {
        (page * PAGE_SIZE) as usize >= self.bytes.len()
    }

    /// Returns whether a page past the end may still be in a frame.
    pub(super) fn may_linger(&self, page: u32) -> bool {
        self.lingering.contains(&page)
    }
}
