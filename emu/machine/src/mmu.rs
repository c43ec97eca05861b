//! The page-table walk, to the letter of the Intel SDM, vol. 3: 4.3 (32-bit paging), 4.6 (access
//! rights), 4.7 (page-fault error code), 4.8 (accessed and dirty flags).
//!
//! The machine runs with CR0.WP = 1, CR4.PSE = 0, CR4.PGE = 1 and without NX, SMEP, SMAP or
//! protection keys. So a directory entry always names a page table, a fetch is allowed wherever a
//! read is, and ring 0 may not store to a read-only page either.
//!
//! # Invariants
//!
//! A walk sets A in the directory entry when it uses it, whether or not the page is present. In the
//! page-table entry it sets A, and D for a store, only if the access is allowed. So a fault leaves
//! the page-table entry as it was. [`probe`] changes nothing.

use bitflags::bitflags;

use crate::addr::{Frame, PhysAddr, VirtAddr};
use crate::memory::PhysMemory;
use crate::paging::slot;
use crate::pte::{Pte, PteFlags};

/// The kind of a memory access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// A load.
    Read,
    /// A store.
    Write,
    /// An instruction fetch.
    Fetch,
}

/// The privilege with which memory is accessed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ring {
    /// Ring 3: user pages only.
    User,
    /// Ring 0, and implicit accesses of the hardware, such as to descriptor tables (SDM vol. 3,
    /// 4.6).
    Kernel,
}

/// What a page allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rights {
    /// Loads and fetches.
    ReadOnly,
    /// Stores as well.
    ReadWrite,
}

bitflags! {
    /// The error code that a page fault pushes (SDM vol. 3, 4.7). The bits for reserved bits and
    /// instruction fetches stay 0 on this machine, which has neither PSE nor NX nor SMEP.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct PageFaultCode: u32 {
        /// P: the page is present; its rights forbid the access.
        const PRESENT = 1 << 0;
        /// W/R: the access was a store.
        const WRITE = 1 << 1;
        /// U/S: the access was made in ring 3.
        const USER = 1 << 2;
    }
}

/// The result of a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Translation {
    /// The frame of the page.
    pub frame: Frame,
    /// The page-table entry after the walk.
    pub pte: Pte,
    /// What directory entry and page-table entry together allow.
    pub rights: Rights,
}

impl Translation {
    /// Returns the physical address of `addr`, which must lie on the translated page.
    #[must_use]
    pub fn phys(&self, addr: VirtAddr) -> PhysAddr {
        PhysAddr(self.frame.start().0 + addr.offset())
    }
}

/// Translates an address as the CPU does for an access, setting A and D.
///
/// # Errors
/// The error code of the page fault that the access causes; the page's entry is as it was.
///
/// # Examples
///
/// ```
/// use machine::addr::{PhysAddr, VirtAddr};
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
/// let addr = VirtAddr(0x0804_8123);
/// let _ = tables.map(&space, addr.page(), frame, PteFlags::USER_WRITE)?;
///
/// let walk = translate(&memory, space.root(), addr, Access::Write, Ring::User).unwrap();
/// assert_eq!(walk.phys(addr), PhysAddr(frame.start().0 + 0x123));
/// let entry = tables.entry(&space, addr.page());
/// assert!(entry.has(PteFlags::ACCESSED | PteFlags::DIRTY));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn translate(
    memory: &PhysMemory,
    root: Frame,
    addr: VirtAddr,
    access: Access,
    ring: Ring,
) -> Result<Translation, PageFaultCode> {
    let absent = error_code(access, ring);
    let pde = load(memory, root, addr.page().directory_index());
    if !pde.entry.is_present() {
        return Err(absent);
    }
    // Before the page-table entry is looked at: A means "used for translation", fault or not (4.8).
    pde.set(memory, PteFlags::ACCESSED);
    let pte = load(memory, pde.entry.frame(), addr.page().table_index());
    let found = combine(pde.entry, pte.entry, access, ring)?;
    // Only after the check: an access that faults has not used the page. D is not in the directory.
    let used = match access {
        Access::Write => PteFlags::ACCESSED | PteFlags::DIRTY,
        Access::Read | Access::Fetch => PteFlags::ACCESSED,
    };
    Ok(Translation {
        pte: pte.set(memory, used),
        ..found
    })
}

/// Returns what [`translate`] would, but changes no entry: for inspectors and debuggers.
///
/// # Errors
/// The error code of the page fault that the access would cause.
///
/// # Examples
///
/// ```
/// use machine::addr::VirtAddr;
/// use machine::layout::Layout;
/// use machine::memory::PhysMemory;
/// use machine::mmu::{Access, PageFaultCode, Ring, probe};
/// use machine::paging::PageTables;
/// use machine::pte::PteFlags;
///
/// let layout = Layout::new(8);
/// let memory = PhysMemory::new(layout.total_frames())?;
/// let mut tables = PageTables::new(memory.clone(), layout);
/// let (space, frame) = (tables.create()?, layout.first_user_frame());
/// let code = VirtAddr(0x0804_8000);
/// let _ = tables.map(&space, code.page(), frame, PteFlags::USER_READ)?;
///
/// let of = |addr, access| probe(&memory, space.root(), addr, access, Ring::User);
/// assert!(of(code, Access::Fetch).is_ok());
/// assert_eq!(of(code, Access::Write), Err(PageFaultCode::all()));
/// assert_eq!(of(VirtAddr(0), Access::Read), Err(PageFaultCode::USER));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn probe(
    memory: &PhysMemory,
    root: Frame,
    addr: VirtAddr,
    access: Access,
    ring: Ring,
) -> Result<Translation, PageFaultCode> {
    let pde = load(memory, root, addr.page().directory_index());
    if !pde.entry.is_present() {
        return Err(error_code(access, ring));
    }
    let pte = load(memory, pde.entry.frame(), addr.page().table_index());
    combine(pde.entry, pte.entry, access, ring)
}

