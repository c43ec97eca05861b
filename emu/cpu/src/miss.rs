//! TLB misses: the page-table walk, and the entry that is filled.
//!
//! # Invariants
//! An entry grants what the page tables grant, as far as the use of its frame permits
//! ([`crate::fill`]).

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::{Access, Ring, Translation, translate};
use unicorn_engine::{Prot, TlbEntry};

use crate::engine::{Engine, flush_tlb};
use crate::fill::{EntryRights, Fill, OldEntries, after, entry_rights};
use crate::shared::{Miss, Shared};

impl Shared {
    /// Handles a TLB miss: walks the page tables and returns the entry, or records the fault.
    pub(crate) fn fill(
        &self,
        engine: &mut Engine,
        addr: VirtAddr,
        access: Access,
        ring: Ring,
    ) -> Option<TlbEntry> {
        // While breakpoints are removed: the emulator looks for code by address, and a walk for
        // that would set A bits.
        if let Some(frame) = self.window.get() {
            return Some(tlb_entry(frame, EntryRights::READ | EntryRights::EXEC));
        }
        let (root, page) = (self.root.get(), addr.page());
        // Before the walk: A and D are set when the access is made, not when it is looked at.
        if self.watcher.withholds(root, page, access) {
            return None;
        }
        match translate(&self.memory, root, page.start(), access, ring) {
            Ok(found) => Some(self.entry(engine, page, &found, access)),
            Err(code) => {
                self.miss.set(Some(Miss { addr, access, code }));
                None
            }
        }
    }

    /// Returns the TLB entry for a translation, after updating the use of its frame.
    fn entry(
        &self,
        engine: &mut Engine,
        page: Page,
        found: &Translation,
        access: Access,
    ) -> TlbEntry {
        let (state, old) = after(self.memory.frame_use(found.frame), access);
        self.memory.set_frame_use(found.frame, state);
        // Before this entry is filled. Other pages, also of other address spaces, may map the
        // frame, and there is no reverse map in the CPU.
        if old == OldEntries::MustGo {
            flush_tlb(engine);
        }
        let rights = entry_rights(state, found);
        let rights = self.watcher.without_watched(self.root.get(), page, rights);
        if let Some(listener) = self.fills.get().filter(|_| page.start().is_user()) {
            let can_store = rights.contains(EntryRights::WRITE);
            let frame = found.frame;
            listener(
                &self.memory,
                Fill {
                    page,
                    frame,
                    can_store,
                },
            );
        }
        tlb_entry(found.frame, rights)
    }
}

fn tlb_entry(frame: Frame, rights: EntryRights) -> TlbEntry {
    TlbEntry {
        paddr: frame.start().0.into(),
        perms: Prot(rights.bits()),
    }
}
