//! brk, mmap, mmap2, munmap, mprotect, madvise, msync, mincore.
//!
//! # Invariants
//! A call that finds a hole in its range does for what is before that what it is for, as far as Linux does.

use std::ops::Range;
use std::rc::Rc;

use machine::addr::{PAGE_SIZE, Page, VirtAddr, pages_for};
use vm::{
    AdviceError, Backing, FileMapping, FileRef, MapError, Protection, Purpose, Region, Sharing,
};

use super::call::{Call, Done, Reply};
use super::descriptors::{Object, Open};
use super::group::Heap;
use super::places::{CEILING, MapFlags, place};
use super::read_only::ReadOnly;
use crate::charges::looking_at;
use crate::errno::Errno;
use crate::service::Service;
use crate::syscall::memory::protection;

/// Advice that changes nothing here: NORMAL, RANDOM, SEQUENTIAL, FREE, and what is said about forks, dumps and
/// large pages.
const IDLE_ADVICE: [u32; 12] = [0, 1, 2, 8, 10, 11, 12, 13, 14, 15, 16, 17];

/// Advice that is taken: WILLNEED, DONTNEED, COLD, PAGEOUT.
const ACTIVE_ADVICE: [u32; 4] = [3, 4, 20, 21];
/// Pages of all addresses.
const LAST_PAGE: u32 = u32::MAX / PAGE_SIZE;
/// MS_ASYNC, MS_INVALIDATE and MS_SYNC.
const SYNC_LATER: u32 = 1;
const SYNC_AND_FORGET: u32 = 2;
const SYNC_NOW: u32 = 4;

/// `void *brk(void *addr)`: the new program break, or the old one if there is no room.
pub(super) fn brk(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [wanted] = call.arguments();
    let heap = kernel.group_of(call.pid()).heap();
    if wanted < heap.start || wanted >= CEILING.start().0 {
        return Ok(heap.end.into());
    }
    let (old, new) = (page_behind(heap.end), page_behind(wanted));
    let changed = if new > old {
        kernel.charge(looking_at((new.number() - old.number()).into()));
        // A page is left free between the heap and what is behind it, as in Linux.
        let behind = new..new.checked_add(1).unwrap_or(new);
        if kernel.regions(call.caller, &behind).next().is_some() {
            return Ok(heap.end.into());
        }
        let grown = Region {
            start: old,
            end: new,
            protection: Protection::READ | Protection::WRITE,
            sharing: Sharing::Private,
            purpose: Purpose::Data,
            backing: Backing::Zero,
        };
        kernel.vm.map(call.caller.space, grown).is_ok()
    } else {
        new == old || unmap(kernel, call, new..old).is_ok()
    };
    if !changed {
        return Ok(heap.end.into());
    }
    let end = wanted;
    kernel.group_of(call.pid()).set_heap(Heap { end, ..heap });
    Ok(wanted.into())
}

/// `void *mmap(struct mmap_arg_struct *)`: the arguments are in memory, the offset is in bytes.
pub(super) fn mmap(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [at] = call.arguments();
    let mut arguments: [u32; 6] = kernel.words_in(call, at)?;
    if !arguments[5].is_multiple_of(PAGE_SIZE) {
        return Err(Errno::Invalid.into());
    }
    arguments[5] /= PAGE_SIZE;
    mmap2(kernel, Call { arguments, ..call })
}

