//! Which page gets which frame, and when: faults, eviction, disk time, and what is reported of
//! them.
//!
//! The [`Pager`] does all the work of the virtual memory; [`Vm::serve`](crate::Vm::serve) lends it
//! out for one moment. It owns the [`Residency`], which keeps track of where each page is. The
//! replacement policy chooses the victim, and the disk clock says what takes time.
//!
//! # Invariants
//! - Nothing else changes the residency: system calls do so through `transitions`.
//! - What a transition of the residency did reaches the policy, the counters, the recording and the
//!   log in one place, `changes`.
//! - A fault does not evict what earlier faults of the same instruction have brought in
//!   (`in_hand`), and private pages leave room for the code of other processes (`room`).

mod candidates;
mod changes;
pub(crate) mod denied;
mod disk_time;
pub(crate) mod evict;
pub(crate) mod fault;
mod in_hand;
pub(crate) mod load;
mod look;
mod room;
pub(crate) mod serve;
mod transitions;

use std::rc::Rc;

use machine::addr::{Frame, VirtAddr};
use machine::disk::BlockDevice;
use machine::paging::{OutOfTables, PageTables};
use machine::tlb::Tlb;
use machine::work::Work;
use smallvec::SmallVec;

use crate::alias::AliasPolicy;
use crate::ids::{Owner, SpaceId, User};
use crate::observe::event::{Detail, Event, Eviction};
use crate::observe::stats::Stats;
use crate::options::VmOptions;
use crate::pager::disk_time::DiskTime;
use crate::pager::in_hand::InHand;
use crate::replacement::Policy;
use crate::residency::Residency;
use crate::residency::content::Content;
use crate::residency::frame::FrameTable;
use crate::residency::swap::SwapTable;
use crate::space::address_space::AddressSpace;
use crate::space::spt::ContentId;
use crate::study::recording::Recording;
use crate::study::touches::{RecordingOptions, TouchLog};

/// The target under which the fault log goes through the `log` crate.
pub(crate) const LOG_TARGET: &str = "vm::fault";
/// The number of entries, users and frames that a check in a debug build may look at for each
/// operation since the last check. Checking everything after each operation would make large
/// machines crawl.
const ITEMS_AN_OPERATION: u64 = 64;

/// The working part of a machine's virtual memory. It can be read at any time, and changed by a
/// caller to whom [`Vm::serve`](crate::Vm::serve) lends it.
pub struct Pager {
    residency: Residency,
    policy: Box<dyn Policy>,
    policy_name: &'static str,
    stats: Stats,
    operations_to_check: u64,
    in_hand: InHand,
    disks: DiskTime,
    /// The instruction to which events are attributed.
    eip: VirtAddr,
    /// The evictions since the fault that is being served began.
    displaced: SmallVec<[Eviction; 1]>,
    recorder: Option<(Detail, Recorder)>,
    /// Names the contents of frames, if the touches of a run are recorded.
    recording: Option<Recording>,
}

impl std::fmt::Debug for Pager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pager").finish_non_exhaustive()
    }
}

/// Receives events with the guest work at which they happened.
pub(crate) type Recorder = Box<dyn FnMut(u64, &Event)>;

impl Pager {
    /// Creates a pager with no address space and all frames and slots free.
    fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Pager {
        let swap = SwapTable::new(swap, options.slot_allocator);
        let residency = Residency::new(tables, tlb, swap, options.alias);
        let pool = residency.frames().pool();
        let mut pager = Pager {
            policy: (options.policy.build)(pool, options.seed),
            policy_name: options.policy.name,
            residency,
            stats: Stats::default(),
            operations_to_check: 0,
            in_hand: InHand::default(),
            disks: DiskTime::new(options.disk_latency),
            eip: VirtAddr(0),
            displaced: SmallVec::new(),
            recorder: None,
            recording: None,
        };
        if pager.is_heard(Detail::Entries) {
            pager.residency.keep_journal();
        }
        pager
    }

    /// Creates an empty address space. `made` is the time up to which the kernel has worked for the
    /// new process. What follows happens at that time, or when the served process wakes if that is
    /// later.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is no frame for its page directory.
    pub fn create_space(&mut self, owner: Owner, made: Work) -> Result<SpaceId, OutOfTables> {
        // Entries changed before `made`, so they are logged with the old time.
        self.tell_entries();
        self.disks.set_now(self.disks.now().max(made.0));
        self.residency.create_space(owner)
    }

