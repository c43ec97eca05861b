//! Page directories and page tables in RAM, in the format of 32-bit paging (SDM vol. 3, 4.3).
//!
//! # Invariants
//! - In every directory on which the kernel runs, the kernel's half (entries 768 to 1022) names the
//!   same page tables, created at boot: a mapping added there is in every address space at once. It
//!   is supervisor only.
//! - Entry 1023 of such a directory names the directory itself ([`crate::layout::SELF_MAP`]).
//! - A page table of the user's half exists exactly while one of its entries is in use, so a
//!   directory has the page tables that its resident pages need and no others.
//! - Ring 3 runs on the same directory, or on a second one with the same page tables in the user's
//!   half and a single page of the kernel's half ([`KernelHalf`]).
//! - Free kernel frames hold zeros.
//! - A change after which a TLB may be stale returns a [`Flush`] that must be handed to the TLB.

mod directory;
mod flush;
mod journal;
mod kernel_half;
mod listing;

use thiserror::Error;

use crate::addr::{Frame, KERNEL_BASE, Page, PhysAddr};
use crate::layout::{Layout, SELF_MAP};
use crate::memory::PhysMemory;
use crate::pte::{Pte, PteFlags};

pub use directory::{KernelHalf, PageDirectory};
pub(crate) use flush::Scope;
pub use flush::{Flush, contradicts};
use flush::{contradicted, lost_rights};
pub use journal::Change;

/// First directory entry of the kernel's half.
const KERNEL_FIRST: usize = KERNEL_BASE.page().directory_index();
/// The directory entry of the recursive self-map.
const SELF_ENTRY: usize = SELF_MAP.page().directory_index();
const TABLE: PteFlags = PteFlags::PRESENT.union(PteFlags::WRITABLE);

/// The kernel pool has no frame left for a directory or page table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("out of kernel memory for page tables")]
pub struct OutOfTables;

/// All page directories and page tables of the machine, and the kernel frames they live in.
///
/// # Examples
///
/// ```
/// use machine::addr::VirtAddr;
/// use machine::layout::Layout;
/// use machine::memory::PhysMemory;
/// use machine::paging::PageTables;
/// use machine::pte::{Pte, PteFlags};
///
/// let layout = Layout::new(8);
/// let memory = PhysMemory::new(layout.total_frames())?;
/// let mut tables = PageTables::new(memory, layout);
///
/// let space = tables.create()?;
/// let page = VirtAddr(0x0804_8000).page();
/// assert_eq!(tables.entry(&space, page), Pte::EMPTY);
/// let frame = layout.first_user_frame();
/// let _ = tables.map(&space, page, frame, PteFlags::USER_WRITE)?; // in no TLB yet
/// assert_eq!(tables.entry(&space, page).frame(), frame);
/// let entries = tables.user_entries(&space);
/// assert_eq!(entries, [(page, Pte::new(frame, PteFlags::USER_WRITE))]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PageTables {
    memory: PhysMemory,
    layout: Layout,
    free: Vec<Frame>,
    /// For each kernel frame that is a page table of a user's half: the number of entries in use.
    in_use: Box<[u16]>,
    /// The directory from which the kernel's half of each new one is copied.
    boot: PageDirectory,
    entry_page: Frame,
    /// The page table that maps the entry page alone, for the directories of ring 3; `None` where
    /// they have the whole kernel's half.
    entry_table: Option<Frame>,
    /// Changes of entries of the user's half since they were last taken, if a journal is kept.
    journal: Option<Vec<Change>>,
}

impl PageTables {
    /// Builds the kernel's half, shared by all directories, in empty RAM.
    ///
    /// # Panics
    /// If `memory` does not have as many frames as `layout`.
    #[must_use]
    pub fn new(memory: PhysMemory, layout: Layout) -> PageTables {
        PageTables::with_kernel_half(memory, layout, KernelHalf::Shared)
    }

    /// Builds the kernel's half in empty RAM; `half` says how much of it is mapped in ring 3.
    ///
    /// # Panics
    /// If `memory` does not have as many frames as `layout`.
    pub fn with_kernel_half(memory: PhysMemory, layout: Layout, half: KernelHalf) -> PageTables {
        assert_eq!(memory.frames(), layout.total_frames());
        let free = (0..layout.kernel_frames()).rev().map(Frame::new).collect();
        let in_use = vec![0; layout.kernel_frames() as usize].into();
        let mut tables = PageTables {
            memory,
            layout,
            free,
            in_use,
            boot: PageDirectory::whole(Frame::new(0)),
            entry_page: Frame::new(0),
            entry_table: None,
            journal: None,
        };
        tables.build_kernel_half(half);
        tables
    }

    /// Returns the layout of RAM.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns the RAM that contains the tables.
    #[must_use]
    pub fn memory(&self) -> &PhysMemory {
        &self.memory
    }

    /// Returns the directory that has only the kernel's half.
    #[must_use]
    pub fn boot_directory(&self) -> &PageDirectory {
        &self.boot
    }

    /// Returns the number of free frames in the kernel pool.
    #[must_use]
    pub fn free_frames(&self) -> usize {
        self.free.len()
    }

    /// Allocates a zeroed frame of the kernel pool, which is never freed.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is none.
    pub fn reserve(&mut self) -> Result<Frame, OutOfTables> {
        self.free.pop().ok_or(OutOfTables)
    }

