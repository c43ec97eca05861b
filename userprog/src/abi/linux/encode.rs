//! Structures of Linux' interface, written field by field.
//!
//! # Invariants
//! All is little-endian and nothing is aligned but by what is written: whoever writes a structure writes its
//! padding too.

/// The bytes of a structure so far.
#[derive(Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub(super) fn u8(mut self, value: u8) -> Encoder {
        self.0.push(value);
        self
    }

    pub(super) fn u16(mut self, value: u16) -> Encoder {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(super) fn u32(mut self, value: u32) -> Encoder {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(super) fn u64(mut self, value: u64) -> Encoder {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Encoder {
        self.0.extend(bytes);
        self
    }

    /// Zeros, so many.
    pub(super) fn zeros(mut self, count: usize) -> Encoder {
        self.0.resize(self.0.len() + count, 0);
        self
    }

    /// Zeros up to this length in all.
    pub(super) fn up_to(self, length: usize) -> Encoder {
        let missing = length.saturating_sub(self.0.len());
        self.zeros(missing)
    }

    /// A text in a field of `length` bytes, with a zero at its end.
    pub(super) fn text(self, text: &str, length: usize) -> Encoder {
        let end = self.0.len() + length;
        self.bytes(&text.as_bytes()[..text.len().min(length - 1)])
            .up_to(end)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}
