//! Calls about pages: madvise, mincore, pin_pages, unpin_pages, pagemap, physical, vmstat.
//!
//! # Invariants
//! The form of a range is checked first. A range is charged for its length and for the regions in
//! it. Pages that are brought in or written out for advice cost as much as moving their bytes.
//! Queries about a page do not change it.

use std::ops::Range;

use machine::addr::{KERNEL_BASE, Page, VirtAddr, pages_for};
use machine::work::Work;
use vm::{Access, Kill, User, UserPtr};

use super::{Answer, Caller};
use crate::charges::{PAGE_MOVED, looking_at, regions};
use crate::errno::Errno;
use crate::service::Service;

/// Numbers of advice, as in Linux.
const MADV_WILLNEED: u32 = 3;
const MADV_DONTNEED: u32 = 4;
const MADV_COLD: u32 = 20;
const MADV_PAGEOUT: u32 = 21;

impl Service<'_> {
    /// Serves `int madvise(void *addr, unsigned length, int advice)`
    pub(super) fn sys_madvise(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length, advice] = self.arguments(caller)?;
        Ok(Answer::from(self.advise(caller, addr, length, advice)))
    }

    /// Takes advice about a range.
    pub(crate) fn advise(
        &mut self,
        caller: Caller,
        addr: u32,
        length: u32,
        advice: u32,
    ) -> Result<(), Errno> {
        let moved = self.vm.stats().moves();
        let taken = self.range(caller, addr, length).and_then(|pages| {
            let space = caller.space;
            match advice {
                MADV_WILLNEED => Ok(self.vm.will_need(space, pages)?),
                MADV_DONTNEED => {
                    if let Some(checks) = self.checks {
                        checks.forgotten(self.vm.owner(space), pages.clone());
                    }
                    Ok(self.vm.dont_need(space, pages)?)
                }
                MADV_COLD => Ok(self.vm.cold(space, pages)?),
                MADV_PAGEOUT => Ok(self.vm.page_out(space, pages)?),
                _ => Err(Errno::Invalid),
            }
        });
        self.charge_moves_since(moved);
        taken
    }

    /// Serves `int mincore(void *addr, unsigned length, unsigned char *vec)`: a byte for each page,
    /// 1 if it is in a frame.
    pub(super) fn sys_mincore(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length, vec] = self.arguments(caller)?;
        let resident = self
            .range(caller, addr, length)
            .and_then(|pages| Ok(self.vm.resident(caller.space, pages)?));
        match resident {
            Err(error) => Ok(error.into()),
            Ok(resident) => {
                let bytes: Vec<u8> = resident.into_iter().map(u8::from).collect();
                self.give(caller, vec, &bytes)
            }
        }
    }

    /// Serves `int pin_pages(void *addr, unsigned length, int write)`
    pub(super) fn sys_pin_pages(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length, write] = self.arguments(caller)?;
        let access = match write {
            0 => Access::Read,
            _ => Access::Write,
        };
        let moved = self.vm.stats().moves();
        let pinned = self
            .range(caller, addr, length)
            .and_then(|pages| Ok(self.vm.pin(caller.client(), pages, access)?));
        self.charge_moves_since(moved);
        Ok(Answer::from(pinned))
    }

    /// Serves `int unpin_pages(void *addr, unsigned length)`
    pub(super) fn sys_unpin_pages(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, length] = self.arguments(caller)?;
        let unpinned = self
            .range(caller, addr, length)
            .and_then(|pages| Ok(self.vm.unpin(caller.space, pages)?));
        Ok(Answer::from(unpinned))
    }

    /// Serves `int pagemap(void *addr, unsigned long long *entry)`
    pub(super) fn sys_pagemap(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr, entry] = self.arguments(caller)?;
        let user = User {
            space: caller.space,
            page: VirtAddr(addr).page(),
        };
        let bits = self.vm.pagemap(user);
        self.give(caller, entry, &bits.to_le_bytes())
    }

    /// Serves `unsigned physical(void *addr)`: 0 if the page is not in a frame.
    pub(super) fn sys_physical(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [addr] = self.arguments(caller)?;
        let physical = self.vm.physical(caller.space, VirtAddr(addr));
        Ok(Answer::Value(physical.map_or(0, |physical| physical.0)))
    }

    /// Serves `int vmstat(struct vmstat *)`: fourteen words, in the order of the struct.
    pub(super) fn sys_vmstat(&mut self, caller: Caller) -> Result<Answer, Kill> {
        let [to] = self.arguments(caller)?;
        let stats = *self.vm.stats();
        let usage = self.vm.usage();
        let directory = self.vm.directory(caller.space);
        let tables = self.vm.tables().user_tables(directory).len();
        let words = [
            stats.faults,
            stats.minor_faults,
            stats.major_faults,
            stats.evictions,
            stats.swap_reads,
            stats.swap_writes,
            stats.file_reads,
            stats.write_backs,
            stats.copies,
            usage.frames_in_use.into(),
            usage.frames.into(),
            usage.slots_in_use.into(),
            usage.slots.into(),
            tables as u64,
        ];
        // For programs the counters are words, which wrap around to 0 after 4,294,967,295.
        let bytes: Vec<u8> = words
            .iter()
            .flat_map(|word| (*word as u32).to_le_bytes())
            .collect();
        self.give(caller, to, &bytes)
    }

    /// The pages of a range argument; they and their regions are charged for.
    pub(crate) fn range(
        &mut self,
        caller: Caller,
        addr: u32,
        length: u32,
    ) -> Result<Range<Page>, Errno> {
        let addr = VirtAddr(addr);
        if !addr.is_aligned() || length == 0 {
            return Err(Errno::Invalid);
        }
        let pages = pages_for(length.into()) as u32;
        let end = addr.page().checked_add(pages).ok_or(Errno::NoMemory)?;
        if end > KERNEL_BASE.page() {
            return Err(Errno::NoMemory);
        }
        let pages = addr.page()..end;
        self.charge(looking_at(
            (pages.end.number() - pages.start.number()).into(),
        ));
        let within = self.regions(caller, &pages).count();
        self.charge(regions(within as u64));
        Ok(pages)
    }

    /// Charges for the pages that were moved since [`vm::Stats::moves`] was `before`.
    pub(crate) fn charge_moves_since(&mut self, before: u64) {
        let moves = self.vm.stats().moves() - before;
        self.charge(Work(PAGE_MOVED.0 * moves));
    }

    /// Writes a result to the caller's memory.
    fn give(&mut self, caller: Caller, to: u32, bytes: &[u8]) -> Result<Answer, Kill> {
        self.vm.write_user(caller.client(), UserPtr(to), bytes)?;
        Ok(Answer::DONE)
    }
}
