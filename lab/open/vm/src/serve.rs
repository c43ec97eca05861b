//! The way in: everybody may look at the virtual memory; whoever wants it to do something says when.
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

/// The virtual memory of a machine, to be looked at; to be changed by [`Vm::serve`].
pub struct Vm {
    pager: Pager,
}

impl Deref for Vm {
    type Target = Pager;

    fn deref(&self) -> &Pager {
        &self.pager
    }
}

impl Vm {
    /// The virtual memory of a machine with these page tables and that TLB. Nothing is ever written to
    /// `swap`.
    pub fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Vm {
        let slots = swap.sectors() * SECTOR_SIZE as u64 / u64::from(PAGE_SIZE);
        let slots = u32::try_from(slots).unwrap_or(u32::MAX);
        Vm {
            pager: Pager::new(tables, tlb, slots, options),
        }
    }

    /// Does what `task` asks for, at a moment.
    pub fn serve<R>(&mut self, moment: Moment, task: impl FnOnce(&mut Pager) -> R) -> Served<R> {
        self.pager.begin(moment);
        Served {
            result: task(&mut self.pager),
            resolved: Resolved::GoOn,
        }
    }

    /// Tells whether a process has turns, which makes no difference here.
    pub fn set_resident(&mut self, _: SpaceId, _: bool) {}

    /// How many pages that share a frame were gone through since this was last asked: none ever does.
    pub fn take_walked(&mut self) -> u64 {
        0
    }

    /// Has every event up to this detail handed to `recorder` from here on, as it happens.
    pub fn record(&mut self, detail: Detail, recorder: Hear) {
        self.pager.record(detail, recorder);
    }

    /// Has the reference string recorded from here on; no frame may be in use yet.
    pub fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        self.pager.record_touches(options)
    }

    /// Reads a program's memory without a trace. Gives how many bytes come before the first page that
    /// the program may not read.
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

    /// Writes a program's memory as the program would. Gives how many bytes come before the first page
    /// that it may not store to.
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

/// Goes through the pages of a copy: the address, what was done before, the bytes in this page. Gives how
/// many bytes were done when there was nothing more to do, or no way on.
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
