//! What everybody can see of the virtual memory.
//!
//! # Invariants
//!
//! Looking changes nothing. Where tools ask for something that there is not, such as slots, they
//! are told so.

use std::ops::Range;

use machine::addr::{Frame, KERNEL_PAGE, Page, PhysAddr, VirtAddr};
use machine::paging::{PageDirectory, PageTables};
use machine::pte::{Pte, PteFlags};

use crate::alias::AliasPolicy;
use crate::ids::{Owner, SpaceId, User};
use crate::observe::event::{Area, PagePlace, PageState};
use crate::observe::pagemap;
use crate::observe::stats::Stats;
use crate::observe::view::{CopyView, FrameView, Held, PageView, Place, SlotView, Usage};
use crate::pager::Pager;
use crate::space::region::{Protection, Region};

impl Pager {
    /// The page tables.
    pub fn tables(&self) -> &PageTables {
        &self.tables
    }

    /// The page directory of an address space.
    pub fn directory(&self, space: SpaceId) -> &PageDirectory {
        &self.spaces.get(space).directory
    }

    /// The frame of the page directory that ring 3 runs on, for CR3.
    pub fn user_root(&self, space: SpaceId) -> Frame {
        self.directory(space).user_root()
    }

    /// All address spaces, in the order of their ids.
    pub fn all_spaces(&self) -> impl Iterator<Item = SpaceId> {
        self.spaces.ids()
    }

    /// Whose an address space is.
    pub fn owner(&self, space: SpaceId) -> Owner {
        self.spaces.get(space).owner
    }

    /// What happened so far, in numbers.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The time of events, in guest work.
    pub fn now(&self) -> u64 {
        self.now.0
    }

    /// What the replacement policy is called, which is never asked.
    pub fn policy_name(&self) -> &'static str {
        self.options.policy.name
    }

    /// Whether aliases have A and D bits that count: the kernel never uses its aliases.
    pub fn alias_policy(&self) -> AliasPolicy {
        AliasPolicy::UserAddress
    }

    /// How much memory there is, and how much of it is in use.
    pub fn usage(&self) -> Usage {
        let pool = self.frames.pool();
        Usage {
            first: pool.first,
            frames: pool.count,
            frames_in_use: self.frames.used().len() as u32,
            slots: self.slots,
            slots_in_use: 0,
        }
    }

    /// The regions of an address space, in order.
    pub fn regions(&self, space: SpaceId) -> impl ExactSizeIterator<Item = &Region> {
        self.spaces.get(space).regions.values()
    }

    /// Those that have pages in a range, in order.
    pub fn regions_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = &Region> {
        self.spaces.regions_within(space, pages)
    }

    /// The region that a page lies in.
    pub fn region(&self, user: User) -> Option<&Region> {
        self.spaces.region(user)
    }

    /// How many pages of an address space are in frames.
    pub fn touched(&self, space: SpaceId) -> usize {
        self.spaces.get(space).frames.len()
    }

    /// The pages of an address space that are in frames, in order.
    pub fn pages(&self, space: SpaceId) -> impl Iterator<Item = PageView> {
        self.pages_within(space, Page::new(0)..KERNEL_PAGE)
    }

    /// Those of a range, in order.
    pub fn pages_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = PageView> {
        let frames = self.spaces.get(space).frames.range(pages);
        frames.map(move |(&page, &frame)| view(User { space, page }, frame))
    }

    /// A page, if it is in a frame.
    pub fn page(&self, user: User) -> Option<PageView> {
        Some(view(user, self.spaces.frame(user)?))
    }

    /// The frames in use, in order.
    pub fn frames_in_use(&self) -> impl Iterator<Item = FrameView> {
        self.frames.used().map(|(frame, user)| FrameView {
            frame,
            held: Held::Private { pristine: false },
            users: vec![user],
            pins: 0,
            was_accessed: false,
            was_dirty: false,
            ready_at: 0,
        })
    }

    /// The swap slots in use: there are none.
    pub fn slots_in_use(&self) -> impl Iterator<Item = SlotView> {
        std::iter::empty()
    }

    /// The slots that have a copy of what is in a frame: there are none.
    pub fn copies(&self) -> impl Iterator<Item = CopyView> {
        std::iter::empty()
    }

    /// Whether the page in a frame was used.
    pub fn is_accessed(&self, frame: Frame) -> bool {
        self.entry_of(frame).has(PteFlags::ACCESSED)
    }

    /// Whether the page in a frame was stored to.
    pub fn is_dirty(&self, frame: Frame) -> bool {
        self.entry_of(frame).has(PteFlags::DIRTY)
    }

    /// What a page is, in the words of the fault log.
    pub fn page_state(&self, space: SpaceId, page: Page) -> PageState {
        let user = User { space, page };
        let region = self.spaces.region(user);
        let frame = self.spaces.frame(user);
        PageState {
            area: region.map(Area::of),
            rights: region.map_or(Protection::empty(), |region| region.protection),
            place: frame.map_or(PagePlace::Unmapped, PagePlace::Frame),
        }
    }

    /// The pagemap entry of a page, with the bits of [`pagemap`]; 0 for one that is nowhere.
    pub fn pagemap(&self, user: User) -> u64 {
        let Some(frame) = self.spaces.frame(user) else {
            return 0;
        };
        let dirty = u64::from(self.is_dirty(frame)) * pagemap::DIRTY;
        pagemap::PRESENT | dirty | u64::from(frame.number())
    }

    /// The physical address of a byte, if its page is in a frame.
    pub fn physical(&self, space: SpaceId, addr: VirtAddr) -> Option<PhysAddr> {
        let page = addr.page();
        let frame = self.spaces.frame(User { space, page })?;
        Some(PhysAddr(frame.start().0 + addr.offset()))
    }

    /// The only entry that maps a frame.
    fn entry_of(&self, frame: Frame) -> Pte {
        self.frames.user(frame).map_or(Pte::EMPTY, |user| {
            self.tables.entry(self.directory(user.space), user.page)
        })
    }
}

/// A page in a frame, as it is shown.
fn view(user: User, frame: Frame) -> PageView {
    PageView {
        page: user.page,
        held: Held::Private { pristine: false },
        place: Place::Frame(frame),
        pins: 0,
        users: vec![user],
    }
}
