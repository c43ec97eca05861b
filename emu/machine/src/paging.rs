//! Page directories and page tables in RAM, in the format of 32-bit paging (SDM vol. 3, 4.3).
//!
//! # Invariants
//! - The kernel's half of every directory that the kernel runs on (entries 768 to 1022) is the same set
//!   of page tables, made at boot: a mapping added there shows in every address space at once.
//!   Supervisor only.
//! - Entry 1023 of such a directory names the directory itself ([`crate::layout::SELF_MAP`]).
//! - A page table of the user's half exists exactly while one of its entries is in use, so a
//!   directory has the entries that its resident pages need and no others.
//! - Ring 3 runs on the same directory, or on a second one with the same page tables in the user's half
//!   and of the kernel's half one page alone ([`KernelHalf`]).
//! - Free kernel frames hold zeros.
//! - A change that a TLB could contradict comes back as a [`Flush`] that must be dealt with.

mod directory;
mod flush;
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
pub struct PageTables {
    memory: PhysMemory,
    layout: Layout,
    free: Vec<Frame>,
    /// For each kernel frame that is a page table of a user's half: its entries in use.
    in_use: Box<[u16]>,
    /// The directory from which each new one takes its kernel half.
    boot: PageDirectory,
    entry_page: Frame,
    /// The page table with the entry page alone, for the directories of ring 3; none where they have
    /// all of the kernel's half.
    entry_table: Option<Frame>,
    /// Changes of entries of the user's half since they were last taken, if anyone wants them.
    journal: Option<Vec<Change>>,
}

/// A change that the kernel made to the entry of a user's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// [`PageDirectory::root`] of the address space.
    pub root: Frame,
    /// The page.
    pub page: Page,
    /// The entry before.
    pub old: Pte,
    /// The entry after.
    pub new: Pte,
}

impl PageTables {
    /// Builds the kernel's half, shared by all directories, in empty RAM.
    ///
    /// # Panics
    /// If `memory` does not have the frames that `layout` wants.
    pub fn new(memory: PhysMemory, layout: Layout) -> PageTables {
        PageTables::with_kernel_half(memory, layout, KernelHalf::Shared)
    }

    /// Builds the kernel's half in empty RAM; `half` says what ring 3 will have of it.
    ///
    /// # Panics
    /// If `memory` does not have the frames that `layout` wants.
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

    /// Takes a zeroed frame of the kernel pool for good.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is none.
    pub fn reserve(&mut self) -> Result<Frame, OutOfTables> {
        self.free.pop().ok_or(OutOfTables)
    }

    /// A new directory with the kernel's half and an empty user's half, and where the kernel's half is
    /// isolated the one for ring 3 beside it.
    ///
    /// # Errors
    /// [`OutOfTables`] if the kernel pool has not the one or two frames for it; nothing changed.
    pub fn create(&mut self) -> Result<PageDirectory, OutOfTables> {
        let needed = 1 + usize::from(self.entry_table.is_some());
        if self.free.len() < needed {
            return Err(OutOfTables);
        }
        let root = self.reserve()?;
        for index in KERNEL_FIRST..SELF_ENTRY {
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

    /// Gives back a directory and what is left of its user's half.
    ///
    /// The frames its entries name are not touched: the frame table knows about them.
    pub fn destroy(&mut self, directory: PageDirectory) -> Flush {
        for (_, table) in self.user_tables(&directory) {
            self.in_use[table.index()] = 0;
            self.give_back(table);
        }
        directory.roots().for_each(|root| self.give_back(root));
        Flush(Some(Scope::Whole(directory.user_root())))
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
                self.set_directory_entry(directory, page, Pte::EMPTY);
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
                root: directory.root(),
                page,
                old,
                new,
            });
        }
    }

    #[inline]
    fn table(&self, directory: &PageDirectory, page: Page) -> Option<Frame> {
        let entry = self.load(slot(directory.root(), page.directory_index()));
        entry.is_present().then(|| entry.frame())
    }

    fn add_table(&mut self, directory: &PageDirectory, page: Page) -> Result<Frame, OutOfTables> {
        let table = self.reserve()?;
        // The table's own entries decide about rights; the directory's allows all (SDM 4.6).
        let entry = Pte::new(table, TABLE | PteFlags::USER);
        self.set_directory_entry(directory, page, entry);
        Ok(table)
    }

    /// Has all directories of an address space name the same page table for a user's page.
    fn set_directory_entry(&self, directory: &PageDirectory, page: Page, entry: Pte) {
        for root in directory.roots() {
            self.store(slot(root, page.directory_index()), entry);
        }
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
