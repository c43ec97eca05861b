//! What is watched and which breakpoints are passed, as the hooks see it.
//!
//! # Invariants
//!
//! What is watched is withheld from the TLB unless a debugger lifted that.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::Access;

use crate::engine::{Engine, stop};
use crate::fill::EntryRights;

/// An access that was watched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watched {
    /// The first byte that is watched and was accessed.
    pub addr: VirtAddr,
    /// What was watched for.
    pub kind: WatchKind,
}

/// Which accesses are watched for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WatchKind {
    /// Stores, also of the value that is there already.
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

/// What the hooks know of a debugger's wishes.
#[derive(Default)]
pub struct Watcher {
    /// A breakpoint that is to be passed once, since the debugger was told of it.
    skip: Cell<Option<VirtAddr>>,
    /// Whether breakpoints are passed, as one instruction alone is executed.
    ignore: Cell<bool>,
    /// Whether this run has come to a breakpoint.
    hit: Cell<bool>,
    watches: RefCell<Vec<Watch>>,
    /// Whether anything is watched and nothing may be accessed unseen.
    withholding: Cell<bool>,
    /// Whether this run ended at an access to a page that is withheld.
    withheld: Cell<bool>,
}

impl Watcher {
    /// Watches all these from now on, and nothing else.
    pub fn set_watches(&self, watches: Vec<Watch>) {
        self.watches.replace(watches);
        self.withhold();
    }

    /// Watches nothing of an address space any more.
    pub fn forget_space(&self, root: Frame) {
        self.watches.borrow_mut().retain(|watch| watch.root != root);
        self.withhold();
    }

    /// Forgets what the last run came to.
    pub fn start(&self) {
        self.hit.set(false);
        self.withheld.set(false);
    }

    /// Whether this run has come to a breakpoint.
    pub fn hit_breakpoint(&self) -> bool {
        self.hit.get()
    }

    /// Whether this run ended at an access to a page that is withheld.
    pub fn met_withheld(&self) -> bool {
        self.withheld.get()
    }

    /// Whether an access has to be looked at before it is made; that is noted.
    pub fn withholds(&self, root: Frame, page: Page, access: Access) -> bool {
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

    /// The rights that a TLB entry may have while accesses to its page are watched.
    pub fn without_watched(&self, root: Frame, page: Page, rights: EntryRights) -> EntryRights {
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

    /// The first watch that `access` finds an access for.
    pub fn hit(
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

    /// Lets the next run pass a breakpoint at `addr` once.
    pub fn set_skip(&self, addr: Option<VirtAddr>) {
        self.skip.set(addr);
    }

    /// Whether a breakpoint that was to be passed was not come to.
    pub fn still_skips(&self) -> bool {
        self.skip.get().is_some()
    }

    /// Lets breakpoints be passed, or not.
    pub fn set_ignore(&self, ignore: bool) {
        self.ignore.set(ignore);
    }

    /// Lets accesses be made unseen, until they are withheld again.
    pub fn lift(&self) {
        self.withholding.set(false);
    }

    /// Whether accesses are withheld.
    pub fn is_withholding(&self) -> bool {
        self.withholding.get()
    }

    /// Withholds what is watched.
    pub fn withhold(&self) {
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

    /// The emulator has come to an address with a breakpoint.
    pub fn at_breakpoint(&self, engine: &mut Engine, addr: VirtAddr) {
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
