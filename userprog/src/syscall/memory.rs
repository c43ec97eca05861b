//! mmap, munmap, and the extensions mmap2, munmap2, msync, mprotect.
//!
//! # Invariants
//! A call is charged for the regions that it processes, and for the pages of files that it writes.

use std::ops::Range;
use std::rc::Rc;

use machine::addr::{PAGE_SIZE, Page, VirtAddr, pages_for};
use vm::FileMapping;
use vm::{FileSource, Kill, MapId, Protection, Purpose, Region, Sharing, UnmapError};

use super::{Answer, Caller};
use crate::charges::looking_at;
use crate::errno::Errno;
use crate::files::{Fd, Inode};
use crate::service::Service;

impl Service<'_> {
    /// Serves `mapid_t mmap(int fd, void *addr)`: maps the whole file; -1 if it is empty or not a
    /// file, if the address is 0 or not page-aligned, or if a page is in use or in the kernel's
    /// half.
    pub(super) fn sys_mmap(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [fd, addr] = self.arguments(caller)?;
        let Some(file) = self.processes.get(caller.pid).files.get(Fd(fd)) else {
            return Ok(Answer::FAILED);
        };
        let Some(mapping) = whole_file(&file.inode, VirtAddr(addr)) else {
            return Ok(Answer::FAILED);
        };
        let mapped = self.vm.mmap(caller.space, mapping);
        Ok(mapped.map_or(Answer::FAILED, |id| Answer::Value(id.0)))
    }

    /// Serves `void munmap(mapid_t mapping)`. As an extension it has a result: 0, or -1 if there is
    /// no such mapping or not all of its changes could be written back.
    pub(super) fn sys_munmap(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [id] = self.arguments(caller)?;
        // Its parts are searched for among all regions.
        let regions = self.vm.regions(caller.space).len();
        self.charge(looking_at(regions as u64));
        let moved = self.vm.stats().moves();
        let unmapped = self.vm.munmap(caller.space, MapId(id));
        self.charge_moves_since(moved);
        Ok(match unmapped {
            Ok(()) => Answer::DONE,
            Err(UnmapError::NoSuchMapping) => Answer::FAILED,
            Err(error) => {
                log::warn!("{}: munmap: {error}", caller.pid);
                Answer::FAILED
            }
        })
    }

    /// Serves `void *mmap2(void *addr, unsigned length, int prot, int flags, int fd, unsigned
    /// offset)`: a part of a file, or zeros, at exactly `addr`.
    pub(super) fn sys_mmap2(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length, prot, flags, fd, offset] = self.arguments(caller)?;
        let mapped = self.range(caller, addr, length).and_then(|pages| {
            let protection = protection(prot)?;
            let sharing = sharing(flags)?;
            if addr == 0 {
                return Err(Errno::Invalid);
            }
            if flags & MAP_ANONYMOUS != 0 {
                return self.map_zeros(caller, pages, protection, sharing);
            }
            let file = self.processes.get(caller.pid).files.get(Fd(fd));
            let inode = Rc::clone(&file.ok_or(Errno::BadFd)?.inode);
            let stores_reach_file =
                sharing == Sharing::Shared && protection.contains(Protection::WRITE);
            if stores_reach_file && inode.is_executed() {
                return Err(Errno::Access);
            }
            if sharing == Sharing::Shared {
                inode.allow_writes();
            }
            if offset % PAGE_SIZE != 0 {
                return Err(Errno::Invalid);
            }
            let mapping = FileMapping {
                start: pages.start,
                pages: pages.end.number() - pages.start.number(),
                file: inode,
                first: offset / PAGE_SIZE,
                protection,
                sharing,
            };
            self.vm.mmap(caller.space, mapping)?;
            Ok(())
        });
        Ok(match mapped {
            Ok(()) => Answer::Value(addr),
            Err(error) => error.into(),
        })
    }

    /// Serves `int munmap2(void *addr, unsigned length)`: ends all mappings in the range.
    pub(super) fn sys_munmap2(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length] = self.arguments(caller)?;
        let moved = self.vm.stats().moves();
        let unmapped = self.range(caller, addr, length).and_then(|pages| {
            let mut regions = self.regions(caller, &pages);
            if regions.any(|region| !matches!(region.purpose, Purpose::Mapping(_))) {
                return Err(Errno::Invalid);
            }
            drop(regions);
            Ok(self.vm.unmap(caller.space, pages)?)
        });
        self.charge_moves_since(moved);
        Ok(Answer::from(unmapped))
    }

    /// Serves `int msync(void *addr, unsigned length)`
    pub(super) fn sys_msync(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length] = self.arguments(caller)?;
        let moved = self.vm.stats().moves();
        let synced = self
            .range(caller, addr, length)
            .and_then(|pages| Ok(self.vm.sync(caller.space, pages)?));
        self.charge_moves_since(moved);
        Ok(Answer::from(synced))
    }

    /// Serves `int mprotect(void *addr, unsigned length, int prot)`
    pub(super) fn sys_mprotect(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length, prot] = self.arguments(caller)?;
        Ok(Answer::from(self.range(caller, addr, length).and_then(
            |pages| {
                let protection = protection(prot)?;
                if protection.contains(Protection::WRITE)
                    && self.holds_running_program(caller, &pages)
                {
                    return Err(Errno::Access);
                }
                Ok(self.vm.protect(caller.space, pages, protection)?)
            },
        )))
    }

    fn map_zeros(
        &mut self,
        caller: Caller,
        pages: Range<Page>,
        protection: Protection,
        sharing: Sharing,
    ) -> Result<(), Errno> {
        match sharing {
            // Shared anonymous memory does not exist: processes share memory through files.
            Sharing::Shared => Err(Errno::Invalid),
            Sharing::Private => Ok(self.vm.mmap_zeros(caller.space, pages, protection)?),
        }
    }

    /// Whether stores to a range would reach the file of a running program, were they allowed.
    pub(crate) fn holds_running_program(&self, caller: Caller, pages: &Range<Page>) -> bool {
        let shared = self
            .regions(caller, pages)
            .filter(|region| region.is_shared_file());
        let mut files = shared.filter_map(|region| Some(region.file_page(region.start)?.0.id()));
        let Some(first) = files.next() else {
            return false;
        };
        let executed = self.processes.executed();
        executed.contains(&first) || files.any(|file| executed.contains(&file))
    }

    /// The regions that have pages in a range.
    pub(crate) fn regions<'a>(
        &'a self,
        caller: Caller,
        pages: &Range<Page>,
    ) -> impl Iterator<Item = &'a Region> {
        self.vm.regions_within(caller.space, pages.clone())
    }
}

