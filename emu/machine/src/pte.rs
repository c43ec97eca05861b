//! One entry of a page directory or page table, bit by bit (Intel SDM vol. 3, 4.3, tables 4-5
//! and 4-6).
//!
//! # Invariants
//!
//! An entry without [`PteFlags::PRESENT`] that this project writes is zero. Only the supplemental
//! page table describes a page that is not present.

use bitflags::bitflags;

use crate::addr::Frame;

bitflags! {
    /// The flag bits of an entry.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct PteFlags: u32 {
        /// P: the entry is valid; the hardware ignores all other bits unless this is set.
        const PRESENT = 1 << 0;
        /// R/W: stores are allowed.
        const WRITABLE = 1 << 1;
        /// U/S: ring 3 is allowed.
        const USER = 1 << 2;
        /// PWT: write-through caching. No effect on this machine.
        const WRITE_THROUGH = 1 << 3;
        /// PCD: caching disabled. No effect on this machine.
        const NO_CACHE = 1 << 4;
        /// A: the hardware has used the entry for a translation.
        const ACCESSED = 1 << 5;
        /// D: the hardware has used the entry for a store. Ignored in a directory's entries.
        const DIRTY = 1 << 6;
        /// PAT in a page table's entry; PS (a 4 MiB page) in a directory's, ignored as CR4.PSE is 0.
        const PAT_OR_SIZE = 1 << 7;
        /// G: the translation survives a load of CR3 (CR4.PGE is 1).
        const GLOBAL = 1 << 8;
        /// The first of three bits that the hardware ignores and a kernel may use.
        const AVAILABLE_0 = 1 << 9;
        /// The second of these bits.
        const AVAILABLE_1 = 1 << 10;
        /// The third of these bits.
        const AVAILABLE_2 = 1 << 11;
    }
}

impl PteFlags {
    /// A present user page that can be read and executed.
    pub const USER_READ: PteFlags = PteFlags::PRESENT.union(PteFlags::USER);
    /// A present user page that can also be written.
    pub const USER_WRITE: PteFlags = PteFlags::USER_READ.union(PteFlags::WRITABLE);
    /// A present kernel page, the same in every address space.
    pub const KERNEL: PteFlags = PteFlags::PRESENT
        .union(PteFlags::WRITABLE)
        .union(PteFlags::GLOBAL);
}

/// An entry of a page directory or page table: a frame and flags.
///
/// # Examples
///
/// ```
/// use machine::addr::Frame;
/// use machine::pte::{Pte, PteFlags};
///
/// let entry = Pte::new(Frame::new(0x2401), PteFlags::USER_WRITE);
/// assert_eq!(entry.bits(), 0x0240_1007);
/// assert!(entry.is_present() && !entry.has(PteFlags::DIRTY));
///
/// // As the hardware does for a store, and a clock hand when it passes.
/// let used = entry.with(PteFlags::ACCESSED | PteFlags::DIRTY);
/// assert_eq!(used.without(PteFlags::ACCESSED).bits(), 0x0240_1047);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pte(u32);

impl Pte {
    /// The entry that maps nothing.
    pub const EMPTY: Pte = Pte(0);

    /// Returns an entry for `frame`.
    #[inline]
    #[must_use]
    pub fn new(frame: Frame, flags: PteFlags) -> Pte {
        Pte(frame.start().0 | flags.bits())
    }

    /// Returns the entry with this bit pattern.
    #[inline]
    #[must_use]
    pub const fn from_bits(bits: u32) -> Pte {
        Pte(bits)
    }

    /// Returns its bit pattern.
    #[inline]
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Returns the frame it names. Meaningful only if the entry is present.
    #[inline]
    #[must_use]
    pub const fn frame(self) -> Frame {
        Frame::new(self.0 >> 12)
    }

    /// Returns its flags.
    #[inline]
    #[must_use]
    pub const fn flags(self) -> PteFlags {
        PteFlags::from_bits_truncate(self.0)
    }

    /// Returns whether all of `flags` are set.
    #[inline]
    #[must_use]
    pub const fn has(self, flags: PteFlags) -> bool {
        self.flags().contains(flags)
    }

    /// Returns whether the hardware may use the entry.
    #[inline]
    #[must_use]
    pub const fn is_present(self) -> bool {
        self.has(PteFlags::PRESENT)
    }

    /// Returns the same entry with `flags` set as well.
    #[must_use]
    #[inline]
    pub const fn with(self, flags: PteFlags) -> Pte {
        Pte(self.0 | flags.bits())
    }

    /// Returns the same entry with `flags` cleared.
    #[must_use]
    #[inline]
    pub const fn without(self, flags: PteFlags) -> Pte {
        Pte(self.0 & !flags.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_keeps_frame_and_flags_apart() {
        let entry = Pte::new(Frame::new(0xabcde), PteFlags::USER_WRITE);
        assert_eq!(entry.bits(), 0xabcd_e007);
        assert_eq!(entry.frame(), Frame::new(0xabcde));
        let used = entry.with(PteFlags::ACCESSED | PteFlags::DIRTY);
        assert_eq!(used.bits(), 0xabcd_e067);
        assert_eq!(used.without(PteFlags::ACCESSED).bits(), 0xabcd_e047);
    }
}
