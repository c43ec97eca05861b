//! What happens when the TLB misses: the walk, and the entry that is handed out.
//!
//! What always holds: an entry allows what the page tables allow and the state of its frame lets be
//! seen ([`crate::fill`]); before one that can execute is handed out its page has been looked at for
//! what the emulator must not translate; and a frame that has both code and stores has each store
//! looked at.

use std::rc::Rc;

use unicorn_engine::{HookType, Prot, TlbEntry};

use crate::addr::{Frame, PAGE_SIZE, Page, PhysAddr};
use crate::cuts::Change;
use crate::engine::{Engine, flush_tlb, stop};
use crate::exception::Exception;
use crate::fill::{EntryRights, OldEntries, after, entry_rights};
use crate::hazard::{Extent, Surroundings, completes_hazard, is_at_border};
use crate::memory::FrameUse;
use crate::mmu::{Access, PageFaultCode, Ring, Translation, probe, translate};
use crate::shared::{Miss, Shared};

impl Shared {
    /// The TLB misses: walks the page tables and gives the entry, or takes note of the fault.
    pub fn fill(
        self: &Rc<Shared>,
        engine: &mut Engine,
        page: Page,
        access: Access,
    ) -> Option<TlbEntry> {
        if let Some(frame) = self.window.get() {
            return Some(tlb_entry(frame, EntryRights::READ | EntryRights::EXEC));
        }
        if self.trap.borrow().is_some() {
            return None;
        }
        if self.watcher.withholds(self.root.get(), page, access) {
            return None;
        }
        match self.walk(engine, page, access) {
            Ok(found) => Some(self.entry(engine, page, &found, access)),
            Err(code) => {
                // Looking for translations to drop, the emulator may miss again at the end.
                if self.miss.get().is_none() {
                    self.miss.set(Some(Miss { page, access, code }));
                }
                None
            }
        }
    }

    fn walk(
        &self,
        engine: &Engine,
        page: Page,
        access: Access,
    ) -> Result<Translation, PageFaultCode> {
        let walk = |ring| translate(&self.memory, self.root.get(), page.start(), access, ring);
        walk(self.ring.get()).or_else(|code| {
            // The hardware reads descriptors with the rights of ring 0, whoever loads a segment;
            // the program may not read them, even by the operand of the same instruction.
            let descriptor = page == self.descriptors
                && access == Access::Read
                && !self.is_operand(engine, page, access);
            if descriptor {
                walk(Ring::Kernel)
            } else {
                Err(code)
            }
        })
    }

    /// Whether the instruction at EIP itself accesses a page so.
    fn is_operand(&self, engine: &Engine, page: Page, access: Access) -> bool {
        let instruction = self.instruction(engine);
        instruction.is_some_and(|one| self.first_accessed(engine, &one, page, access).is_some())
    }

    fn entry(
        self: &Rc<Shared>,
        engine: &mut Engine,
        page: Page,
        found: &Translation,
        access: Access,
    ) -> TlbEntry {
        let before = self.memory.frame_use(found.frame);
        let (state, old) = after(before, access);
        self.memory.set_frame_use(found.frame, state);
        if old == OldEntries::MustGo {
            flush_tlb(engine);
            // A watch slows all memory accesses down. The code that boots is our own.
            if self.ring.get() == Ring::User {
                self.watch_stores(engine, found.frame);
            }
        }
        let rights = entry_rights(state, found);
        if rights.contains(EntryRights::EXEC) {
            self.stop_at_hazards(engine, page, found.frame, before);
        }
        let root = self.root.get();
        tlb_entry(
            found.frame,
            self.watcher.without_watched(root, page, rights),
        )
    }

    /// Looks at each store into a frame with code, lest it complete a hazard: that ends the
    /// program at once, since the emulator may translate what was stored before it asks again. Or it
    /// may make a page of code dense.
    fn watch_stores(self: &Rc<Shared>, engine: &mut Engine, frame: Frame) {
        let shared = Rc::downgrade(self);
        let (begin, end) = (frame.start().0, frame.start().0 + (PAGE_SIZE - 1));
        let hook = engine.add_mem_hook(
            HookType::MEM_WRITE,
            begin.into(),
            end.into(),
            move |engine, _, at, bytes, value| {
                let shared = shared.upgrade().expect("the CPU outlives its engine");
                let value = &value.to_le_bytes()[..bytes.min(8)];
                shared.on_store(engine, PhysAddr(at as u32), value);
                true
            },
        );
        let hook = hook.expect("the host has memory for a hook");
        self.watched.borrow_mut().insert(frame, hook);
    }

    /// A program stores into a frame with code. The emulator holds on to the entry that it stores
    /// through, so that the TLB cannot be flushed here.
    fn on_store(&self, engine: &mut Engine, at: PhysAddr, value: &[u8]) {
        if completes_hazard(&self.memory, at, value) {
            self.trap(engine, Exception::InvalidOpcode);
        }
        if self.cuts.note_store(at.frame(), value) || is_at_border(at, value.len()) {
            self.look_again.set(Some(self.counter.done()));
            stop(engine);
        }
    }

    /// Lets nothing be translated from a page at which the translator would abort.
    fn stop_at_hazards(&self, engine: &mut Engine, page: Page, frame: Frame, before: FrameUse) {
        let extent = match before {
            FrameUse::Code => Extent::Borders,
            FrameUse::Fresh | FrameUse::Data | FrameUse::Mixed => Extent::Whole,
        };
        let beside = |page: Page| {
            let root = self.root.get();
            let found = probe(&self.memory, root, page.start(), Access::Fetch, Ring::User);
            found.ok().map(|found| found.frame)
        };
        let around = Surroundings {
            memory: &self.memory,
            page: page.start(),
            before: page.number().checked_sub(1).map(Page::new).and_then(beside),
            frame,
            after: page.checked_add(1).and_then(beside),
        };
        let hazards = self.hazards.inspect(&around, extent);
        let cuts = self.cuts.inspect(&self.memory, page.start(), frame, extent);
        if cuts == Change::Others {
            flush_tlb(engine);
        }
        if hazards || cuts != Change::None {
            self.apply_stops(engine);
        }
    }
}

fn tlb_entry(frame: Frame, rights: EntryRights) -> TlbEntry {
    TlbEntry {
        paddr: frame.start().0.into(),
        perms: Prot(rights.bits()),
    }
}
