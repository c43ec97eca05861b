//! Page directories and page tables in RAM, in the format of 32-bit paging (SDM vol. 3, 4.3).
//!
//! What always holds:
//! - The kernel's half of every directory (entries 768 to 1022) is the same set of page tables,
//!   made at boot: a mapping added there shows in every address space at once. Supervisor only.
//! - Entry 1023 of a directory names the directory itself ([`crate::layout::SELF_MAP`]).
//! - A page table of the user's half exists exactly while one of its entries is in use, so a
//!   directory has the entries that its resident pages need and no others.
//! - Free kernel frames hold zeros.
//! - A change that a TLB could contradict comes back as a [`Flush`] that must be dealt with.

use thiserror::Error;

use crate::addr::{Frame, KERNEL_BASE, PAGE_SIZE, Page, PhysAddr};
use crate::layout::{KERNEL_DYNAMIC, Layout, SELF_MAP};
use crate::memory::PhysMemory;
use crate::pte::{Pte, PteFlags};

/// First directory entry of the kernel's half.
const KERNEL_FIRST: usize = KERNEL_BASE.page().directory_index();
/// The directory entry of the recursive self-map.
const SELF_ENTRY: usize = SELF_MAP.page().directory_index();
const TABLE: PteFlags = PteFlags::PRESENT.union(PteFlags::WRITABLE);

/// The kernel pool has no frame left for a directory or page table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("out of kernel memory for page tables")]
pub struct OutOfTables;

/// What a changed entry means for the TLB: of which page, in which address space, it may hold a
/// translation that contradicts it.
#[must_use = "a stale translation breaks the machine: hand this to Tlb::note"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flush(pub(crate) Option<Scope>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scope {
    /// The page in the address space with this directory.
    Space(Frame, Page),
    /// All pages of the address space with this directory.
    Whole(Frame),
    /// The page in all address spaces.
    AllSpaces(Page),
}

impl Flush {
    /// Nothing to flush.
    pub const NONE: Flush = Flush(None);
}

/// A page directory. It owns its frame and its page tables until [`PageTables::destroy`].
#[derive(PartialEq, Eq, Debug)]
pub struct PageDirectory {
    root: Frame,
}

impl PageDirectory {
    /// The frame of the directory: what CR3 is set to.
    pub fn root(&self) -> Frame {
        self.root
    }
}

/// All page directories and page tables of the machine, and the kernel frames they live in.
pub struct PageTables {
    memory: PhysMemory,
    layout: Layout,
    free: Vec<Frame>,
    /// For each kernel frame that is a page table of a user's half: its entries in use.
    in_use: Box<[u16]>,
    /// The directory from which each new one takes its kernel half.
    boot: PageDirectory,
    /// Changes of entries of the user's half since they were last taken, if anyone wants them.
    journal: Option<Vec<Change>>,
}

/// A change that the kernel made to the entry of a user's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// The frame of the directory.
    pub root: Frame,
    /// The page.
    pub page: Page,
    /// The entry before.
    pub old: Pte,
    /// The entry after.
    pub new: Pte,
}

impl PageTables {
    /// Builds the kernel's half in empty RAM.
    ///
    /// # Panics
    /// If `memory` does not have the frames that `layout` wants.
    pub fn new(memory: PhysMemory, layout: Layout) -> PageTables {
        assert_eq!(memory.frames(), layout.total_frames());
        let free = (0..layout.kernel_frames()).rev().map(Frame::new).collect();
        let in_use = vec![0; layout.kernel_frames() as usize].into();
        let boot = PageDirectory {
            root: Frame::new(0),
        };
        let mut tables = PageTables {
            memory,
            layout,
            free,
            in_use,
            boot,
            journal: None,
        };
        tables.build_kernel_half();
        tables
    }

    /// The machine's division of RAM.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The RAM that the tables lie in.
    pub fn memory(&self) -> &PhysMemory {
        &self.memory
    }

    /// The directory that only has the kernel's half.
    pub fn boot_directory(&self) -> &PageDirectory {
        &self.boot
    }

