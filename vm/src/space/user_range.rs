//! What a program passes to the kernel: a pointer, and so a range of bytes.
//!
//! # Invariants
//!
//! A [`UserPtr`] is unchecked and cannot be used as an address. A range is split into pages in one
//! place. A check does not make pages resident: bringing one in from swap or from a file can still
//! fail, and it may be unmapped by then.

use machine::addr::{PAGE_SIZE, VirtAddr};

use crate::ids::SpaceId;

/// The process for which an access is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Client {
    /// The address space.
    pub space: SpaceId,
    /// The program's stack pointer at the fault, or at the system call for which the kernel makes
    /// the access. It limits stack growth.
    pub stack: VirtAddr,
}

/// An address that a program passed to the kernel, unchecked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserPtr(pub u32);

impl UserPtr {
    /// Returns the unchecked address, for the check.
    pub(crate) fn alleged(self) -> VirtAddr {
        VirtAddr(self.0)
    }

    /// Returns the next piece of a copy of `total` bytes from here on, of which `done` are done: up
    /// to the end of its page or of the copy. `None` if it is past the last address.
    pub(crate) fn piece(self, client: Client, done: usize, total: usize) -> Option<UserPiece> {
        let start = self.alleged().checked_add(u32::try_from(done).ok()?)?;
        let left_in_page = PAGE_SIZE - start.offset();
        Some(UserPiece {
            client,
            start,
            bytes: (total - done).min(left_in_page as usize) as u32,
        })
    }
}

/// The part of a range that lies in one page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UserPiece {
    pub(crate) client: Client,
    pub(crate) start: VirtAddr,
    pub(crate) bytes: u32,
}

impl UserPiece {
    /// Returns its first `bytes` bytes; `None` if that is 0.
    ///
    /// # Panics
    /// If it is shorter.
    pub(crate) fn first(self, bytes: usize) -> Option<UserPiece> {
        assert!(bytes <= self.bytes(), "{bytes} of {self:?}");
        (bytes > 0).then_some(UserPiece {
            bytes: bytes as u32,
            ..self
        })
    }

    /// Returns its length in bytes: at least 1, at most a page.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Client = Client {
        space: SpaceId(0),
        stack: VirtAddr(0),
    };

    fn parts(start: u32, bytes: usize) -> Vec<(u32, usize)> {
        let (mut parts, mut done) = (Vec::new(), 0);
        while done < bytes {
            let piece = UserPtr(start).piece(CLIENT, done, bytes).unwrap();
            parts.push((piece.start.0, piece.bytes()));
            done += piece.bytes();
        }
        parts
    }

    #[test]
    fn a_range_is_taken_page_by_page() {
        assert_eq!(
            parts(0x1ffe, 0x1004),
            [(0x1ffe, 2), (0x2000, 0x1000), (0x3000, 2)]
        );
        assert_eq!(parts(0x1000, 0x1000), [(0x1000, 0x1000)]);
        assert_eq!(parts(0xbfff_fffe, 2), [(0xbfff_fffe, 2)]);
    }

    #[test]
    fn a_copy_past_the_last_address_has_no_next_piece() {
        let last = UserPtr(u32::MAX).piece(CLIENT, 0, 2).unwrap();
        assert_eq!((last.start.0, last.bytes()), (u32::MAX, 1));
        assert_eq!(UserPtr(u32::MAX).piece(CLIENT, 1, 2), None);
    }
}
