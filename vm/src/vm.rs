//! The [`Vm`]: all state of the virtual memory, and the small things that need no file of their
//! own.

use std::collections::BTreeMap;
use std::rc::Rc;

use emu::addr::{Frame, VirtAddr};
use emu::disk::BlockDevice;
use emu::memory::PhysMemory;
use emu::paging::{OutOfTables, PageTables};
use emu::tlb::Tlb;
use log::{Level, log, log_enabled};
use smallvec::SmallVec;

use crate::content::{ContentId, Contents, FileKey};
use crate::disk_time::DiskTime;
use crate::event::{Detail, Event, Eviction};
use crate::frame::{FrameBits, FrameTable};
use crate::in_hand::InHand;
use crate::replacement::{Policy, PolicyKind};
use crate::space::{AddressSpace, Owner, SpaceId, Spaces};
use crate::stats::Stats;
use crate::swap::SwapTable;
use crate::touches::{Recording, RecordingOptions, TouchLog};
use crate::user_memory::AliasPolicy;

/// The target under which the fault log goes through the `log` crate.
pub const LOG_TARGET: &str = "vm::fault";

/// What can be chosen about the virtual memory of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VmOptions {
    /// How the kernel touches user memory.
    pub alias: AliasPolicy,
    /// Who is evicted.
    pub policy: PolicyKind,
    /// Seed for a policy that draws lots.
    pub seed: u64,
    /// How much guest work a disk takes to transfer a page; 0 for no time at all.
    pub disk_latency: u64,
}

/// The virtual memory of a machine.
pub struct Vm {
    pub(crate) tables: PageTables,
    pub(crate) memory: PhysMemory,
    pub(crate) tlb: Tlb,
    pub(crate) alias: AliasPolicy,
    pub(crate) frames: FrameTable,
    pub(crate) contents: Contents,
    /// Pages of files that are in frames.
    pub(crate) cache: BTreeMap<FileKey, ContentId>,
    pub(crate) spaces: Spaces,
    pub(crate) swap: SwapTable,
    pub(crate) policy: Box<dyn Policy>,
    policy_name: &'static str,
    pub(crate) stats: Stats,
    /// Whether an entry had to be left out for want of a page table; see the invariants.
    pub(crate) tables_ran_out: bool,
    /// Pages that processes have pinned.
    pub(crate) pinned_pages: u32,
    /// Pins that system calls hold until they have copied what they want.
    pub(crate) pins_of_calls: u32,
    pub(crate) operations_to_check: u64,
    pub(crate) in_hand: InHand,
    pub(crate) disks: DiskTime,
    /// The instruction that events are put down to.
    pub(crate) eip: VirtAddr,
    /// Whose pages lost their frames since the fault that is being served began.
    pub(crate) displaced: SmallVec<[Eviction; 1]>,
    recorder: Option<(Detail, Recorder)>,
    /// Names the contents of frames, if the touches of a run are recorded.
    pub(crate) recording: Option<Recording>,
}

/// Receives events with the guest work at which they happened.
pub type Recorder = Box<dyn FnMut(u64, &Event)>;

impl Vm {
    /// The virtual memory of a machine with these page tables, that TLB, and `swap` to swap to.
    pub fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Vm {
        let frames = FrameTable::new(tables.layout());
        let policy_name = options.policy.name();
        let policy = options.policy.build(&frames, options.seed);
        let mut vm = Vm {
            memory: tables.memory().clone(),
            tables,
            tlb,
            alias: options.alias,
            frames,
            contents: Contents::default(),
            cache: BTreeMap::new(),
            spaces: Spaces::default(),
            swap: SwapTable::new(swap),
            policy,
            policy_name,
            stats: Stats::default(),
            tables_ran_out: false,
            pinned_pages: 0,
            pins_of_calls: 0,
            operations_to_check: 0,
            in_hand: InHand::default(),
            disks: DiskTime::new(options.disk_latency),
            eip: VirtAddr(0),
            displaced: SmallVec::new(),
            recorder: None,
            recording: None,
        };
        if vm.is_heard(Detail::Entries) {
            vm.tables.keep_journal();
        }
        vm
    }

    /// A new address space, with nothing in it.
    ///
    /// # Errors
    /// [`OutOfTables`] if there is no frame for its page directory.
    pub fn create_space(&mut self, owner: Owner) -> Result<SpaceId, OutOfTables> {
        let directory = self.tables.create()?;
        Ok(self.spaces.add(AddressSpace::new(owner, directory)))
    }

    /// Ends an address space: writes dirty pages of shared mappings back, frees all the rest.
    /// What cannot be written back is lost, and said in the log.
    pub fn destroy_space(&mut self, space: SpaceId) {
        self.release_pins(space);
        let pages: Vec<_> = self
            .spaces
            .get(space)
            .spt
            .all_contents()
            .map(|(p, _)| p)
            .collect();
        for page in pages {
            if let Err(lost) = self.detach(space, page) {
                self.emit(lost.event());
            }
        }
        self.tell_entries();
        let gone = self.spaces.remove(space);
        let flush = self.tables.destroy(gone.directory);
        self.tlb.note(flush);
        debug_assert!(
            self.spaces.len() > 0 || self.contents.is_empty(),
            "contents of nobody"
        );
        self.debug_check();
    }