    /// Free frames of the kernel pool.
    pub fn free_frames(&self) -> usize {
        self.free.len()
    }

    /// Takes a zeroed frame of the kernel pool for good, for the CPU's own tables.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is none.
    pub fn reserve(&mut self) -> Result<Frame, OutOfTables> {
        self.free.pop().ok_or(OutOfTables)
    }

    /// A new directory with the kernel's half and an empty user's half.
    ///
    /// # Errors
    /// [`OutOfTables`] if the kernel pool is used up.
    pub fn create(&mut self) -> Result<PageDirectory, OutOfTables> {
        let root = self.reserve()?;
        for index in KERNEL_FIRST..SELF_ENTRY {
            let shared = self.memory.read_u32(slot(self.boot.root, index));
            self.memory.write_u32(slot(root, index), shared);
        }
        self.store(slot(root, SELF_ENTRY), Pte::new(root, TABLE));
        Ok(PageDirectory { root })
    }

    /// Gives back a directory and what is left of its user's half.
    ///
    /// The frames its entries name are not touched: the frame table knows about them.
    pub fn destroy(&mut self, directory: PageDirectory) -> Flush {
        for index in 0..KERNEL_FIRST {
            let entry = self.load(slot(directory.root, index));
            if entry.is_present() {
                self.in_use[entry.frame().index()] = 0;
                self.give_back(entry.frame());
            }
        }
        self.give_back(directory.root);
        Flush(Some(Scope::Whole(directory.root)))
    }

    /// The entry of a page; [`Pte::EMPTY`] where there is no page table.
    #[inline]
    pub fn entry(&self, directory: &PageDirectory, page: Page) -> Pte {
        match self.table(directory, page) {
            Some(table) => self.load(slot(table, page.table_index())),
            None => Pte::EMPTY,
        }
    }

    /// Points a user's page to a frame, in the place of whatever it pointed to. If that was the
    /// same frame, A and D stay as they are.
    ///
    /// # Errors
    /// [`OutOfTables`] if it needs a page table and the kernel pool is used up; nothing changed.
    ///
    /// # Panics
    /// If the page is the kernel's or `flags` are not those of a present user page.
    pub fn map(
        &mut self,
        directory: &PageDirectory,
        page: Page,
        frame: Frame,
        flags: PteFlags,
    ) -> Result<Flush, OutOfTables> {
        assert!(
            page.is_user() && flags.contains(PteFlags::USER_READ),
            "map {page} {flags:?}"
        );
        let table = match self.table(directory, page) {
            Some(table) => table,
            None => self.add_table(directory, page)?,
        };
        let at = slot(table, page.table_index());
        let old = self.load(at);
        if !old.is_present() {
            self.in_use[table.index()] += 1;
        }
        let known = PteFlags::ACCESSED.union(PteFlags::DIRTY);
        let kept = match old.is_present() && old.frame() == frame {
            true => old.flags() & known,
            false => PteFlags::empty(),
        };
        let new = Pte::new(frame, flags | kept);
        self.store(at, new);
        self.note(directory, page, old, new);
        Ok(contradicted(directory, page, old, new))
    }

    /// Empties the entry of a user's page. Gives the old entry, with the A and D bits that the
    /// caller must not lose; [`Pte::EMPTY`] if nothing was mapped.
    pub fn unmap(&mut self, directory: &PageDirectory, page: Page) -> (Pte, Flush) {
        assert!(page.is_user(), "unmap {page}");
        let Some(table) = self.table(directory, page) else {
            return (Pte::EMPTY, Flush::NONE);
        };
        let at = slot(table, page.table_index());
        let old = self.load(at);
        if old.is_present() {
            self.store(at, Pte::EMPTY);
            self.note(directory, page, old, Pte::EMPTY);
            self.in_use[table.index()] -= 1;
            if self.in_use[table.index()] == 0 {
                self.store(slot(directory.root, page.directory_index()), Pte::EMPTY);
                self.free.push(table); // all its entries are empty, so it holds zeros
            }
        }
        (old, contradicted(directory, page, old, Pte::EMPTY))
    }

