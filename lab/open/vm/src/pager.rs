//! The state of the virtual memory: address spaces, frames, page tables. Creating and destroying
//! address spaces.

use std::rc::Rc;

use machine::addr::VirtAddr;
use machine::memory::PhysMemory;
use machine::paging::{OutOfTables, PageTables};
use machine::pte::PteFlags;
use machine::tlb::Tlb;
use machine::work::Work;

use crate::frames::Frames;
use crate::ids::{Owner, SpaceId, User};
use crate::observe::event::Event;
use crate::observe::stats::Stats;
use crate::options::VmOptions;
use crate::served::Moment;
use crate::space::region::{Protection, Region};
use crate::spaces::Spaces;
use crate::study::touches::{RecordingOptions, TouchLog};
use crate::tell::Listener;

/// The working part of a machine's virtual memory. It can be read at any time, and changed by a
/// caller to whom [`Vm::serve`](crate::Vm::serve) lends it.
pub struct Pager {
    pub(crate) options: VmOptions,
    pub(crate) tables: PageTables,
    pub(crate) memory: PhysMemory,
    pub(crate) tlb: Tlb,
    pub(crate) frames: Frames,
    pub(crate) spaces: Spaces,
    pub(crate) stats: Stats,
    /// The number of slots that the swap device would have.
    pub(crate) slots: u32,
    pub(crate) listener: Option<Listener>,
    pub(crate) touches: Option<Rc<TouchLog>>,
    /// The guest work at which events happen.
    pub(crate) now: Work,
    /// The instruction to which events are attributed.
    pub(crate) eip: VirtAddr,
}

impl std::fmt::Debug for Pager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pager").finish_non_exhaustive()
    }
}

impl Pager {
    /// Creates a virtual memory without address spaces.
    pub(crate) fn new(tables: PageTables, tlb: Tlb, slots: u32, options: VmOptions) -> Pager {
        let mut pager = Pager {
            memory: tables.memory().clone(),
            frames: Frames::new(tables.layout()),
            options,
            tables,
            tlb,
            spaces: Spaces::default(),
            stats: Stats::default(),
            slots,
            listener: None,
            touches: None,
            now: Work::ZERO,
            eip: VirtAddr(0),
        };
        pager.listen_to_entries();
        pager
    }

    /// Sets the moment of the requests that follow.
    pub(crate) fn begin(&mut self, moment: Moment) {
        (self.now, self.eip) = (moment.work, moment.eip);
    }

    /// Does what [`Vm::record_touches`](crate::Vm::record_touches) documents.
    pub(crate) fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        assert_eq!(self.frames.used().len(), 0, "touches were missed");
        let log = Rc::new(TouchLog::new(self.frames.pool(), options));
        self.touches = Some(Rc::clone(&log));
        log
    }

    /// Creates an empty address space for a process that was created at `made`.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is no frame for its page directory.
    pub fn create_space(&mut self, owner: Owner, made: Work) -> Result<SpaceId, OutOfTables> {
        self.now = self.now.max(made);
        let directory = self.tables.create()?;
        Ok(self.spaces.add(owner, directory))
    }

    /// Destroys an address space and frees its frames.
    pub fn destroy_space(&mut self, space: SpaceId) {
        let pages: Vec<_> = self.spaces.get(space).frames.keys().copied().collect();
        for page in pages {
            self.take_out(User { space, page });
        }
        let gone = self.spaces.remove(space);
        let flush = self.tables.destroy(gone.directory);
        self.tlb.note(flush);
    }

    /// Frees the frame of a page.
    pub(crate) fn take_out(&mut self, user: User) {
        let space = self.spaces.get_mut(user.space);
        let frame = space.frames.remove(&user.page);
        let frame = frame.expect("only pages in frames are taken out");
        let (_, flush) = self.tables.unmap(&space.directory, user.page);
        self.tlb.note(flush);
        self.memory.renew(frame);
        self.frames.free_again(frame);
        self.tell(Event::FrameFreed { frame });
    }

    /// Checks the invariants of the crate.
    ///
    /// # Panics
    /// If one is broken.
    pub fn check_invariants(&self) {
        let pages = self.spaces.iter().map(|space| space.frames.len());
        assert_eq!(pages.sum::<usize>(), self.frames.used().len());
        for (frame, user) in self.frames.used() {
            assert_eq!(self.spaces.frame(user), Some(frame), "{user:?}");
            let region = self.spaces.region(user).expect("no page without a region");
            let entry = self.tables.entry(self.directory(user.space), user.page);
            match rights(region) {
                Some(flags) => assert!(entry.has(flags) && entry.frame() == frame, "{user:?}"),
                None => assert!(!entry.is_present(), "{user:?}"),
            }
        }
    }
}

/// Returns the flags of a region's entries; `None` if no access is allowed.
pub(crate) fn rights(region: &Region) -> Option<PteFlags> {
    if region.protection.contains(Protection::WRITE) {
        return Some(PteFlags::USER_WRITE);
    }
    (!region.protection.is_empty()).then_some(PteFlags::USER_READ)
}
