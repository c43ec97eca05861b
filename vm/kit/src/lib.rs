//! What the tests of the virtual memory share: a machine without a CPU.
//!
//! A [`Machine`] makes accesses as a CPU would, with a TLB of its own that forgets exactly when
//! [`machine::tlb::Tlb`] says so: a translation that should have been flushed and was not gives a wrong
//! answer here as it would on hardware.

mod served;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use machine::addr::{Frame, KERNEL_BASE, PAGE_SIZE, Page, PhysAddr, VirtAddr};
use machine::disk::{BlockDevice, MemoryDisk};
use machine::layout::Layout;
use machine::memory::PhysMemory;
use machine::mmu::{self, Access, Ring};
use machine::paging::{KernelHalf, PageTables};
use machine::pte::PteFlags;
use machine::tlb::{Stale, Tlb};
use vm::event::PagePlace;
use vm::{
    Backing, Client, FileId, FileMapping, FileRef, FileSource, ForkError, Kill, MapId, Owner,
    Protection, Purpose, Region, Resolved, Sharing, SpaceId, Vm, VmOptions,
};

pub use served::ServedVm;

/// A stack pointer for accesses that are not to the stack.
pub const NO_STACK: VirtAddr = KERNEL_BASE;

/// Returns a client for accesses that are not to the stack.
#[must_use]
pub fn client(space: SpaceId) -> Client {
    Client {
        space,
        stack: NO_STACK,
    }
}

/// A machine without a CPU.
#[derive(Debug)]
pub struct Machine {
    /// The virtual memory, to be called as a kernel calls it.
    pub vm: ServedVm,
    memory: PhysMemory,
    tlb: Tlb,
    cached: BTreeMap<Page, (Frame, bool)>,
    next_owner: u32,
    time: u64,
}

impl Machine {
    /// Creates a machine with these numbers of frames and swap slots.
    #[must_use]
    pub fn new(frames: u32, slots: u64, options: VmOptions) -> Machine {
        let device = MemoryDisk::new(slots * 8);
        Machine::with_swap(frames, Box::new(device), options)
    }

    /// Creates a machine with a swap device of the test.
    #[must_use]
    pub fn with_swap(frames: u32, swap: Box<dyn BlockDevice>, options: VmOptions) -> Machine {
        Machine::with_kernel_pages(KernelHalf::Shared, frames, usize::MAX, swap, options)
    }

    /// Creates a machine whose kernel has room for `kernel_pages` page directories and page tables.
    ///
    /// # Panics
    /// If `frames` is not a number that a machine can have, or the host lacks memory.
    #[must_use]
    pub fn with_kernel_pages(
        half: KernelHalf,
        frames: u32,
        kernel_pages: usize,
        swap: Box<dyn BlockDevice>,
        options: VmOptions,
    ) -> Machine {
        let layout = Layout::new(frames);
        let memory = PhysMemory::new(layout.total_frames()).expect("address space");
        let tlb = Tlb::default();
        let mut tables = PageTables::with_kernel_half(memory.clone(), layout, half);
        while tables.free_frames() > kernel_pages {
            tables.reserve().expect("a free frame");
        }
        let vm = Vm::new(tables, tlb.clone(), swap, options);
        Machine {
            vm: ServedVm::new(vm),
            memory,
            tlb,
            cached: BTreeMap::new(),
            next_owner: 1,
            time: 0,
        }
    }

    /// Creates an empty address space.
    ///
    /// # Panics
    /// If the kernel has no room for a page directory.
    pub fn space(&mut self) -> SpaceId {
        let owner = Owner(self.next_owner);
        self.next_owner += 1;
        self.vm
            .create_space(owner)
            .expect("kernel memory for a directory")
    }

    /// Copies an address space.
    ///
    /// # Panics
    /// If there is no room for the copy.
    pub fn fork(&mut self, parent: SpaceId) -> SpaceId {
        self.try_fork(parent).expect("memory for a fork")
    }

    /// Copies an address space, for which there may be no room.
    ///
    /// # Errors
    /// As [`vm::Pager::fork_space`].
    pub fn try_fork(&mut self, parent: SpaceId) -> Result<SpaceId, ForkError> {
        let owner = Owner(self.next_owner);
        self.next_owner += 1;
        self.vm.fork_space(parent, owner)
    }

