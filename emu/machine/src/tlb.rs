//! TLB invalidation: the entries that may contradict the page tables.
//!
//! # Invariants
//! A [`Flush`] that concerns the current address space makes the CPU invalidate the page before it
//! resumes. One that concerns another space needs no action, since the CPU flushes its TLB whenever
//! it changes address spaces.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::addr::{Frame, Page};
use crate::paging::{Flush, Scope};

/// The most pages that are invalidated one by one; for more it is faster to flush everything.
const FEW: usize = 16;

/// The pending invalidations, shared by the CPU and the code that changes page tables.
///
/// # Examples
///
/// ```
/// use machine::addr::VirtAddr;
/// use machine::layout::Layout;
/// use machine::memory::PhysMemory;
/// use machine::paging::PageTables;
/// use machine::pte::PteFlags;
/// use machine::tlb::{Stale, Tlb};
///
/// let layout = Layout::new(8);
/// let mut tables = PageTables::new(PhysMemory::new(layout.total_frames())?, layout);
/// let (space, page) = (tables.create()?, VirtAddr(0x0804_8000).page());
/// let used = PteFlags::USER_WRITE | PteFlags::ACCESSED;
/// let tlb = Tlb::default();
/// tlb.switch_to(space.user_root());
/// assert_eq!(tlb.take_stale(), Stale::Everything);
///
/// // A new mapping contradicts nothing; taking a used one away does.
/// tlb.note(tables.map(&space, page, layout.first_user_frame(), used)?);
/// assert!(!tlb.is_due(page));
/// tlb.note(tables.unmap(&space, page).1);
/// assert_eq!(tlb.take_stale(), Stale::Pages(vec![page]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Debug)]
pub struct Tlb(Rc<State>);

#[derive(Default, Debug)]
struct State {
    current: Cell<Option<Frame>>,
    everything: Cell<bool>,
    pages: RefCell<Vec<Page>>,
}

/// What has to be invalidated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stale {
    /// All entries.
    Everything,
    /// The entries of these pages; there may be none.
    Pages(Vec<Page>),
}

impl Tlb {
    /// Records the invalidation that a changed entry requires.
    #[inline]
    pub fn note(&self, flush: Flush) {
        let page = match flush.0 {
            None => return,
            // A kernel page: its entry is global or in every directory, so it is in this space too.
            Some(Scope::AllSpaces(page)) => page,
            Some(Scope::Space(root, page)) if self.is_current(root) => page,
            Some(Scope::Whole(root)) if self.is_current(root) => {
                self.0.everything.set(true);
                return;
            }
            // The TLB has no entries of other spaces: `switch_to` has flushed them.
            Some(Scope::Space(..) | Scope::Whole(_)) => return,
        };
        let mut pages = self.0.pages.borrow_mut();
        if pages.len() == FEW {
            self.0.everything.set(true);
        } else {
            pages.push(page);
        }
    }

    fn is_current(&self, root: Frame) -> bool {
        self.0.current.get() == Some(root)
    }

    /// Sets the CPU's address space, by its root directory.
    pub fn switch_to(&self, root: Frame) {
        // A load of CR3 invalidates all entries that are not global (SDM vol. 3, 4.10.4.1).
        if self.0.current.replace(Some(root)) != Some(root) {
            self.0.everything.set(true);
        }
    }

    /// Records a load of CR3, which invalidates every entry.
    pub fn flush_everything(&self) {
        self.0.everything.set(true);
    }

    /// Returns whether a page will be invalidated before the CPU resumes.
    #[must_use]
    pub fn is_due(&self, page: Page) -> bool {
        self.0.everything.get() || self.0.pages.borrow().contains(&page)
    }

    /// Returns the pending invalidations.
    #[must_use]
    pub fn due(&self) -> Stale {
        match self.0.everything.get() {
            true => Stale::Everything,
            false => Stale::Pages(self.0.pages.borrow().clone()),
        }
    }

    /// Takes the pending invalidations, which the caller must carry out.
    #[must_use]
    pub fn take_stale(&self) -> Stale {
        let pages = self.0.pages.take();
        match self.0.everything.take() {
            true => Stale::Everything,
            false => Stale::Pages(pages),
        }
    }

    /// Drops the pending invalidations, because everything has been flushed.
    pub fn forget(&self) {
        self.0.everything.set(false);
        self.0.pages.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Frame = Frame::new(7);

    fn of(root: Frame, page: u32) -> Flush {
        Flush(Some(Scope::Space(root, Page::new(page))))
    }

    #[test]
    fn only_pages_of_the_current_space_are_flushed_and_many_at_once() {
        let tlb = Tlb::default();
        tlb.switch_to(HERE);
        assert_eq!(tlb.take_stale(), Stale::Everything);
        tlb.note(of(HERE, 1));
        tlb.note(of(Frame::new(8), 2));
        tlb.note(Flush(Some(Scope::AllSpaces(Page::new(3)))));
        let due = [1, 2, 3].map(|page| tlb.is_due(Page::new(page)));
        assert_eq!(due, [true, false, true]);
        assert_eq!(tlb.due(), Stale::Pages(vec![Page::new(1), Page::new(3)]));
        assert_eq!(
            tlb.take_stale(),
            Stale::Pages(vec![Page::new(1), Page::new(3)])
        );
        assert_eq!(tlb.take_stale(), Stale::Pages(vec![]));
        for page in 0..=FEW as u32 {
            tlb.note(of(HERE, page));
        }
        assert_eq!(tlb.take_stale(), Stale::Everything);
    }
}
