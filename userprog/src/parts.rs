//! A range of bytes of a program, split at the borders of its pages.
//!
//! # Invariants
//! The parts are in order, none is empty, and together they are the range; what lies behind the
//! last address is left out.

use std::ops::Range;

use machine::addr::{PAGE_SIZE, Page, VirtAddr};
use vm::UserPtr;

/// The part of a range that lies in one page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Part {
    /// Its first byte.
    pub start: VirtAddr,
    /// Where it is in the range.
    pub range: Range<usize>,
}

impl Part {
    pub(crate) fn page(&self) -> Page {
        self.start.page()
    }

    /// Returns where it begins in its page.
    pub(crate) fn at(&self) -> usize {
        self.start.offset() as usize
    }

    pub(crate) fn pointer(&self) -> UserPtr {
        UserPtr(self.start.0)
    }
}

/// Returns the parts of `bytes` bytes from `start` on.
pub(crate) fn parts(start: UserPtr, bytes: usize) -> impl Iterator<Item = Part> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let start = VirtAddr(start.0).checked_add(u32::try_from(done).ok()?)?;
        let left_in_page = (PAGE_SIZE - start.offset()) as usize;
        let range = done..bytes.min(done + left_in_page);
        done = range.end;
        (!range.is_empty()).then_some(Part { start, range })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(start: u32, bytes: usize) -> Vec<(u32, Range<usize>)> {
        let parts = parts(UserPtr(start), bytes);
        parts.map(|part| (part.start.0, part.range)).collect()
    }

    #[test]
    fn a_range_is_split_where_its_pages_begin() {
        assert_eq!(
            all(0x1ffe, 0x1004),
            [
                (0x1ffe, 0..2),
                (0x2000, 2..0x1002),
                (0x3000, 0x1002..0x1004)
            ]
        );
        assert_eq!(all(0x1000, 0x1000), [(0x1000, 0..0x1000)]);
        assert_eq!(all(0x1234, 0), []);
    }

    #[test]
    fn nothing_is_behind_the_last_address() {
        assert_eq!(all(0xffff_fffe, 9), [(0xffff_fffe, 0..2)]);
    }
}
