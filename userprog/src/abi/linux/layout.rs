//! Where the parts of a Linux program are that may be in several places.
//!
//! ```text
//! 0xc0000000  stack, its first word up to 4 KiB further down
//! 0xbf800000  interpreter and mappings, from here or up to 1 MiB further down
//!             ...
//!             heap: where the program ends, or up to 1 MiB behind that
//! 0x56555000  a position-independent program, or up to 1 MiB behind that
//! ```
//!
//! # Invariants
//! Without a seed each part is always in its first place; with one the places follow from it, and from how many
//! programs have begun before.

use machine::addr::{KERNEL_BASE, PAGE_SIZE, Page};
use machine::random::SplitMix;

use crate::elf::Placement;

/// The page behind the highest mapping, where the stack's room begins.
const CEILING: Page = Page::new(KERNEL_BASE.page().number() - 8 * 1024 * 1024 / PAGE_SIZE);
/// Pages by which a part can be somewhere else: as many as in Linux for programs of 32 bits.
const PAGES: u64 = 256;
/// What the stack pointer is a multiple of.
const STACK_STEP: u64 = 16;

/// The places of a program's parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    /// Where a position-independent program goes.
    pub program: Placement,
    /// The page behind the highest mapping.
    pub ceiling: Page,
    /// Bytes between the program and its heap, whole pages.
    pub heap_gap: u32,
    /// Bytes that stay free at the stack's end.
    pub stack_gap: u32,
}

impl Layout {
    /// Each part in its first place.
    pub(crate) const FIRST: Layout = Layout {
        program: Placement::FIRST,
        ceiling: CEILING,
        heap_gap: 0,
        stack_gap: 0,
    };

    /// Places that follow from the next numbers.
    pub(crate) fn random(random: &mut SplitMix) -> Layout {
        let mut below = |limit: u64| (random.next_u64() % limit) as u32;
        let mut pages = || below(PAGES);
        let [program, mappings, heap] = [(); 3].map(|()| pages());
        Layout {
            program: Placement::From(Placement::FIRST_PAGE + program * PAGE_SIZE),
            ceiling: Page::new(CEILING.number() - mappings),
            heap_gap: heap * PAGE_SIZE,
            stack_gap: below(u64::from(PAGE_SIZE) / STACK_STEP) * STACK_STEP as u32,
        }
    }

    /// Where the interpreter goes.
    pub(crate) fn interpreter(self) -> Placement {
        Placement::UpTo(self.ceiling.start().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_leads_to_the_same_places_and_another_to_others() {
        let of = |seed: u64| {
            let mut random = SplitMix::new(seed);
            [(); 8].map(|()| Layout::random(&mut random))
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        for layout in of(7) {
            assert!(layout.ceiling <= CEILING && layout.ceiling.number() > CEILING.number() - 256);
            assert!(layout.stack_gap < PAGE_SIZE && layout.stack_gap.is_multiple_of(16));
            assert!(layout.heap_gap.is_multiple_of(PAGE_SIZE));
        }
    }
}
