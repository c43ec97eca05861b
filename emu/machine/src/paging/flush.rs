//! What a change of an entry means for the TLB.

use super::PageDirectory;
use crate::addr::{Frame, Page};
use crate::pte::{Pte, PteFlags};

/// What a changed entry means for the TLB: of which page, in which address space, it may hold a
/// translation that contradicts it.
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

/// Whether `new` lacks something that `old` allowed or remembered.
#[inline]
pub(super) fn lost_rights(old: Pte, new: Pte) -> bool {
    old.bits() & !new.bits() != 0
}

/// Whether a TLB may hold something of `old` that `new` contradicts.
///
/// An entry that was never used for a translation is in no TLB (SDM vol. 3, 4.10.2.3: caching
/// needs the accessed flag), one that is not present neither; and one that only gains rights
/// cannot mislead, since a missing right makes the CPU walk the tables again (4.10.4.3).
#[inline]
pub fn contradicts(old: Pte, new: Pte) -> bool {
    let cached = old.has(PteFlags::PRESENT | PteFlags::ACCESSED);
    let misleads = old.frame() != new.frame() || lost_rights(old, new);
    cached && misleads
}

/// What a TLB may hold of `old` once the entry is `new`.
#[inline]
pub(super) fn contradicted(directory: &PageDirectory, page: Page, old: Pte, new: Pte) -> Flush {
    let scope = Scope::Space(directory.user_root(), page);
    Flush(contradicts(old, new).then_some(scope))
}