    /// Sets the flags of a present entry to what `change` makes of them; does nothing to an
    /// entry that is not present. Gives the old entry.
    pub fn update(
        &mut self,
        directory: &PageDirectory,
        page: Page,
        change: impl FnOnce(Pte) -> Pte,
    ) -> (Pte, Flush) {
        let Some(table) = self.table(directory, page) else {
            return (Pte::EMPTY, Flush::NONE);
        };
        let at = slot(table, page.table_index());
        let old = self.load(at);
        if !old.is_present() {
            return (old, Flush::NONE);
        }
        let new = change(old);
        assert!(
            new.is_present() && new.frame() == old.frame(),
            "update keeps page and frame"
        );
        self.store(at, new);
        let flush = match page.is_user() {
            true => {
                self.note(directory, page, old, new);
                contradicted(directory, page, old, new)
            }
            false => Flush(lost_rights(old, new).then_some(Scope::AllSpaces(page))),
        };
        (old, flush)
    }

    /// Adds a mapping to the kernel's half, above the aliases of RAM, for all address spaces at
    /// once.
    ///
    /// # Panics
    /// If the page is not in the part of the kernel's half meant for it.
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
            .load(slot(self.boot.root, page.directory_index()))
            .frame();
        self.store(
            slot(table, page.table_index()),
            Pte::new(frame, flags | PteFlags::PRESENT),
        );
        Flush(Some(Scope::AllSpaces(page)))
    }

    /// Takes a mapping out of the kernel's half again. Gives the old entry.
    ///
    /// # Panics
    /// As [`PageTables::map_kernel`].
    pub fn unmap_kernel(&mut self, page: Page) -> (Pte, Flush) {
        assert!(
            (KERNEL_DYNAMIC.page()..SELF_MAP.page()).contains(&page),
            "kernel page {page}"
        );
        let table = self
            .load(slot(self.boot.root, page.directory_index()))
            .frame();
        let at = slot(table, page.table_index());
        let old = self.load(at);
        self.store(at, Pte::EMPTY);
        (old, Flush(Some(Scope::AllSpaces(page))))
    }

    /// Keeps a journal of the changes to entries of the user's half, from here on.
    pub fn keep_journal(&mut self) {
        self.journal.get_or_insert_default();
    }

    /// The changes in the journal since this was last called, in order.
    pub fn take_journal(&mut self) -> Vec<Change> {
        self.journal
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    fn note(&mut self, directory: &PageDirectory, page: Page, old: Pte, new: Pte) {
        if let Some(journal) = self.journal.as_mut().filter(|_| old != new) {
            journal.push(Change {
                root: directory.root,
                page,
                old,
                new,
            });
        }
    }

    /// The kernel's alias of a frame, with its own A and D bits; `None` for high memory.
    #[inline]
    pub fn alias_entry(&self, frame: Frame) -> Option<Pte> {
        self.layout
            .alias(frame)
            .map(|page| self.entry(&self.boot, page))
    }

    /// Changes the flags of a frame's alias. Gives the old entry; `None` for high memory.
    #[inline]
    pub fn update_alias(
        &mut self,
        frame: Frame,
        change: impl FnOnce(Pte) -> Pte,
    ) -> Option<(Pte, Flush)> {
        let page = self.layout.alias(frame)?;
        let boot = PageDirectory {
            root: self.boot.root,
        };
        Some(self.update(&boot, page, change))
    }

    /// The frames of the user's page tables that a directory has, with the directory entry each
    /// stands in; for inspectors and tests.
    pub fn user_tables(&self, directory: &PageDirectory) -> Vec<(usize, Frame)> {
        (0..KERNEL_FIRST)
            .map(|index| (index, self.load(slot(directory.root, index))))
            .filter(|(_, entry)| entry.is_present())
            .map(|(index, entry)| (index, entry.frame()))
            .collect()
    }

    /// An entry of a directory, by its number, 0 to 1023.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn directory_entry(&self, directory: &PageDirectory, index: usize) -> Pte {
        assert!(index <= SELF_ENTRY, "directory entry {index}");
        self.load(slot(directory.root, index))
    }

    /// The pages of the user's half that are present, with their entries, in order.
    pub fn user_entries(&self, directory: &PageDirectory) -> Vec<(Page, Pte)> {
        let mut found = Vec::new();
        let mut bytes = [0; PAGE_SIZE as usize];
        for (index, table) in self.user_tables(directory) {
            self.memory.read(table.start(), &mut bytes);
            for (entry, word) in bytes.chunks_exact(4).enumerate() {
                let pte = Pte::from_bits(u32::from_le_bytes(word.try_into().expect("4 bytes")));
                if pte.is_present() {
                    found.push((Page::new((index as u32) << 10 | entry as u32), pte));
                }
            }
        }
        found
    }

    fn build_kernel_half(&mut self) {
        let root = self.reserve().expect("empty RAM has frames");
        self.boot = PageDirectory { root };
        for index in KERNEL_FIRST..SELF_ENTRY {
            let aliases = index < KERNEL_DYNAMIC.page().directory_index();
            let first = ((index - KERNEL_FIRST) * 1024) as u32;
            if aliases && first >= self.layout.low_frames() {
                continue;
            }
            let table = self
                .reserve()
                .expect("the layout has room for the kernel's tables");
            self.store(slot(root, index), Pte::new(table, TABLE));
            if aliases {
                let last = self.layout.low_frames().min(first + 1024);
                for frame in (first..last).map(Frame::new) {
                    let at = slot(table, (frame.number() - first) as usize);
                    self.store(at, Pte::new(frame, PteFlags::KERNEL));
                }
            }
        }
        self.store(slot(root, SELF_ENTRY), Pte::new(root, TABLE));
    }

    #[inline]
    fn table(&self, directory: &PageDirectory, page: Page) -> Option<Frame> {
        let entry = self.load(slot(directory.root, page.directory_index()));
        entry.is_present().then(|| entry.frame())
    }

    fn add_table(&mut self, directory: &PageDirectory, page: Page) -> Result<Frame, OutOfTables> {
        let table = self.reserve()?;
        // The table's own entries decide about rights; the directory's allows all (SDM 4.6).
        let entry = Pte::new(table, TABLE | PteFlags::USER);
        self.store(slot(directory.root, page.directory_index()), entry);
        Ok(table)
    }

    fn give_back(&mut self, frame: Frame) {
        self.memory.zero(frame);
        self.free.push(frame);
    }

    #[inline]
    fn load(&self, at: PhysAddr) -> Pte {
        Pte::from_bits(self.memory.read_u32(at))
    }

    #[inline]
    fn store(&self, at: PhysAddr, entry: Pte) {
        self.memory.write_u32(at, entry.bits());
    }
}

/// Where entry `index` of the directory or table in `frame` lies.
#[inline]
pub(crate) fn slot(frame: Frame, index: usize) -> PhysAddr {
    PhysAddr(frame.start().0 + 4 * index as u32)
}

/// Whether `new` lacks something that `old` allowed or remembered.
#[inline]
fn lost_rights(old: Pte, new: Pte) -> bool {
    old.bits() & !new.bits() != 0
}

/// What a TLB may hold of `old` once the entry is `new`.
///
/// An entry that was never used for a translation is in no TLB (SDM vol. 3, 4.10.2.3: caching
/// needs the accessed flag), one that is not present neither; and one that only gains rights
/// cannot mislead, since a missing right makes the CPU walk the tables again (4.10.4.3).
#[inline]
fn contradicted(directory: &PageDirectory, page: Page, old: Pte, new: Pte) -> Flush {
    let cached = old.has(PteFlags::PRESENT | PteFlags::ACCESSED);
    let misleads = old.frame() != new.frame() || lost_rights(old, new);
    Flush((cached && misleads).then_some(Scope::Space(directory.root, page)))
}
