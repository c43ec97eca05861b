//! Which TLB invalidation a change of an entry requires.

use super::PageDirectory;
use crate::addr::{Frame, Page};
use crate::pte::{Pte, PteFlags};

/// The TLB invalidation that a changed entry requires: of which page, in which address space, the
/// TLB may hold a stale translation.
#[must_use = "a stale translation breaks the machine: hand this to Tlb::note"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flush(pub(crate) Option<Scope>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scope {
    /// The page in the address space with this directory for ring 3.
    Space(Frame, Page),
    /// All pages of the address space with this directory for ring 3.
    Whole(Frame),
    /// The page in all address spaces.
    AllSpaces(Page),
}

impl Flush {
    /// Nothing to flush.
    pub const NONE: Flush = Flush(None);
}

/// Returns whether a bit that is set in `old` is clear in `new`: a right, or A or D.
#[inline]
pub(super) fn lost_rights(old: Pte, new: Pte) -> bool {
    old.bits() & !new.bits() != 0
}

/// Returns whether a TLB may hold a translation from `old` that `new` contradicts.
///
/// An entry that was never used for a translation is in no TLB (SDM vol. 3, 4.10.2.3: only entries
/// with A set are cached), nor is one that is not present. An entry that only gains rights needs no
/// invalidation, since a missing right makes the CPU walk the tables again (4.10.4.3).
#[inline]
#[must_use]
pub fn contradicts(old: Pte, new: Pte) -> bool {
    let cached = old.has(PteFlags::PRESENT | PteFlags::ACCESSED);
    // Also if only A or D is cleared: from a cached translation the CPU would not set them again.
    let misleads = old.frame() != new.frame() || lost_rights(old, new);
    cached && misleads
}

/// Returns the invalidation of a page whose entry changed from `old` to `new`. It names the
/// directory for ring 3, since only that one's translations are in the TLB.
#[inline]
pub(super) fn contradicted(directory: &PageDirectory, page: Page, old: Pte, new: Pte) -> Flush {
    let scope = Scope::Space(directory.user_root(), page);
    Flush(contradicts(old, new).then_some(scope))
}