/// `void *mmap2(void *addr, size_t length, int prot, int flags, int fd, off_t pages)`
pub(super) fn mmap2(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [addr, length, prot, flags, fd, first] = call.arguments();
    let flags = MapFlags::from_bits_truncate(flags);
    // Rights that there are not are not asked for.
    let protection = Protection::from_bits_truncate(prot as u8);
    let sharing = flags & (MapFlags::SHARED | MapFlags::PRIVATE);
    let opened = match flags.contains(MapFlags::ANONYMOUS) {
        true => None,
        false => Some(kernel.opened(call, fd)?),
    };
    let sharing = match sharing {
        MapFlags::PRIVATE => Sharing::Private,
        MapFlags::SHARED => Sharing::Shared,
        both if !both.is_empty() && opened.is_some() => Sharing::Shared,
        _ => return Err(Errno::Invalid.into()),
    };
    if length == 0 {
        return Err(Errno::Invalid.into());
    }
    // Zeros of the device are zeros of nobody.
    let opened = opened.filter(|open| !matches!(open.object, Object::Zero));
    let is_anonymous = opened.is_none();
    let file = match (opened, sharing) {
        (None, Sharing::Private) => None,
        (None, Sharing::Shared) => {
            let memory = kernel.files.anonymous(length.into());
            Some(memory.map_err(|_| Errno::NoMemory)? as FileRef)
        }
        (Some(open), sharing) => {
            let file = file_to_map(&open, sharing, protection)?;
            let stores = sharing == Sharing::Shared && protection.contains(Protection::WRITE);
            if let (Object::File(inode), true) = (&open.object, stores) {
                kernel.mark_written(inode);
            }
            Some(file)
        }
    };
    let first = if is_anonymous { 0 } else { first };
    let pages = place(kernel, call, addr, length, flags)?;
    let start = pages.start.start().0;
    match file {
        Some(file) => {
            let mapping = FileMapping {
                start: pages.start,
                pages: pages.end.number() - pages.start.number(),
                file,
                first,
                protection,
                sharing,
            };
            kernel
                .vm
                .mmap(call.caller.space, mapping)
                .map_err(map_error)?;
        }
        None => {
            let mapped = kernel.vm.mmap_zeros(call.caller.space, pages, protection);
            mapped.map_err(map_error)?;
        }
    }
    Ok(start.into())
}

/// `int munmap(void *addr, size_t length)`
pub(super) fn munmap(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [addr, length] = call.arguments();
    let pages = kernel
        .range(call.caller, addr, length)
        .map_err(|_| Errno::Invalid)?;
    unmap(kernel, call, pages)?;
    Ok(Done::ZERO)
}

/// `int mprotect(void *addr, size_t length, int prot)`
pub(super) fn mprotect(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [addr, length, prot] = call.arguments();
    let protection = protection(prot)?;
    if length == 0 && VirtAddr(addr).is_aligned() {
        return Ok(Done::ZERO);
    }
    let pages = kernel.range(call.caller, addr, length)?;
    if protection.contains(Protection::WRITE) {
        let mut regions = kernel.regions(call.caller, &pages);
        if regions.any(is_read_only_file) || kernel.holds_running_program(call.caller, &pages) {
            return Err(Errno::Access.into());
        }
    }
    let space = call.caller.space;
    let changed = match kernel.hole_in(call, &pages) {
        None => kernel.vm.protect(space, pages, protection),
        // What is before a hole is changed.
        Some(hole) if hole > pages.start => kernel
            .vm
            .protect(space, pages.start..hole, protection)
            .and(Err(AdviceError::Hole)),
        Some(_) => Err(AdviceError::Hole),
    };
    changed.map_err(Errno::from)?;
    Ok(Done::ZERO)
}

/// Whether stores to a region would reach a file that was opened to be read.
fn is_read_only_file(region: &Region) -> bool {
    let file = region.file_page(region.start);
    region.is_shared_file() && file.is_some_and(|(file, _)| !file.is_writable())
}

/// `int madvise(void *addr, size_t length, int advice)`
pub(super) fn madvise(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [addr, length, advice] = call.arguments();
    let is_idle = IDLE_ADVICE.contains(&advice);
    let end = u64::from(addr) + u64::from(length);
    let is_known = is_idle || ACTIVE_ADVICE.contains(&advice);
    if !is_known || !VirtAddr(addr).is_aligned() || pages_for(end) > u64::from(LAST_PAGE) {
        return Err(Errno::Invalid.into());
    }
    if length == 0 {
        return Ok(Done::ZERO);
    }
    if is_idle {
        let pages = kernel.range(call.caller, addr, length)?;
        return match kernel.hole_in(call, &pages) {
            None => Ok(Done::ZERO),
            Some(_) => Err(Errno::NoMemory.into()),
        };
    }
    kernel.advise(call.caller, addr, length, advice)?;
    Ok(Done::ZERO)
}