    /// Tells whether a process has turns. One that has none for now keeps no frame that others need.
    pub fn set_resident(&mut self, space: SpaceId, is_resident: bool) {
        self.spaces.get_mut(space).is_resident = is_resident;
    }

    /// The frame of an address space's page directory, for CR3.
    pub fn root(&self, space: SpaceId) -> Frame {
        self.space(space).directory.root()
    }

    /// An address space.
    pub fn space(&self, space: SpaceId) -> &AddressSpace {
        self.spaces.get(space)
    }

    /// The page tables.
    pub fn tables(&self) -> &PageTables {
        &self.tables
    }

    /// The frame table.
    pub fn frames(&self) -> &FrameTable {
        &self.frames
    }

    /// The swap table.
    pub fn swap(&self) -> &SwapTable {
        &self.swap
    }

    /// What the replacement policy is called.
    pub fn policy_name(&self) -> &'static str {
        self.policy_name
    }

    /// What happened so far, in numbers.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Tells how much work the guest has done, which is the time of the events from here on.
    pub fn set_time(&mut self, work: u64) {
        self.tell_entries();
        self.disks.set_now(work);
    }

    /// Tells how much work has been done by the time the kernel goes on serving a process, which may
    /// have slept for disks beyond that already.
    pub fn advance_time(&mut self, work: u64) {
        self.set_time(work.max(self.disks.now()));
    }

    /// The time of events, in guest work, as the process that is served sees it.
    pub fn now(&self) -> u64 {
        self.disks.now()
    }

    /// Tells which instruction the events from here on are put down to. Needs to be told only while
    /// [`Vm::is_heard`].
    pub fn set_eip(&mut self, eip: VirtAddr) {
        self.eip = eip;
    }

    /// Until when, in guest work, the process that was served last has to sleep for a disk. The
    /// kernel asks after each call that may need one, and does not run that process before.
    pub fn take_wait(&mut self) -> Option<u64> {
        self.disks.take_wait()
    }

    /// How many pages that share a frame with others were gone through since this was last asked, beyond
    /// a few for each frame. The kernel asks after each call, and charges for them.
    pub fn take_walked(&mut self) -> u64 {
        self.contents.take_walked()
    }

    /// Has the reference string recorded from here on. No page may have been touched yet; whoever
    /// runs programs has to tell the log which frames they touch.
    ///
    /// # Panics
    /// If a frame is in use.
    pub fn record_touches(&mut self, options: RecordingOptions) -> Rc<TouchLog> {
        assert_eq!(self.frames.in_use(), 0, "touches were missed");
        let log = Rc::new(TouchLog::new(&self.frames, options));
        self.recording = Some(Recording::new(Rc::clone(&log)));
        log
    }

    /// Has every event up to this detail handed to `recorder` from here on, as it happens.
    pub fn record(&mut self, detail: Detail, recorder: Recorder) {
        self.recorder = Some((detail, recorder));
        if self.is_heard(Detail::Entries) {
            self.tables.keep_journal();
        }
    }

    /// Whether anyone listens to events of this detail; what costs time to find out for an event is
    /// found out only then.
    pub fn is_heard(&self, detail: Detail) -> bool {
        let recorded = self
            .recorder
            .as_ref()
            .is_some_and(|(most, _)| detail <= *most);
        recorded || log_enabled!(target: LOG_TARGET, level(detail))
    }

    /// Tells an event to whoever listens, after the changes of entries that led to it.
    pub(crate) fn emit(&mut self, event: Event) {
        self.tell_entries();
        self.tell(&event);
    }

    fn tell_entries(&mut self) {
        for change in self.tables.take_journal() {
            let mut spaces = self.spaces.iter();
            let space = spaces.find(|(_, space)| space.directory.root() == change.root);
            let owner = space
                .expect("only the entries of living spaces change")
                .1
                .owner;
            drop(spaces);
            self.tell(&Event::Entry {
                owner,
                page: change.page,
                old: change.old,
                new: change.new,
            });
        }
    }

    fn tell(&mut self, event: &Event) {
        let (now, detail) = (self.disks.now(), event.detail());
        let level = match event {
            Event::PageOutFailed { .. } | Event::WriteBackFailed { .. } => Level::Warn,
            _ => level(detail),
        };
        log!(target: LOG_TARGET, level, "{now:>10} {event}");
        if let Some((most, recorder)) = &mut self.recorder {
            if detail <= *most {
                recorder(now, event);
            }
        }
    }

    pub(crate) fn owner(&self, space: SpaceId) -> Owner {
        self.spaces.get(space).owner
    }

    pub(crate) fn bits(&mut self) -> FrameBits<'_> {
        FrameBits {
            frames: &mut self.frames,
            contents: &self.contents,
            spaces: &self.spaces,
            tables: &mut self.tables,
            tlb: &self.tlb,
            alias: self.alias,
        }
    }
}

/// The level at which events of a detail go through the `log` crate.
fn level(detail: Detail) -> Level {
    match detail {
        Detail::Faults => Level::Info,
        Detail::Evictions => Level::Debug,
        Detail::Entries => Level::Trace,
    }
}