    /// Loads a byte as a program does.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    pub fn load(&mut self, space: SpaceId, addr: u32) -> Result<u8, Kill> {
        let at = self.access(space, VirtAddr(addr), Access::Read, NO_STACK)?;
        let mut byte = [0];
        self.memory.read(at, &mut byte);
        Ok(byte[0])
    }

    /// Stores a byte as a program does.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    pub fn store(&mut self, space: SpaceId, addr: u32, byte: u8) -> Result<(), Kill> {
        let at = self.access(space, VirtAddr(addr), Access::Write, NO_STACK)?;
        self.memory.write(at, &[byte]);
        Ok(())
    }

    /// Makes an access with a given stack pointer. Returns the physical address that it reaches.
    ///
    /// # Errors
    /// [`Kill`] if the process must end.
    ///
    /// # Panics
    /// If the access is not possible although the virtual memory says so.
    pub fn access(
        &mut self,
        space: SpaceId,
        addr: VirtAddr,
        access: Access,
        stack: VirtAddr,
    ) -> Result<PhysAddr, Kill> {
        // A resolved access is repeated, as the CPU does. Without disk latency once is enough; with
        // latency the process may have to wait for a frame first.
        for _ in 0..4 {
            if let Some(reached) = self.reach(space, addr, access) {
                return Ok(reached);
            }
            let client = Client { space, stack };
            match self.vm.resolve(client, addr, access)? {
                Resolved::GoOn => self.pass_time(),
                Resolved::Sleep { until } => self.sleep_until(until.0),
            }
        }
        let reached = self.reach(space, addr, access);
        Ok(reached.expect("a resolved access succeeds"))
    }

    /// The physical address that an access reaches, or `None` if it faults.
    pub fn reach(&mut self, space: SpaceId, addr: VirtAddr, access: Access) -> Option<PhysAddr> {
        let root = self.vm.user_root(space);
        self.tlb.switch_to(root);
        match self.tlb.take_stale() {
            Stale::Everything => self.cached.clear(),
            Stale::Pages(pages) => self.cached.retain(|page, _| !pages.contains(page)),
        }
        let at = |frame: Frame| PhysAddr(frame.start().0 + addr.offset());
        if let Some((frame, writable)) = self.cached.get(&addr.page())
            && (*writable || access != Access::Write)
        {
            return Some(at(*frame));
        }
        let walk = mmu::translate(&self.memory, root, addr, access, Ring::User).ok()?;
        // As on hardware, the right to store is cached only once D is set (SDM vol. 3, 4.8).
        let writable = walk.pte.has(PteFlags::WRITABLE | PteFlags::DIRTY);
        self.cached.insert(addr.page(), (walk.frame, writable));
        Some(at(walk.frame))
    }

    /// Lets time pass until the process that was served has slept as long as it has to.
    pub fn pass_time(&mut self) {
        let time = self.take_wait().unwrap_or(self.time);
        self.sleep_until(time);
    }

    /// Takes the time until which the process that was served last has to sleep for a disk.
    pub fn take_wait(&mut self) -> Option<u64> {
        self.vm.take_wait()
    }

    /// Sets the time, in guest work.
    pub fn set_time(&mut self, time: u64) {
        self.time = time;
        self.vm.set_time(time);
    }

    /// Lets time pass until just after a moment.
    fn sleep_until(&mut self, time: u64) {
        self.set_time(time + 1);
    }

    /// Returns the frame of a page, for tests of sharing.
    #[must_use]
    pub fn frame(&self, space: SpaceId, addr: u32) -> Option<Frame> {
        let page = VirtAddr(addr).page();
        match self.vm.page_state(space, page).place {
            PagePlace::Frame(frame) => Some(frame),
            _ => None,
        }
    }

    /// Adds a zero-filled region of `pages` pages.
    ///
    /// # Panics
    /// If another region is there.
    pub fn zeros(&mut self, space: SpaceId, addr: u32, pages: u32) {
        self.vm
            .map(
                space,
                region(addr, pages, Protection::READ | Protection::WRITE),
            )
            .expect("free");
    }

    /// Maps a whole file.
    pub fn mmap(&mut self, space: SpaceId, addr: u32, file: &FileRef, sharing: Sharing) -> MapId {
        let pages = file.len().div_ceil(u64::from(PAGE_SIZE)) as u32;
        self.mmap_pages(space, addr, file, 0..pages, sharing)
    }

    /// Maps pages of a file, which may be shorter.
    ///
    /// # Panics
    /// If another region is there.
    pub fn mmap_pages(
        &mut self,
        space: SpaceId,
        addr: u32,
        file: &FileRef,
        pages: Range<u32>,
        sharing: Sharing,
    ) -> MapId {
        let mapping = FileMapping {
            start: VirtAddr(addr).page(),
            pages: pages.end - pages.start,
            file: file.clone(),
            first: pages.start,
            protection: Protection::READ | Protection::WRITE,
            sharing,
        };
        self.vm.mmap(space, mapping).expect("free")
    }

    /// Truncates a file, or extends it with zeros, as ftruncate does.
    pub fn resize(&mut self, file: &Rc<MemFile>, len: usize) {
        let old = file.len();
        file.set_len(len);
        let file: FileRef = file.clone();
        self.vm.file_resized(&file, old);
    }

    /// Checks that no frame and no slot is in use.
    ///
    /// # Panics
    /// If one is, or the virtual memory has broken an invariant.
    pub fn assert_nothing_left(&self) {
        self.vm.check_invariants();
        let usage = self.vm.usage();
        assert_eq!(usage.frames_in_use, 0, "frames left behind");
        assert_eq!(usage.slots_in_use, 0, "slots left behind");
    }
}