/// `int msync(void *addr, size_t length, int flags)`
pub(super) fn msync(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [addr, length, flags] = call.arguments();
    let both = SYNC_LATER | SYNC_NOW;
    let is_known = flags & !(both | SYNC_AND_FORGET) == 0 && flags & both != both;
    if !is_known || !VirtAddr(addr).is_aligned() {
        return Err(Errno::Invalid.into());
    }
    if length == 0 {
        return Ok(Done::ZERO);
    }
    let pages = kernel.range(call.caller, addr, length)?;
    let moved = kernel.vm.stats().moves();
    let synced = kernel.vm.sync(call.caller.space, pages);
    kernel.charge_moves_since(moved);
    synced.map_err(Errno::from)?;
    Ok(Done::ZERO)
}

/// `int mincore(void *addr, size_t length, unsigned char *vec)`
pub(super) fn mincore(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [addr, length, to] = call.arguments();
    if length == 0 && VirtAddr(addr).is_aligned() {
        return Ok(Done::ZERO);
    }
    let pages = kernel.range(call.caller, addr, length)?;
    let resident = kernel.vm.resident(call.caller.space, pages);
    let resident = resident.map_err(Errno::from)?;
    let bytes: Vec<u8> = resident.into_iter().map(u8::from).collect();
    kernel.copy_out(call, to, &bytes)?;
    Ok(Done::ZERO)
}

/// The file that a mapping is to show.
fn file_to_map(open: &Open, sharing: Sharing, protection: Protection) -> Result<FileRef, Errno> {
    let stores = sharing == Sharing::Shared && protection.contains(Protection::WRITE);
    if !open.is_readable() || (stores && !open.is_writable()) {
        return Err(Errno::Access);
    }
    let Object::File(inode) = &open.object else {
        return Err(Errno::NoDevice);
    };
    if stores && inode.is_executed() {
        return Err(Errno::Access);
    }
    let inode = Rc::clone(inode);
    // Also read-only: mprotect may make it writable.
    if sharing == Sharing::Shared && open.is_writable() {
        inode.allow_writes();
    }
    Ok(match open.is_writable() {
        true => inode,
        false => Rc::new(ReadOnly(inode)),
    })
}

impl Service<'_> {
    /// The first of these pages that is in no region.
    fn hole_in(&self, call: Call, pages: &Range<Page>) -> Option<Page> {
        let mut next = pages.start;
        for region in self.regions(call.caller, pages) {
            if region.start > next {
                break;
            }
            next = region.end;
        }
        (next < pages.end).then_some(next)
    }
}

/// Ends the mappings in these pages.
pub(super) fn unmap(kernel: &mut Service<'_>, call: Call, pages: Range<Page>) -> Result<(), Errno> {
    let (moved, space) = (kernel.vm.stats().moves(), call.caller.space);
    // The next mapping may be there before the rules hear of the end of this one.
    if let Some(checks) = kernel.checks {
        checks.forgotten(kernel.vm.owner(space), pages.clone());
    }
    let unmapped = kernel.vm.unmap(space, pages);
    kernel.charge_moves_since(moved);
    Ok(unmapped?)
}

/// What is out of range is ENOMEM to Linux programs, an overlap that cannot be too.
pub(super) fn map_error(error: MapError) -> Errno {
    match error {
        MapError::Overlap => Errno::NoMemory,
        error => error.into(),
    }
}

/// The first page that begins at an address or behind it.
fn page_behind(addr: u32) -> Page {
    Page::new(addr.div_ceil(PAGE_SIZE))
}
