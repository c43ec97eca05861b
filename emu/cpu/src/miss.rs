//! What happens when the TLB misses: the walk, and the entry that is handed out.
//!
//! # Invariants
//! An entry allows what the page tables allow and the state of its frame lets be seen
//! ([`crate::fill`]).

use machine::addr::{Frame, Page, VirtAddr};
use machine::mmu::{Access, Ring, Translation, translate};
use unicorn_engine::{Prot, TlbEntry};

use crate::engine::{Engine, flush_tlb};
use crate::fill::{EntryRights, OldEntries, after, entry_rights};
use crate::shared::{Miss, Shared};

impl Shared {
    /// The TLB misses: walks the page tables and gives the entry, or takes note of the fault.
    pub fn fill(
        &self,
        engine: &mut Engine,
        addr: VirtAddr,
        access: Access,
        ring: Ring,
    ) -> Option<TlbEntry> {
        if let Some(frame) = self.window.get() {
            return Some(tlb_entry(frame, EntryRights::READ | EntryRights::EXEC));
        }
        let (root, page) = (self.root.get(), addr.page());
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

    fn entry(
        &self,
        engine: &mut Engine,
        page: Page,
        found: &Translation,
        access: Access,
    ) -> TlbEntry {
        let (state, old) = after(self.memory.frame_use(found.frame), access);
        self.memory.set_frame_use(found.frame, state);
        if old == OldEntries::MustGo {
            flush_tlb(engine);
        }
        let rights = entry_rights(state, found);
        let rights = self.watcher.without_watched(self.root.get(), page, rights);
        tlb_entry(found.frame, rights)
    }
}

fn tlb_entry(frame: Frame, rights: EntryRights) -> TlbEntry {
    TlbEntry {
        paddr: frame.start().0.into(),
        perms: Prot(rights.bits()),
    }
}