    /// Destroys an address space: writes dirty pages of shared mappings back and frees everything
    /// else. A page that cannot be written back is lost; the log reports it.
    pub fn destroy_space(&mut self, space: SpaceId) {
        // Pins go first: `release` requires that the space keeps none on the page.
        self.residency.end_all_kept_pins(space);
        let contents = self.space(space).spt().all_contents();
        let pages: Vec<_> = contents.map(|(page, _)| page).collect();
        for page in pages {
            // The process is gone, so an error has no recipient but the log, which has it already.
            drop(self.release(User { space, page }));
        }
        // The journal names spaces by their directories, so it is read before the directory goes.
        self.tell_entries();
        self.residency.destroy_space(space);
        self.debug_check();
    }

    /// Sets whether a process is being scheduled. One that is not keeps no minimum resident set.
    fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.residency.set_resident(space, is_resident);
    }

    /// Returns the record of where every page is.
    pub(crate) fn residency(&self) -> &Residency {
        &self.residency
    }

    /// Returns the frame of the page directory on which ring 3 runs in an address space: the value
    /// for CR3.
    pub fn user_root(&self, space: SpaceId) -> Frame {
        self.space(space).directory.user_root()
    }

    /// Returns an address space.
    pub fn space(&self, space: SpaceId) -> &AddressSpace {
        self.residency.space(space)
    }

    /// Returns all address spaces, in the order of their ids.
    pub fn spaces(&self) -> impl Iterator<Item = (SpaceId, &AddressSpace)> {
        self.residency.spaces()
    }

    /// Returns a content that the supplemental page table, the frame table or the swap table names.
    pub fn content(&self, content: ContentId) -> &Content {
        self.residency.content(content)
    }

    /// Returns the frame that a page is in, if it is in one.
    pub fn frame_of(&self, user: User) -> Option<Frame> {
        self.residency.frame_of(user)
    }

    /// Returns the page tables.
    pub fn tables(&self) -> &PageTables {
        self.residency.tables()
    }

    /// Returns the frame table.
    pub fn frames(&self) -> &FrameTable {
        self.residency.frames()
    }

    /// Returns the swap table.
    pub fn swap(&self) -> &SwapTable {
        self.residency.swap()
    }

    /// Returns whether the content of a frame has been accessed, through any entry that maps it,
    /// since the replacement policy last cleared its accessed bits.
    pub fn is_accessed(&self, frame: Frame) -> bool {
        self.residency.accessed(frame)
    }

    /// Returns whether the content of a frame has been stored to, through any entry that maps it,
    /// since it came into the frame.
    pub fn is_dirty(&self, frame: Frame) -> bool {
        self.residency.dirty(frame)
    }

    /// Returns how the kernel accesses user memory, and so whether the A and D bits of its aliases
    /// count.
    pub fn alias_policy(&self) -> AliasPolicy {
        self.residency.alias()
    }

    /// Returns the name of the replacement policy.
    pub fn policy_name(&self) -> &'static str {
        self.policy_name
    }

    /// Returns the counters.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns the current time in guest work, as the process that is served sees it.
    pub fn now(&self) -> u64 {
        self.disks.now()
    }

    /// Returns the number of reverse-map entries visited since the last call, beyond a few for each
    /// content. The kernel charges processes for them.
    fn take_walked(&mut self) -> u64 {
        self.residency.take_walked()
    }

    /// Starts recording the reference string. No page may have been touched yet. The caller must
    /// report to the returned log each frame that a program touches.
    ///
    /// # Panics
    /// If a frame is in use.
    fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        assert_eq!(self.frames().in_use(), 0, "touches were missed");
        let log = Rc::new(TouchLog::new(self.frames().pool(), options));
        self.recording = Some(Recording::new(Rc::clone(&log)));
        log
    }

    /// Puts the process that is served to sleep in the kernel until `time`.
    pub(crate) fn sleep_until(&mut self, time: u64) {
        self.disks.wait_until(time);
        self.disks.sleep_here();
    }

    /// Puts the process that is served to sleep in the kernel until its transfers are done.
    pub(crate) fn sleep_here(&mut self) {
        self.disks.sleep_here();
    }

    /// Checks the invariants of the crate. Returns the number of items it looked at.
    ///
    /// # Panics
    /// If one is broken, which only a bug can cause.
    pub fn check_invariants(&self) -> u64 {
        self.in_hand.check(self.frames());
        self.residency.check()
    }

    /// Checks the invariants in debug builds, as often as a bounded average cost allows.
    pub(crate) fn debug_check(&mut self) {
        if cfg!(debug_assertions) {
            match self.operations_to_check.checked_sub(1) {
                Some(left) => self.operations_to_check = left,
                None => self.operations_to_check = self.check_invariants() / ITEMS_AN_OPERATION,
            }
        }
    }

    /// Returns the owner of an address space.
    pub fn owner(&self, space: SpaceId) -> Owner {
        self.space(space).owner()
    }
}