/// Returns a zero-filled region.
///
/// # Panics
/// If it ends beyond the last page.
#[must_use]
pub fn region(addr: u32, pages: u32, protection: Protection) -> Region {
    let start = VirtAddr(addr).page();
    Region {
        start,
        end: start.checked_add(pages).expect("in range"),
        protection,
        sharing: Sharing::Private,
        purpose: Purpose::Data,
        backing: Backing::Zero,
    }
}

/// A file in host memory.
#[derive(Debug)]
pub struct MemFile {
    id: FileId,
    bytes: RefCell<Vec<u8>>,
    reads_fail: Cell<bool>,
    writes_fail: Cell<bool>,
}

impl MemFile {
    /// Creates a file with these bytes.
    #[must_use]
    pub fn new(id: u64, bytes: Vec<u8>) -> Rc<MemFile> {
        Rc::new(MemFile {
            id: FileId(id),
            bytes: RefCell::new(bytes),
            reads_fail: Cell::new(false),
            writes_fail: Cell::new(false),
        })
    }

    /// Returns the bytes on the device, whatever is in frames.
    pub fn on_disk(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    /// Sets whether the device fails when it is read.
    pub fn fail_reads(&self, fail: bool) {
        self.reads_fail.set(fail);
    }

    /// Sets whether the device fails when it is written to.
    pub fn fail_writes(&self, fail: bool) {
        self.writes_fail.set(fail);
    }

    /// Truncates the file, or extends it with zeros, without a report to the virtual memory.
    pub fn set_len(&self, len: usize) {
        self.bytes.borrow_mut().resize(len, 0);
    }
}

impl FileSource for MemFile {
    fn id(&self) -> FileId {
        self.id
    }

    fn len(&self) -> u64 {
        self.bytes.borrow().len() as u64
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        if self.reads_fail.get() {
            return Err(io::Error::other("the device failed"));
        }
        let bytes = self.bytes.borrow();
        let from = bytes.get(offset as usize..).unwrap_or(&[]);
        let length = from.len().min(to.len());
        to[..length].copy_from_slice(&from[..length]);
        Ok(length)
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<()> {
        if self.writes_fail.get() {
            return Err(io::Error::other("the device failed"));
        }
        let mut bytes = self.bytes.borrow_mut();
        let end = offset as usize + from.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[offset as usize..end].copy_from_slice(from);
        Ok(())
    }
}
