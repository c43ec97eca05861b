//! mremap: a mapping that becomes shorter or longer, where it is or somewhere else.
//!
//! # Invariants
//! Only private memory without a file grows. It is moved by copying the pages that were touched, each charged;
//! what was never touched stays so.

use std::ops::Range;

use bitflags::bitflags;
use machine::addr::{PAGE_SIZE, Page, VirtAddr, pages_for};
use vm::{Backing, Protection, Purpose, Region, Sharing};

use super::call::{Call, Fail, Reply};
use super::memory::{map_error, unmap};
use super::places::{MapFlags, place};
use crate::charges::PAGE_MOVED;
use crate::errno::Errno;
use crate::service::Service;

bitflags! {
    #[derive(Clone, Copy, PartialEq, Eq)]
    struct RemapFlags: u32 {
        const MAY_MOVE = 1;
        const FIXED = 2;
        const DONT_UNMAP = 4;
    }
}

/// `void *mremap(void *old, size_t old_length, size_t new_length, int flags, void *new)`
pub(super) fn mremap(kernel: &mut Service<'_>, call: Call) -> Reply {
    let [old, old_length, new_length, flags, new] = call.arguments();
    let flags = RemapFlags::from_bits(flags).ok_or(Errno::Invalid)?;
    if new_length == 0 || flags.contains(RemapFlags::DONT_UNMAP) {
        return Err(Errno::Invalid.into());
    }
    if flags.contains(RemapFlags::FIXED) {
        return move_to_place(kernel, call, flags, new);
    }
    let whole = kernel.range(call.caller, old, old_length)?;
    let end = Page::checked_add(whole.start, pages_for(new_length.into()) as u32);
    let end = end.filter(|end| end.is_user());
    match end {
        Some(end) if end <= whole.end => {
            if end < whole.end {
                unmap(kernel, call, end..whole.end)?;
            }
            return Ok(old.into());
        }
        Some(end) if grow(kernel, call, &whole, end)? => return Ok(old.into()),
        Some(_) | None => {}
    }
    match flags.contains(RemapFlags::MAY_MOVE) {
        true => {
            check_movable(kernel, call, &whole)?;
            let pages = place(kernel, call, 0, new_length, MapFlags::empty())?;
            move_to(kernel, call, whole, pages)
        }
        false => Err(Errno::NoMemory.into()),
    }
}

/// Makes a mapping longer where it is; whether there is room.
fn grow(
    kernel: &mut Service<'_>,
    call: Call,
    whole: &Range<Page>,
    end: Page,
) -> Result<bool, Fail> {
    let last = kernel.regions(call.caller, whole).last();
    let last = last.ok_or(Errno::Fault)?.clone();
    if last.end != whole.end || !is_memory(&last) {
        return Ok(false);
    }
    let grown = Region {
        start: whole.end,
        end,
        ..last
    };
    Ok(kernel.vm.map(call.caller.space, grown).is_ok())
}

/// Whether a region is memory that one process has, and no file.
fn is_memory(region: &Region) -> bool {
    region.sharing == Sharing::Private
        && matches!(
            (&region.backing, region.purpose),
            (Backing::Zero, Purpose::Mapping(_))
        )
}

/// Moves a mapping to a place of the program's choice, whatever is there.
fn move_to_place(kernel: &mut Service<'_>, call: Call, flags: RemapFlags, new: u32) -> Reply {
    let [old, old_length, new_length] = call.arguments();
    if !flags.contains(RemapFlags::MAY_MOVE) || !VirtAddr(new).is_aligned() {
        return Err(Errno::Invalid.into());
    }
    let whole = kernel.range(call.caller, old, old_length)?;
    let length = pages_for(new_length.into()) as u32;
    let to = VirtAddr(new).page();
    let end = to.checked_add(length).ok_or(Errno::Invalid)?;
    if to < whole.end && whole.start < end {
        return Err(Errno::Invalid.into());
    }
    let kept = whole.start.checked_add(length).unwrap_or(whole.end);
    let moved = whole.start..kept.min(whole.end);
    check_movable(kernel, call, &moved)?;
    let pages = place(kernel, call, new, new_length, MapFlags::FIXED)?;
    if moved.end < whole.end {
        unmap(kernel, call, moved.end..whole.end)?;
    }
    move_to(kernel, call, moved, pages)
}

/// That pages are of one mapping of memory that can be moved.
fn check_movable(kernel: &Service<'_>, call: Call, whole: &Range<Page>) -> Result<(), Errno> {
    let region = kernel.regions(call.caller, whole).next();
    let region = region.ok_or(Errno::Fault)?;
    let holds_all = region.start <= whole.start && whole.end <= region.end;
    match holds_all && is_memory(region) {
        true => Ok(()),
        false if !holds_all => Err(Errno::Fault),
        false => Err(Errno::NoMemory),
    }
}

/// Moves a mapping to pages that are free.
fn move_to(kernel: &mut Service<'_>, call: Call, whole: Range<Page>, pages: Range<Page>) -> Reply {
    let region = kernel.regions(call.caller, &whole).next();
    let protection = region.ok_or(Errno::Fault)?.protection;
    let space = call.caller.space;
    let accessible = Protection::READ | Protection::WRITE;
    let mapped = kernel.vm.mmap_zeros(space, pages.clone(), accessible);
    mapped.map_err(map_error)?;
    if !protection.contains(Protection::READ) {
        let changed = kernel.vm.protect(space, whole.clone(), accessible);
        changed.map_err(Errno::from)?;
    }
    let touched = kernel.vm.pages_within(space, whole.clone());
    let touched: Vec<Page> = touched.map(|view| view.page).collect();
    for page in touched {
        kernel.charge(PAGE_MOVED);
        let distance = page.number() - whole.start.number();
        let to = Page::new(pages.start.number() + distance);
        let mut bytes = [0; PAGE_SIZE as usize];
        kernel.copy_in(call, page.start().0, &mut bytes)?;
        kernel.copy_out(call, to.start().0, &bytes)?;
    }
    unmap(kernel, call, whole)?;
    if protection != accessible {
        let changed = kernel.vm.protect(space, pages.clone(), protection);
        changed.map_err(Errno::from)?;
    }
    Ok(pages.start.start().0.into())
}