/// An entry and its physical address.
struct Loaded {
    at: PhysAddr,
    entry: Pte,
}

impl Loaded {
    /// Sets flags of the entry, and stores it if that changes it. Returns the new entry.
    fn set(&self, memory: &PhysMemory, flags: PteFlags) -> Pte {
        let new = self.entry.with(flags);
        if new != self.entry {
            memory.write_u32(self.at, new.bits());
        }
        new
    }
}

fn load(memory: &PhysMemory, table: Frame, index: usize) -> Loaded {
    let at = slot(table, index);
    Loaded {
        at,
        entry: Pte::from_bits(memory.read_u32(at)),
    }
}

/// Combines the rights of a present directory entry and of a page-table entry: a right is granted
/// only if both grant it (4.6.1).
fn combine(pde: Pte, pte: Pte, access: Access, ring: Ring) -> Result<Translation, PageFaultCode> {
    let absent = error_code(access, ring);
    if !pte.is_present() {
        return Err(absent);
    }
    let both_have = |flag| pde.has(flag) && pte.has(flag);
    let rights = match both_have(PteFlags::WRITABLE) {
        true => Rights::ReadWrite,
        false => Rights::ReadOnly,
    };
    let reachable = ring == Ring::Kernel || both_have(PteFlags::USER);
    // For ring 0 too: CR0.WP is set, or copy-on-write would not see the kernel's own stores.
    let allowed = access != Access::Write || rights == Rights::ReadWrite;
    if reachable && allowed {
        Ok(Translation {
            frame: pte.frame(),
            pte,
            rights,
        })
    } else {
        // P in the error code: the entry is there, and its rights caused the fault (4.7).
        Err(absent | PageFaultCode::PRESENT)
    }
}

fn error_code(access: Access, ring: Ring) -> PageFaultCode {
    let mut code = PageFaultCode::empty();
    code.set(PageFaultCode::WRITE, access == Access::Write);
    code.set(PageFaultCode::USER, ring == Ring::User);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Frame = Frame::new(0);
    const TABLE: Frame = Frame::new(1);
    const ADDR: VirtAddr = VirtAddr(0x0040_1234);

    fn tables(pde: PteFlags, pte: PteFlags) -> PhysMemory {
        let memory = PhysMemory::new(4).unwrap();
        memory.write_u32(slot(ROOT, 1), Pte::new(TABLE, pde).bits());
        memory.write_u32(slot(TABLE, 1), Pte::new(Frame::new(3), pte).bits());
        memory
    }

    fn entries(memory: &PhysMemory) -> [Pte; 2] {
        [slot(ROOT, 1), slot(TABLE, 1)].map(|at| Pte::from_bits(memory.read_u32(at)))
    }

    #[test]
    fn a_read_sets_accessed_in_both_entries_and_a_store_dirty_in_the_last() {
        let memory = tables(PteFlags::USER_WRITE, PteFlags::USER_WRITE);
        let read = translate(&memory, ROOT, ADDR, Access::Read, Ring::User).unwrap();
        assert_eq!(read.phys(ADDR), PhysAddr(0x3234));
        assert_eq!(entries(&memory).map(Pte::bits), [0x1027, 0x3027]);
        translate(&memory, ROOT, ADDR, Access::Write, Ring::User).unwrap();
        assert_eq!(entries(&memory).map(Pte::bits), [0x1027, 0x3067]);
    }

    #[test]
    fn a_fault_marks_the_directory_alone_and_a_probe_nothing() {
        let memory = tables(PteFlags::USER_WRITE, PteFlags::USER_READ);
        let before = entries(&memory);
        probe(&memory, ROOT, ADDR, Access::Read, Ring::User).unwrap();
        assert_eq!(entries(&memory), before);
        let code = translate(&memory, ROOT, ADDR, Access::Write, Ring::User);
        assert_eq!(code, Err(PageFaultCode::all()));
        assert_eq!(
            entries(&memory),
            [before[0].with(PteFlags::ACCESSED), before[1]]
        );
    }

    #[test]
    fn a_right_counts_only_where_both_entries_give_it() {
        for (pde, pte) in [
            (PteFlags::USER_READ, PteFlags::USER_WRITE),
            (PteFlags::USER_WRITE, PteFlags::USER_READ),
        ] {
            let memory = tables(pde, pte);
            let read = probe(&memory, ROOT, ADDR, Access::Read, Ring::User).unwrap();
            assert_eq!(read.rights, Rights::ReadOnly);
            assert!(probe(&memory, ROOT, ADDR, Access::Write, Ring::Kernel).is_err());
        }
    }

    #[test]
    fn the_error_code_tells_presence_kind_and_ring() {
        let memory = tables(PteFlags::KERNEL, PteFlags::KERNEL);
        let present = PageFaultCode::PRESENT | PageFaultCode::USER;
        assert_eq!(
            probe(&memory, ROOT, ADDR, Access::Fetch, Ring::User),
            Err(present)
        );
        let absent = VirtAddr(0x0040_0000);
        let kernel_store = probe(&memory, ROOT, absent, Access::Write, Ring::Kernel);
        assert_eq!(kernel_store, Err(PageFaultCode::WRITE));
        let no_table = probe(&memory, ROOT, VirtAddr(0), Access::Read, Ring::User);
        assert_eq!(no_table, Err(PageFaultCode::USER));
    }
}
