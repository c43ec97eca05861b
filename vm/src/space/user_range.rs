//! What a program passes to the kernel: a pointer, a range of bytes.
//!
//! # Invariants
//!
//! A [`UserPtr`] is unchecked and cannot be used as an address. A [`UserRange`] is the result of a
//! check of all its pages, and is split into pages in one place. The check does not make pages
//! resident: bringing one in from swap or from a file can still fail, and it may be unmapped by
//! then.

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

/// A range of bytes that was checked: the program may make the access to all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserRange {
    client: Client,
    start: UserPtr,
    bytes: u32,
    looked_at: u32,
}

/// The part of a range that lies in one page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserPiece {
    pub(crate) client: Client,
    pub(crate) start: VirtAddr,
    pub(crate) bytes: u32,
}

impl UserRange {
    /// Creates a range after its check, which looked at `looked_at` regions and pages of the stack.
    pub(crate) fn checked(client: Client, start: UserPtr, bytes: u32, looked_at: u32) -> UserRange {
        UserRange {
            client,
            start,
            bytes,
            looked_at,
        }
    }

    /// Returns the number of regions, and of pages of the stack, that the check looked at.
    pub fn looked_at(&self) -> u32 {
        self.looked_at
    }

    /// Returns its first `bytes` bytes, or all if it is shorter.
    pub fn first(self, bytes: u32) -> UserRange {
        UserRange {
            bytes: self.bytes.min(bytes),
            ..self
        }
    }

    /// Splits it into its parts on each page.
    pub fn pieces(self) -> impl Iterator<Item = UserPiece> {
        let UserRange { start, bytes, .. } = self;
        let mut done = 0;
        std::iter::from_fn(move || {
            let left = bytes as usize - done;
            let piece = start.piece(self.client, done, bytes as usize);
            let piece = piece.filter(|_| left > 0)?;
            done += piece.bytes();
            Some(piece)
        })
    }
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
    pub fn bytes(&self) -> usize {
        self.bytes as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(start: u32, bytes: u32) -> Vec<(u32, usize)> {
        let client = Client {
            space: SpaceId(0),
            stack: VirtAddr(0),
        };
        let range = UserRange::checked(client, UserPtr(start), bytes, 1);
        let pieces = range.pieces();
        pieces.map(|piece| (piece.start.0, piece.bytes())).collect()
    }

    #[test]
    fn a_range_is_taken_page_by_page() {
        assert_eq!(
            parts(0x1ffe, 0x1004),
            [(0x1ffe, 2), (0x2000, 0x1000), (0x3000, 2)]
        );
        assert_eq!(parts(0x1000, 0x1000), [(0x1000, 0x1000)]);
        assert_eq!(parts(0xbfff_fffe, 2), [(0xbfff_fffe, 2)]);
        assert_eq!(parts(0x1234, 0), []);
    }

    #[test]
    fn a_copy_past_the_last_address_has_no_next_piece() {
        let client = Client {
            space: SpaceId(0),
            stack: VirtAddr(0),
        };
        let last = UserPtr(u32::MAX).piece(client, 0, 2).unwrap();
        assert_eq!((last.start.0, last.bytes()), (u32::MAX, 1));
        assert_eq!(UserPtr(u32::MAX).piece(client, 1, 2), None);
    }
}
