//! Who gets which frame, and when: faults, eviction, time, and what is told of it.
//!
//! The [`Pager`] does all that the virtual memory does, when it is asked to at a moment (`serve`). Where
//! pages are is the business of [`Residency`], which it owns; a policy says who goes, the disk clock what
//! takes time.
//!
//! # Invariants
//! - Nobody else changes the residency: calls do so by `transitions`.
//! - What a transition of the residency did reaches the policy, the counters, the recording and the
//!   log in one place, `changes`.
//! - A fault does not take away what the faults of the same instruction have asked for (`in_hand`),
//!   and private pages leave room for the code of others (`room`).

mod candidates;
mod changes;
pub mod denied;
mod disk_time;
pub mod evict;
pub mod fault;
mod in_hand;
pub mod load;
mod look;
mod room;
pub mod serve;
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
pub const LOG_TARGET: &str = "vm::fault";
/// How many entries, users and frames a check in a debug build may look at for each operation
/// since the one before it: checking everything always would make large machines crawl.
const ITEMS_AN_OPERATION: u64 = 64;

/// What the virtual memory of a machine does, for whoever is lent it by [`Vm::serve`](crate::Vm::serve),
/// and what can be asked of it by everybody.
pub struct Pager {
    residency: Residency,
    policy: Box<dyn Policy>,
    policy_name: &'static str,
    stats: Stats,
    operations_to_check: u64,
    in_hand: InHand,
    disks: DiskTime,
    /// The instruction that events are put down to.
    eip: VirtAddr,
    /// Whose pages lost their frames since the fault that is being served began.
    displaced: SmallVec<[Eviction; 1]>,
    recorder: Option<(Detail, Recorder)>,
    /// Names the contents of frames, if the touches of a run are recorded.
    recording: Option<Recording>,
}

/// Receives events with the guest work at which they happened.
pub type Recorder = Box<dyn FnMut(u64, &Event)>;

impl Pager {
    /// Nothing is anywhere yet.
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

    /// A new address space, with nothing in it, for a process for which the kernel has worked until
    /// `made`; that is the time of what follows, or else when the process that is served will wake.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is no frame for its page directory.
    pub fn create_space(&mut self, owner: Owner, made: Work) -> Result<SpaceId, OutOfTables> {
        self.tell_entries();
        self.disks.set_now(self.disks.now().max(made.0));
        self.residency.create_space(owner)
    }

    /// Ends an address space: writes dirty pages of shared mappings back, frees all the rest.
    /// What cannot be written back is lost, and said in the log.
    pub fn destroy_space(&mut self, space: SpaceId) {
        self.residency.end_all_kept_pins(space);
        let contents = self.space(space).spt().all_contents();
        let pages: Vec<_> = contents.map(|(page, _)| page).collect();
        for page in pages {
            // There is nobody left to be told but the log.
            drop(self.release(User { space, page }));
        }
        self.tell_entries();
        self.residency.destroy_space(space);
        self.debug_check();
    }

    /// Tells whether a process has turns. One that has none for now keeps no frame that others need.
    fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.residency.set_resident(space, is_resident);
    }

    /// Where every page is.
    pub(crate) fn residency(&self) -> &Residency {
        &self.residency
    }

    /// The frame of an address space's page directory that ring 3 runs on, for CR3.
    pub fn user_root(&self, space: SpaceId) -> Frame {
        self.space(space).directory.user_root()
    }

    /// An address space.
    pub fn space(&self, space: SpaceId) -> &AddressSpace {
        self.residency.space(space)
    }

    /// All address spaces, in the order of their ids.
    pub fn spaces(&self) -> impl Iterator<Item = (SpaceId, &AddressSpace)> {
        self.residency.spaces()
    }

    /// What pages hold: a content that the supplemental, the frame or the swap table names.
    pub fn content(&self, content: ContentId) -> &Content {
        self.residency.content(content)
    }

    /// The frame that a page is in, if it is in one.
    pub fn frame_of(&self, user: User) -> Option<Frame> {
        self.residency.frame_of(user)
    }

    /// The page tables.
    pub fn tables(&self) -> &PageTables {
        self.residency.tables()
    }

    /// The frame table.
    pub fn frames(&self) -> &FrameTable {
        self.residency.frames()
    }

    /// The swap table.
    pub fn swap(&self) -> &SwapTable {
        self.residency.swap()
    }

    /// Whether the content of a frame has been used since a replacement policy last cleared that,
    /// by any of the entries that map it.
    pub fn is_accessed(&self, frame: Frame) -> bool {
        self.residency.accessed(frame)
    }

    /// Whether the content of a frame has been stored to since it came there, by any of the
    /// entries that map it.
    pub fn is_dirty(&self, frame: Frame) -> bool {
        self.residency.dirty(frame)
    }

    /// How the kernel touches user memory, and so whether its aliases have A and D bits that count.
    pub fn alias_policy(&self) -> AliasPolicy {
        self.residency.alias()
    }

    /// What the replacement policy is called.
    pub fn policy_name(&self) -> &'static str {
        self.policy_name
    }

    /// What happened so far, in numbers.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The time of events, in guest work, as the process that is served sees it.
    pub fn now(&self) -> u64 {
        self.disks.now()
    }

    /// How many pages that share a frame with others were gone through since this was last asked, beyond
    /// a few for each frame. The kernel asks after each call, and charges for them.
    fn take_walked(&mut self) -> u64 {
        self.residency.take_walked()
    }

    /// Has the reference string recorded from here on. No page may have been touched yet; whoever
    /// runs programs has to tell the log which frames they touch.
    ///
    /// # Panics
    /// If a frame is in use.
    fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        assert_eq!(self.frames().in_use(), 0, "touches were missed");
        let log = Rc::new(TouchLog::new(self.frames().pool(), options));
        self.recording = Some(Recording::new(Rc::clone(&log)));
        log
    }

    /// The process that is served sleeps in the kernel until `time`.
    pub(crate) fn sleep_until(&mut self, time: u64) {
        self.disks.wait_until(time);
        self.disks.sleep_here();
    }

    /// The process that is served sleeps in the kernel for as long as it has to.
    pub(crate) fn sleep_here(&mut self) {
        self.disks.sleep_here();
    }

    /// Checks the invariants of the crate. Gives how many things it looked at.
    ///
    /// # Panics
    /// If one is broken, which only a bug can cause.
    pub fn check_invariants(&self) -> u64 {
        self.in_hand.check(self.frames());
        self.residency.check()
    }

    /// In debug builds, checks the invariants as often as a bounded cost a call allows.
    pub(crate) fn debug_check(&mut self) {
        if cfg!(debug_assertions) {
            match self.operations_to_check.checked_sub(1) {
                Some(left) => self.operations_to_check = left,
                None => self.operations_to_check = self.check_invariants() / ITEMS_AN_OPERATION,
            }
        }
    }

    /// Whose an address space is.
    pub fn owner(&self, space: SpaceId) -> Owner {
        self.space(space).owner()
    }
}
