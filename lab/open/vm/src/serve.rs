//! The entry point: the virtual memory can be read at any time, and is changed at a given moment.
//!
//! # Invariants
//!
//! No process ever has to wait, since nothing is read from a disk but at exec.

use std::ops::Deref;
use std::rc::Rc;

use machine::addr::{PAGE_SIZE, PhysAddr, VirtAddr};
use machine::disk::{BlockDevice, SECTOR_SIZE};
use machine::mmu::{Access, Ring, translate};
use machine::paging::PageTables;
use machine::tlb::Tlb;

use crate::ids::{SpaceId, User};
use crate::observe::event::Detail;
use crate::options::VmOptions;
use crate::pager::Pager;
use crate::served::{Moment, Resolved, Served};
use crate::study::touches::{RecordingOptions, TouchLog};
use crate::tell::Hear;

/// The virtual memory of a machine. It can be read directly, and changed by [`Vm::serve`].
pub struct Vm {
    pager: Pager,
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vm").finish_non_exhaustive()
    }
}

impl Deref for Vm {
    type Target = Pager;

    fn deref(&self) -> &Pager {
        &self.pager
    }
}

impl Vm {
    /// Creates the virtual memory of a machine with these page tables and this TLB. Nothing is ever
    /// written to `swap`.
    #[must_use]
    pub fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Vm {
        let slots = swap.sectors() * SECTOR_SIZE as u64 / u64::from(PAGE_SIZE);
        let slots = u32::try_from(slots).unwrap_or(u32::MAX);
        Vm {
            pager: Pager::new(tables, tlb, slots, options),
        }
    }

    /// Lends the pager to `task` at a moment.
    pub fn serve<R>(&mut self, moment: Moment, task: impl FnOnce(&mut Pager) -> R) -> Served<R> {
        self.pager.begin(moment);
        Served {
            result: task(&mut self.pager),
            resolved: Resolved::GoOn,
        }
    }

    /// Sets whether a process is being scheduled, which has no effect here.
    pub fn set_resident(&mut self, _: SpaceId, _: bool) {}

    /// Returns the number of reverse-map entries visited since the last call: 0, since no frame is
    /// shared.
    pub fn take_walked(&mut self) -> u64 {
        0
    }

    /// Starts handing each event up to this level of detail to `recorder`, as it happens.
    pub fn record(&mut self, detail: Detail, recorder: Hear) {
        self.pager.record(detail, recorder);
    }

    /// Starts recording the reference string; no frame may be in use yet.
    pub fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        self.pager.record_touches(options)
    }

    /// Reads a program's memory without side effects. Returns the number of bytes before the first
    /// page that the program may not read.
    pub fn peek(&mut self, space: SpaceId, from: VirtAddr, to: &mut [u8]) -> usize {
        let (pager, total) = (&self.pager, to.len());
        pages(from, total, |at, done, bytes| {
            pager.allowed(space, at, Access::Read).ok()?;
            let page = at.page();
            let frame = pager.spaces.frame(User { space, page })?;
            let start = PhysAddr(frame.start().0 + at.offset());
            pager.memory.read(start, &mut to[done..done + bytes]);
            Some(())
        })
    }

    /// Writes to a program's memory as the program would. Returns the number of bytes before the
    /// first page to which it may not store.
    pub fn poke(&mut self, space: SpaceId, to: VirtAddr, from: &[u8]) -> usize {
        let pager = &self.pager;
        pages(to, from.len(), |at, done, bytes| {
            let root = pager.user_root(space);
            let found = translate(&pager.memory, root, at, Access::Write, Ring::User);
            let start = found.ok()?.phys(at);
            pager.memory.write(start, &from[done..done + bytes]);
            Some(())
        })
    }
}

/// Calls `each` for the part of a copy on each page, with its address, the bytes done before it and
/// its length, until it returns `None`. Returns the number of bytes done.
fn pages(
    start: VirtAddr,
    total: usize,
    mut each: impl FnMut(VirtAddr, usize, usize) -> Option<()>,
) -> usize {
    let mut done = 0;
    while done < total {
        let at = u32::try_from(done)
            .ok()
            .and_then(|done| start.checked_add(done));
        let Some(at) = at.filter(|at| at.is_user()) else {
            break;
        };
        let bytes = (total - done).min((PAGE_SIZE - at.offset()) as usize);
        if each(at, done, bytes).is_none() {
            break;
        }
        done += bytes;
    }
    done
}
