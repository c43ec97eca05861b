//! Addresses and page numbers of the emulated machine, each with its own type.
//!
//! # Invariants
//!
//! A [`Page`] is below 2^20, and so is a [`Frame`] (32-bit paging without PAE reaches 4 GiB of
//! physical memory). No arithmetic here wraps silently: operations that can leave the 4 GiB are
//! `checked_`.

use std::fmt;

/// Bytes of a page and of a frame.
pub const PAGE_SIZE: u32 = 4096;
/// `log2(PAGE_SIZE)`.
pub const PAGE_SHIFT: u32 = 12;
/// First address of the kernel's half (Pintos' `PHYS_BASE`); user space ends below it.
pub const KERNEL_BASE: VirtAddr = VirtAddr(0xc000_0000);
/// First page of the kernel's half.
pub const KERNEL_PAGE: Page = Page(KERNEL_BASE.0 >> PAGE_SHIFT);

/// A virtual (linear) address: all segments of the machine are flat, so both are the same.
///
/// # Examples
///
/// ```
/// use machine::addr::{KERNEL_BASE, VirtAddr};
///
/// let addr = VirtAddr(0x0804_8123);
/// assert_eq!(addr.page().directory_index(), 0x20);
/// assert_eq!(addr.page().table_index(), 0x48);
/// assert_eq!(addr.offset(), 0x123);
/// assert!(addr.is_user() && !KERNEL_BASE.is_user());
/// // Nothing wraps around.
/// assert_eq!(VirtAddr(0xffff_ff00).checked_add(0x100), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct VirtAddr(pub u32);

/// A physical address: an offset into RAM.
///
/// # Examples
///
/// ```
/// use machine::addr::{Frame, PhysAddr};
///
/// let addr = PhysAddr(0x0240_1ffc);
/// assert_eq!(addr.frame(), Frame::new(0x2401));
/// assert_eq!(addr.offset(), 0xffc);
/// assert_eq!(addr.frame().start(), PhysAddr(0x0240_1000));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PhysAddr(pub u32);

/// A virtual page number: the upper 20 bits of a [`VirtAddr`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Page(u32);

/// A physical frame number: the upper 20 bits of a [`PhysAddr`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Frame(u32);

impl VirtAddr {
    /// Returns the page that holds this address.
    #[inline]
    #[must_use]
    pub const fn page(self) -> Page {
        Page(self.0 >> PAGE_SHIFT)
    }

    /// Returns the offset in its page, 0 to 4095.
    #[inline]
    #[must_use]
    pub const fn offset(self) -> u32 {
        self.0 & (PAGE_SIZE - 1)
    }

    /// Returns whether this is the first byte of a page.
    #[inline]
    #[must_use]
    pub const fn is_aligned(self) -> bool {
        self.offset() == 0
    }

    /// Returns whether the address belongs to user space.
    #[inline]
    #[must_use]
    pub const fn is_user(self) -> bool {
        self.0 < KERNEL_BASE.0
    }

    /// Returns the address `bytes` further on, or `None` past the end of the 4 GiB.
    #[inline]
    pub fn checked_add(self, bytes: u32) -> Option<VirtAddr> {
        self.0.checked_add(bytes).map(VirtAddr)
    }
}

impl PhysAddr {
    /// Returns the frame that holds this address.
    #[inline]
    #[must_use]
    pub const fn frame(self) -> Frame {
        Frame(self.0 >> PAGE_SHIFT)
    }

    /// Returns the offset in its frame, 0 to 4095.
    #[inline]
    #[must_use]
    pub const fn offset(self) -> u32 {
        self.0 & (PAGE_SIZE - 1)
    }
}

impl Page {
    /// The number of pages in 4 GiB of addresses.
    pub const COUNT: u32 = 1 << 20;

    /// Returns the page with this number.
    ///
    /// # Panics
    /// If the number is 2^20 or above, which only a bug can cause.
    #[inline]
    #[must_use]
    pub const fn new(number: u32) -> Page {
        assert!(number < Page::COUNT, "no such page");
        Page(number)
    }

