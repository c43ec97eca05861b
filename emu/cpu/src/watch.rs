//! Watchpoints and breakpoints as the hooks see them.
//!
//! # Invariants
//!
//! Watched pages are kept out of the TLB ("withheld"), except while that is lifted for a step.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::Access;

use crate::engine::{Engine, stop};
use crate::fill::EntryRights;

/// An access to watched bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The first byte that is watched and was accessed.
    pub addr: VirtAddr,
    /// The kind of accesses that are watched.
    pub kind: WatchKind,
}

/// The kind of accesses that are watched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WatchKind {
    /// Stores, even of the value that is there already.
    Write,
    /// Loads.
    Read,
    /// Both.
    Access,
}

/// Bytes of an address space that are watched. The program's own accesses count, not those that
/// the kernel makes for it in a system call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watch {
    /// The address space: its directory for ring 3.
    pub root: Frame,
    /// The addresses.
    pub bytes: Range<u32>,
    /// The accesses.
    pub kind: WatchKind,
}

/// The part of a debugger's requests that the hooks need.
#[derive(Default, Debug)]
pub(crate) struct Watcher {
    /// A breakpoint to skip once, since it was already reported.
    skip: Cell<Option<VirtAddr>>,
    /// Whether breakpoints are ignored, during a single step.
    ignore: Cell<bool>,
    /// Whether this run has reached a breakpoint.
    hit: Cell<bool>,
    watches: RefCell<Vec<Watch>>,
    /// Whether watched pages are withheld.
    withholding: Cell<bool>,
    /// Whether this run ended at an access to a withheld page.
    withheld: Cell<bool>,
}

impl Watcher {
    /// Replaces all watches.
    pub(crate) fn set_watches(&self, watches: Vec<Watch>) {
        self.watches.replace(watches);
        self.withhold();
    }

    /// Removes all watches of an address space.
    pub(crate) fn forget_space(&self, root: Frame) {
        self.watches.borrow_mut().retain(|watch| watch.root != root);
        self.withhold();
    }

    /// Clears what the last run has recorded.
    pub(crate) fn start(&self) {
        self.hit.set(false);
        self.withheld.set(false);
    }

    /// Returns whether this run has reached a breakpoint.
    pub(crate) fn hit_breakpoint(&self) -> bool {
        self.hit.get()
    }

    /// Returns whether this run ended at an access to a withheld page.
    pub(crate) fn met_withheld(&self) -> bool {
        self.withheld.get()
    }

    /// Returns whether an access must be examined before it is made, and records that.
    pub(crate) fn withholds(&self, root: Frame, page: Page, access: Access) -> bool {
        let withheld = self.withholding.get()
            && match access {
                Access::Fetch => false,
                Access::Read => self.is_watched(root, page, |kind| kind != WatchKind::Write),
                Access::Write => self.is_watched(root, page, |kind| kind != WatchKind::Read),
            };
        if withheld {
            self.withheld.set(true);
        }
        withheld
    }

    /// Removes from a TLB entry the rights to accesses that are watched.
    pub(crate) fn without_watched(
        &self,
        root: Frame,
        page: Page,
        rights: EntryRights,
    ) -> EntryRights {
        if !self.withholding.get() {
            return rights;
        }
        let mut rights = rights;
        if self.is_watched(root, page, |kind| kind != WatchKind::Write) {
            rights.remove(EntryRights::READ);
        }
        if self.is_watched(root, page, |kind| kind != WatchKind::Read) {
            rights.remove(EntryRights::WRITE);
        }
        rights
    }

    /// Returns the first watch for which `access` finds an access.
    pub(crate) fn hit(
        &self,
        root: Frame,
        mut access: impl FnMut(&Range<u32>, WatchKind) -> Option<VirtAddr>,
    ) -> Option<Watched> {
        let watches = self.watches.borrow();
        let mut here = watches.iter().filter(|watch| watch.root == root);
        here.find_map(|watch| {
            let addr = access(&watch.bytes, watch.kind)?;
            let kind = watch.kind;
            Some(Watched { addr, kind })
        })
    }

    /// Makes the next run skip a breakpoint at `addr` once.
    pub(crate) fn set_skip(&self, addr: Option<VirtAddr>) {
        self.skip.set(addr);
    }

    /// Returns whether the breakpoint to be skipped has not been reached.
    pub(crate) fn still_skips(&self) -> bool {
        self.skip.get().is_some()
    }

    /// Sets whether breakpoints are ignored.
    pub(crate) fn set_ignore(&self, ignore: bool) {
        self.ignore.set(ignore);
    }

    /// Allows all accesses until [`Watcher::withhold`].
    pub(crate) fn lift(&self) {
        self.withholding.set(false);
    }

    /// Returns whether watched pages are withheld.
    pub(crate) fn is_withholding(&self) -> bool {
        self.withholding.get()
    }

    /// Keeps watched pages out of the TLB.
    pub(crate) fn withhold(&self) {
        self.withholding.set(!self.watches.borrow().is_empty());
    }

    fn is_watched(&self, root: Frame, page: Page, kind: impl Fn(WatchKind) -> bool) -> bool {
        let bytes = page.start().0..=page.start().0 | 0xfff;
        self.watches.borrow().iter().any(|watch| {
            watch.root == root
                && kind(watch.kind)
                && watch.bytes.start <= *bytes.end()
                && watch.bytes.end > *bytes.start()
        })
    }

    /// Handles the arrival at a breakpoint.
    pub(crate) fn at_breakpoint(&self, engine: &mut Engine, addr: VirtAddr) {
        if self.ignore.get() {
            return;
        }
        if self.skip.get() == Some(addr) {
            self.skip.set(None);
            return;
        }
        self.hit.set(true);
        stop(engine);
    }
}