    /// Creates a directory with the kernel's half and an empty user's half and, if the kernel's
    /// half is isolated, the second one for ring 3.
    ///
    /// # Errors
    /// [`OutOfTables`] if the one or two frames for it are not free; nothing changed.
    pub fn create(&mut self) -> Result<PageDirectory, OutOfTables> {
        // Both frames or none: a directory without its second one would have to be undone.
        let needed = 1 + usize::from(self.entry_table.is_some());
        if self.free.len() < needed {
            return Err(OutOfTables);
        }
        let root = self.reserve()?;
        for index in KERNEL_FIRST..SELF_ENTRY {
            // The entries, not the tables: later mappings of the kernel then need no copying.
            let shared = self.memory.read_u32(slot(self.boot.root(), index));
            self.memory.write_u32(slot(root, index), shared);
        }
        self.store(slot(root, SELF_ENTRY), Pte::new(root, TABLE));
        match self.entry_table {
            None => Ok(PageDirectory::whole(root)),
            Some(entry_table) => {
                let user_root = self.reserve()?;
                let at = slot(user_root, self.entry_index());
                self.store(at, Pte::new(entry_table, TABLE));
                Ok(PageDirectory::with_user_root(root, user_root))
            }
        }
    }

    /// Frees a directory and the remaining page tables of its user's half.
    ///
    /// The frames that its entries name are not freed: they belong to the frame table.
    pub fn destroy(&mut self, directory: PageDirectory) -> Flush {
        for (_, table) in self.user_tables(&directory) {
            self.in_use[table.index()] = 0;
            self.give_back(table);
        }
        directory.roots().for_each(|root| self.give_back(root));
        // Its frame may become the root of another address space while the TLB is full of this one.
        Flush(Some(Scope::Whole(directory.user_root())))
    }

    /// Returns the entry of a page; [`Pte::EMPTY`] if there is no page table.
    #[inline]
    #[must_use]
    pub fn entry(&self, directory: &PageDirectory, page: Page) -> Pte {
        match self.table(directory, page) {
            Some(table) => self.load(slot(table, page.table_index())),
            None => Pte::EMPTY,
        }
    }

    /// Maps a user page to a frame, replacing an old mapping. If that was to the same frame, A and
    /// D stay as they are.
    ///
    /// # Errors
    /// [`OutOfTables`] if it needs a page table and no frame of the kernel pool is free; nothing
    /// changed.
    ///
    /// # Panics
    /// If the page is in the kernel's half or `flags` are not those of a present user page.
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
        // A change of rights alone must not lose D, or eviction would drop a modified page. Another
        // frame starts clean: what the old one's bits said was about another content.
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

    /// Clears the entry of a user page. Returns the old entry, whose A and D bits the caller must
    /// not lose; [`Pte::EMPTY`] if nothing was mapped.
    ///
    /// # Panics
    /// If the page is in the kernel's half.
    ///
    /// # Examples
    ///
    /// ```
    /// use machine::addr::VirtAddr;
    /// use machine::layout::Layout;
    /// use machine::memory::PhysMemory;
    /// use machine::mmu::{Access, Ring, translate};
    /// use machine::paging::PageTables;
    /// use machine::pte::PteFlags;
    ///
    /// let layout = Layout::new(8);
    /// let memory = PhysMemory::new(layout.total_frames())?;
    /// let mut tables = PageTables::new(memory.clone(), layout);
    /// let (space, frame) = (tables.create()?, layout.first_user_frame());
    /// let addr = VirtAddr(0x0804_8000);
    /// let free = tables.free_frames();
    /// let _ = tables.map(&space, addr.page(), frame, PteFlags::USER_WRITE)?;
    /// translate(&memory, space.root(), addr, Access::Write, Ring::User).expect("it is mapped");
    ///
    /// let (old, flush) = tables.unmap(&space, addr.page());
    /// assert!(old.has(PteFlags::DIRTY), "whoever takes the frame has to write it out");
    /// assert_ne!(flush, machine::paging::Flush::NONE);
    /// assert_eq!(tables.free_frames(), free, "its page table is gone as well");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
                // The emulated CPU caches no directory entries, so the page's own flush is enough.
                self.set_directory_entry(directory, page, Pte::EMPTY);
                self.free.push(table); // all its entries are empty, so it holds zeros
            }
        }
        (old, contradicted(directory, page, old, Pte::EMPTY))
    }

    /// Changes the flags of a present entry by `change`; leaves an entry alone that is not present.
    /// Returns the old entry.
    ///
    /// # Panics
    /// If `change` makes the entry one of another frame, or of none.
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
        // The entry of a kernel page may be cached in any address space, and is if it is global.
        let flush = match page.is_user() {
            true => {
                self.note(directory, page, old, new);
                contradicted(directory, page, old, new)
            }
            false => Flush(lost_rights(old, new).then_some(Scope::AllSpaces(page))),
        };
        (old, flush)
    }

    #[inline]
    fn table(&self, directory: &PageDirectory, page: Page) -> Option<Frame> {
        let entry = self.load(slot(directory.root(), page.directory_index()));
        entry.is_present().then(|| entry.frame())
    }

    fn add_table(&mut self, directory: &PageDirectory, page: Page) -> Result<Frame, OutOfTables> {
        let table = self.reserve()?;
        // A right counts only if both entries grant it (SDM vol. 3, 4.6.1), so the directory's
        // entry grants all, and that of each page decides.
        let entry = Pte::new(table, TABLE | PteFlags::USER);
        self.set_directory_entry(directory, page, entry);
        Ok(table)
    }

    /// Sets the directory entry for a user page in all directories of an address space.
    fn set_directory_entry(&self, directory: &PageDirectory, page: Page, entry: Pte) {
        for root in directory.roots() {
            self.store(slot(root, page.directory_index()), entry);
        }
    }

    /// Frees a kernel frame, zeroed as free ones must be.
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

/// Returns the physical address of entry `index` of the directory or table in `frame`.
#[inline]
pub(crate) fn slot(frame: Frame, index: usize) -> PhysAddr {
    PhysAddr(frame.start().0 + 4 * index as u32)
}