    /// Returns its number, below 2^20.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns its first address.
    #[inline]
    #[must_use]
    pub const fn start(self) -> VirtAddr {
        VirtAddr(self.0 << PAGE_SHIFT)
    }

    /// Returns the index of the page-directory entry that covers it, 0 to 1023 (SDM vol. 3, 4.3).
    #[inline]
    #[must_use]
    pub const fn directory_index(self) -> usize {
        (self.0 >> 10) as usize
    }

    /// Returns the index of its page-table entry, 0 to 1023.
    #[inline]
    #[must_use]
    pub const fn table_index(self) -> usize {
        (self.0 & 0x3ff) as usize
    }

    /// Returns whether the page belongs to user space.
    #[inline]
    #[must_use]
    pub const fn is_user(self) -> bool {
        self.0 < KERNEL_PAGE.0
    }

    /// Returns the page `pages` further on, or `None` past the end of the 4 GiB.
    #[inline]
    pub fn checked_add(self, pages: u32) -> Option<Page> {
        self.0
            .checked_add(pages)
            .filter(|n| *n < Page::COUNT)
            .map(Page)
    }

    /// Returns the pages from this one up to and not including `end`.
    ///
    /// # Examples
    ///
    /// ```
    /// use machine::addr::{Page, VirtAddr};
    ///
    /// let start = VirtAddr(0x0804_8000).page();
    /// let end = start.checked_add(3).unwrap();
    /// let addresses: Vec<VirtAddr> = start.until(end).map(Page::start).collect();
    /// assert_eq!(addresses, [0x0804_8000, 0x0804_9000, 0x0804_a000].map(VirtAddr));
    /// ```
    #[inline]
    pub fn until(self, end: Page) -> impl DoubleEndedIterator<Item = Page> + Clone {
        (self.0..end.0).map(Page)
    }
}

impl Frame {
    /// The number of frames in 4 GiB of physical memory.
    pub const COUNT: u32 = 1 << 20;

    /// Returns the frame with this number.
    ///
    /// # Panics
    /// If the number is 2^20 or above, which only a bug can cause.
    #[inline]
    #[must_use]
    pub const fn new(number: u32) -> Frame {
        assert!(number < Frame::COUNT, "no such frame");
        Frame(number)
    }

    /// Returns its number, below 2^20.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns its number as an index.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns its first physical address.
    #[inline]
    #[must_use]
    pub const fn start(self) -> PhysAddr {
        PhysAddr(self.0 << PAGE_SHIFT)
    }
}

/// Returns the number of pages that `bytes` bytes need.
///
/// # Examples
///
/// ```
/// use machine::addr::pages_for;
///
/// assert_eq!([0, 1, 4096, 4097].map(pages_for), [0, 1, 1, 2]);
/// ```
#[must_use]
pub const fn pages_for(bytes: u64) -> u64 {
    bytes.div_ceil(PAGE_SIZE as u64)
}

macro_rules! shown_in_hex {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#010x}", self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }
    )*};
}
shown_in_hex!(VirtAddr, PhysAddr);

macro_rules! shown_as_number {
    ($($name:ident $base:literal),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $base, self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(", $base, ")"), self.0)
            }
        }
    )*};
}
shown_as_number!(Page "{:#x}", Frame "{}");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_splits_into_directory_table_and_offset() {
        let addr = VirtAddr(0x0804_8123);
        assert_eq!(addr.offset(), 0x123);
        assert_eq!(addr.page().directory_index(), 0x20);
        assert_eq!(addr.page().table_index(), 0x48);
        assert_eq!(addr.page().start(), VirtAddr(0x0804_8000));
    }

    #[test]
    fn the_last_page_has_no_successor() {
        assert_eq!(Page::new(Page::COUNT - 1).checked_add(1), None);
        assert_eq!(VirtAddr(u32::MAX).checked_add(1), None);
    }

    #[test]
    fn user_space_ends_below_the_kernel_base() {
        assert!(VirtAddr(0xbfff_ffff).is_user());
        assert!(!KERNEL_BASE.is_user());
        assert!(!KERNEL_PAGE.is_user());
    }
}
