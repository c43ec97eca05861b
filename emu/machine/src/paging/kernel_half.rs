//! The kernel's half of the address spaces, and the part of it in the directories on which ring 3
//! runs.
//!
//! # Invariants
//! Where the kernel's half is isolated, a directory of ring 3 has a single page of it, the entry
//! page, and no self-map. No kernel page is global then, since a global translation would survive
//! the load of CR3 on the way back to ring 3 (SDM vol. 3, 4.10.4.1).

use super::{
    Flush, KERNEL_FIRST, KernelHalf, PageDirectory, PageTables, SELF_ENTRY, Scope, TABLE, slot,
};
use crate::addr::{Frame, Page};
use crate::layout::{KERNEL_DYNAMIC, SELF_MAP};
use crate::pte::{Pte, PteFlags};

impl PageTables {
    /// Returns how much of the kernel's half is mapped in ring 3.
    #[must_use]
    pub fn kernel_half(&self) -> KernelHalf {
        match self.entry_table {
            None => KernelHalf::Shared,
            Some(_) => KernelHalf::Isolated,
        }
    }

    /// Returns the entry page: the frame with all that the CPU itself accesses while it is in ring
    /// 3. That is its descriptor tables (the GDT when a program loads a segment register, the TSS
    /// when it accesses a port) and the stack on which an interrupt enters the kernel. It is zeroed
    /// at first. Ring 3's directories map it at its alias too, supervisor only.
    #[must_use]
    pub fn entry_page(&self) -> Frame {
        self.entry_page
    }

    /// Adds a mapping to the kernel's half, above the aliases of RAM, in all address spaces at
    /// once.
    ///
    /// # Panics
    /// If the page is not in the part of the kernel's half for such mappings.
    pub fn map_kernel(&mut self, page: Page, frame: Frame, flags: PteFlags) -> Flush {
        assert!(
            (KERNEL_DYNAMIC.page()..SELF_MAP.page()).contains(&page),
            "kernel page {page}"
        );
        assert!(
            !flags.contains(PteFlags::USER),
            "the kernel's half is supervisor only"
        );
        let table = self
            .load(slot(self.boot.root(), page.directory_index()))
            .frame();
        self.store(
            slot(table, page.table_index()),
            Pte::new(frame, self.kernel_flags(flags | PteFlags::PRESENT)),
        );
        Flush(Some(Scope::AllSpaces(page)))
    }

    /// Removes a mapping from the kernel's half. Returns the old entry.
    ///
    /// # Panics
    /// As [`PageTables::map_kernel`].
    pub fn unmap_kernel(&mut self, page: Page) -> (Pte, Flush) {
        assert!(
            (KERNEL_DYNAMIC.page()..SELF_MAP.page()).contains(&page),
            "kernel page {page}"
        );
        let table = self
            .load(slot(self.boot.root(), page.directory_index()))
            .frame();
        let at = slot(table, page.table_index());
        let old = self.load(at);
        self.store(at, Pte::EMPTY);
        (old, Flush(Some(Scope::AllSpaces(page))))
    }

    /// Returns the entry of a frame's kernel alias, with its own A and D bits; `None` for high
    /// memory.
    #[inline]
    #[must_use]
    pub fn alias_entry(&self, frame: Frame) -> Option<Pte> {
        self.layout
            .alias(frame)
            .map(|page| self.entry(&self.boot, page))
    }

    /// Changes the flags of a frame's alias. Returns the old entry; `None` for high memory.
    #[inline]
    pub fn update_alias(
        &mut self,
        frame: Frame,
        change: impl FnOnce(Pte) -> Pte,
    ) -> Option<(Pte, Flush)> {
        let page = self.layout.alias(frame)?;
        let boot = PageDirectory::whole(self.boot.root());
        Some(self.update(&boot, page, change))
    }

    /// Checks that ring 3's directory of an address space has the page tables of the user's half,
    /// and no more of the kernel's half than it may.
    ///
    /// # Panics
    /// If the check fails, which only a bug can cause.
    pub fn check_user_directory(&self, directory: &PageDirectory) {
        let Some(entry_table) = self.entry_table else {
            return assert_eq!(directory.user_root(), directory.root(), "one directory");
        };
        for index in 0..=SELF_ENTRY {
            let entry = self.user_directory_entry(directory, index);
            let expected = match index {
                0..KERNEL_FIRST => self.directory_entry(directory, index),
                _ if index == self.entry_index() => Pte::new(entry_table, TABLE),
                _ => Pte::EMPTY,
            };
            // The hardware sets A only in the directory that it walks.
            let known = |entry: Pte| entry.without(PteFlags::ACCESSED);
            assert_eq!(known(entry), known(expected), "directory entry {index}");
        }
        let [(page, entry)] = self.entries(self.entry_index(), entry_table)[..] else {
            panic!("ring 3 has other pages of the kernel's than the entry page");
        };
        assert_eq!(self.layout.alias(self.entry_page), Some(page));
        assert_eq!(entry.frame(), self.entry_page);
        assert!(!entry.has(PteFlags::USER), "the entry page is the kernel's");
    }

    /// Creates the page tables of the kernel's half, with the aliases of RAM in them.
    pub(super) fn build_kernel_half(&mut self, half: KernelHalf) {
        self.boot = PageDirectory::whole(self.reserve_at_boot());
        // First, since `kernel_flags` depends on it.
        self.entry_table = match half {
            KernelHalf::Shared => None,
            KernelHalf::Isolated => Some(self.reserve_at_boot()),
        };
        let root = self.boot.root();
        for index in KERNEL_FIRST..SELF_ENTRY {
            let aliases = index < KERNEL_DYNAMIC.page().directory_index();
            let first = ((index - KERNEL_FIRST) * 1024) as u32;
            // Tables for run-time mappings exist from the start: a new one would have to be entered
            // into every directory.
            if aliases && first >= self.layout.low_frames() {
                continue;
            }
            let table = self.reserve_at_boot();
            self.store(slot(root, index), Pte::new(table, TABLE));
            if aliases {
                let last = self.layout.low_frames().min(first + 1024);
                let flags = self.kernel_flags(PteFlags::KERNEL);
                for frame in (first..last).map(Frame::new) {
                    let at = slot(table, (frame.number() - first) as usize);
                    self.store(at, Pte::new(frame, flags));
                }
            }
        }
        self.store(slot(root, SELF_ENTRY), Pte::new(root, TABLE));
        self.entry_page = self.reserve_at_boot();
        if let Some(entry_table) = self.entry_table {
            let flags = self.kernel_flags(PteFlags::KERNEL);
            let at = slot(entry_table, self.entry_alias().table_index());
            self.store(at, Pte::new(self.entry_page, flags));
        }
    }

    /// Returns the index of the directory entry that covers the entry page.
    pub(super) fn entry_index(&self) -> usize {
        self.entry_alias().directory_index()
    }

    fn entry_alias(&self) -> Page {
        let alias = self.layout.alias(self.entry_page);
        alias.expect("the kernel's frames have aliases")
    }

    /// Returns the flags for an entry of the kernel's half, without G if that is isolated.
    fn kernel_flags(&self, flags: PteFlags) -> PteFlags {
        match self.kernel_half() {
            KernelHalf::Shared => flags,
            KernelHalf::Isolated => flags.difference(PteFlags::GLOBAL),
        }
    }

    fn reserve_at_boot(&mut self) -> Frame {
        let frame = self.reserve();
        frame.expect("the layout has room for the kernel's tables")
    }
}