/// Flags for mappings, as in Linux.
const MAP_SHARED: u32 = 1;
const MAP_PRIVATE: u32 = 2;
const MAP_FIXED: u32 = 16;
const MAP_ANONYMOUS: u32 = 32;

fn sharing(flags: u32) -> Result<Sharing, Errno> {
    match flags & !(MAP_FIXED | MAP_ANONYMOUS) {
        MAP_SHARED => Ok(Sharing::Shared),
        MAP_PRIVATE => Ok(Sharing::Private),
        _ => Err(Errno::Invalid),
    }
}

/// Linux' PROT_READ, PROT_WRITE and PROT_EXEC are our bits.
pub(crate) fn protection(prot: u32) -> Result<Protection, Errno> {
    let bits = u8::try_from(prot).map_err(|_| Errno::Invalid)?;
    Protection::from_bits(bits).ok_or(Errno::Invalid)
}

/// Returns the mapping of a whole file at `addr`, if it is possible.
///
/// The file of a running program is mapped privately: stores must not reach it.
fn whole_file(inode: &Rc<Inode>, addr: VirtAddr) -> Option<FileMapping> {
    if addr.0 == 0 || !addr.is_aligned() || inode.is_empty() {
        return None;
    }
    let sharing = if inode.is_executed() {
        Sharing::Private
    } else {
        inode.allow_writes();
        Sharing::Shared
    };
    Some(FileMapping {
        start: addr.page(),
        pages: u32::try_from(pages_for(inode.len())).ok()?,
        file: Rc::clone(inode) as vm::FileRef,
        first: 0,
        protection: Protection::READ | Protection::WRITE,
        sharing,
    })
}
