//! Where a mapping goes.
//!
//! # Invariants
//! A mapping without a fixed place gets the highest free one below the stack's room; one with a fixed place
//! takes the place of what is there, as in Linux.

use std::ops::Range;

use bitflags::bitflags;
use machine::addr::{Page, VirtAddr, pages_for};
use vm::Region;

use super::call::{Call, Fail};
use super::layout::Layout;
use super::memory::unmap;
use crate::charges::{looking_at, regions};
use crate::errno::Errno;
use crate::service::Service;

bitflags! {
    /// Linux' flags for mappings.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) struct MapFlags: u32 {
        const SHARED = 1;
        const PRIVATE = 2;
        const FIXED = 0x10;
        const ANONYMOUS = 0x20;
        const FIXED_NOREPLACE = 0x10_0000;
    }
}

/// The lowest page that a mapping gets without asking for it.
const LOWEST: Page = Page::new(0x10);
/// The page behind the highest one that any program's mapping gets.
pub(super) const CEILING: Page = Layout::FIRST.ceiling;
/// The pages that a mapping gets; they are free.
pub(super) fn place(
    kernel: &mut Service<'_>,
    call: Call,
    addr: u32,
    length: u32,
    flags: MapFlags,
) -> Result<Range<Page>, Fail> {
    let count = pages_for(length.into()) as u32;
    if flags.intersects(MapFlags::FIXED | MapFlags::FIXED_NOREPLACE) {
        if !VirtAddr(addr).is_aligned() {
            return Err(Errno::Invalid.into());
        }
        if addr < LOWEST.start().0 {
            return Err(Errno::Permission.into());
        }
        let pages = kernel.range(call.caller, addr, length)?;
        if kernel.regions(call.caller, &pages).next().is_some() {
            if flags.contains(MapFlags::FIXED_NOREPLACE) {
                return Err(Errno::Exists.into());
            }
            unmap(kernel, call, pages.clone())?;
        }
        return Ok(pages);
    }
    kernel.charge(looking_at(count.into()));
    let hint = VirtAddr(addr).page();
    let end = hint.checked_add(count).filter(|end| *end <= CEILING);
    if let Some(end) = end.filter(|_| hint >= LOWEST)
        && kernel.regions(call.caller, &(hint..end)).next().is_none()
    {
        return Ok(hint..end);
    }
    let mut seen = 0;
    let room = LOWEST..kernel.group_of(call.pid()).ceiling;
    let used = kernel.regions(call.caller, &room).inspect(|_| seen += 1);
    let free = highest_gap(used, room.clone(), count);
    kernel.charge(regions(seen));
    Ok(free.ok_or(Errno::NoMemory)?)
}

/// The highest `count` pages of `room` between those of `regions`, which are in order.
fn highest_gap<'r>(
    regions: impl Iterator<Item = &'r Region>,
    room: Range<Page>,
    count: u32,
) -> Option<Range<Page>> {
    let mut best = None;
    let mut consider = |from: Page, to: Page| {
        if to.number().saturating_sub(from.number()) >= count {
            best = Some(Page::new(to.number() - count)..to);
        }
    };
    let mut free_from = room.start;
    for region in regions {
        consider(free_from, region.start);
        free_from = region.end;
    }
    consider(free_from, room.end);
    best
}

#[cfg(test)]
mod tests {
    use vm::{Backing, Protection, Purpose, Sharing};

    use super::*;

    fn region(start: u32, end: u32) -> Region {
        Region {
            start: Page::new(start),
            end: Page::new(end),
            protection: Protection::READ,
            sharing: Sharing::Private,
            purpose: Purpose::Code,
            backing: Backing::Zero,
        }
    }

    #[test]
    fn the_highest_gap_that_is_large_enough_is_found() {
        let ceiling = CEILING.number();
        let gap = |regions: &[Region], count| {
            highest_gap(regions.iter(), LOWEST..CEILING, count).map(|pages| pages.start.number())
        };
        assert_eq!(gap(&[], 5), Some(ceiling - 5));
        let top = region(ceiling - 10, ceiling);
        assert_eq!(gap(std::slice::from_ref(&top), 5), Some(ceiling - 15));
        let two = [region(0x8048, 0x8050), region(0x8053, ceiling - 2)];
        assert_eq!(gap(&two, 2), Some(ceiling - 2));
        assert_eq!(gap(&two, 3), Some(0x8050));
        assert_eq!(gap(&two, 4), Some(0x8044));
        assert_eq!(gap(&two, ceiling), None);
    }
}
