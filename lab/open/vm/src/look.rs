//! Read-only views of the virtual memory.
//!
//! # Invariants
//!
//! Nothing here changes anything. What this kernel does not have, such as swap slots, is shown as
//! empty.

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
    /// Returns the page tables.
    #[must_use]
    pub fn tables(&self) -> &PageTables {
        &self.tables
    }

    /// Returns the page directory of an address space.
    #[must_use]
    pub fn directory(&self, space: SpaceId) -> &PageDirectory {
        &self.spaces.get(space).directory
    }

    /// Returns the frame of the page directory on which ring 3 runs: the value for CR3.
    #[must_use]
    pub fn user_root(&self, space: SpaceId) -> Frame {
        self.directory(space).user_root()
    }

    /// Returns all address spaces, in the order of their ids.
    pub fn all_spaces(&self) -> impl Iterator<Item = SpaceId> {
        self.spaces.ids()
    }

    /// Returns the owner of an address space.
    #[must_use]
    pub fn owner(&self, space: SpaceId) -> Owner {
        self.spaces.get(space).owner
    }

    /// Returns the counters.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns the time of events, in guest work.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now.0
    }

    /// Returns the name of the replacement policy, which is never used.
    #[must_use]
    pub fn policy_name(&self) -> &'static str {
        self.options.policy.name
    }

    /// Returns how the kernel accesses user memory: never through its aliases.
    #[must_use]
    pub fn alias_policy(&self) -> AliasPolicy {
        AliasPolicy::UserAddress
    }

    /// Returns the sizes of memory and swap, and how much of each is in use.
    #[must_use]
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

    /// Returns the regions of an address space, in order.
    #[must_use]
    pub fn regions(&self, space: SpaceId) -> impl ExactSizeIterator<Item = &Region> {
        self.spaces.get(space).regions.values()
    }

    /// Returns the regions that overlap a range, in order.
    pub fn regions_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = &Region> {
        self.spaces.regions_within(space, pages)
    }

    /// Returns the region that a page lies in.
    #[must_use]
    pub fn region(&self, user: User) -> Option<&Region> {
        self.spaces.region(user)
    }

    /// Returns the number of pages of an address space that are in frames.
    #[must_use]
    pub fn touched(&self, space: SpaceId) -> usize {
        self.spaces.get(space).frames.len()
    }

    /// Returns the pages of an address space that are in frames, in order.
    pub fn pages(&self, space: SpaceId) -> impl Iterator<Item = PageView> {
        self.pages_within(space, Page::new(0)..KERNEL_PAGE)
    }

    /// Returns the pages in a range that are in frames, in order.
    pub fn pages_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = PageView> {
        let frames = self.spaces.get(space).frames.range(pages);
        frames.map(move |(&page, &frame)| view(User { space, page }, frame))
    }

    /// Returns a page, if it is in a frame.
    #[must_use]
    pub fn page(&self, user: User) -> Option<PageView> {
        Some(view(user, self.spaces.frame(user)?))
    }

    /// Returns the frames in use, in order.
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

    /// Returns the swap slots in use: none.
    pub fn slots_in_use(&self) -> impl Iterator<Item = SlotView> {
        std::iter::empty()
    }

    /// Returns the slots that have a copy of a page that is in a frame: none.
    pub fn copies(&self) -> impl Iterator<Item = CopyView> {
        std::iter::empty()
    }

    /// Returns whether the page in a frame has been accessed.
    #[must_use]
    pub fn is_accessed(&self, frame: Frame) -> bool {
        self.entry_of(frame).has(PteFlags::ACCESSED)
    }

    /// Returns whether the page in a frame has been stored to.
    #[must_use]
    pub fn is_dirty(&self, frame: Frame) -> bool {
        self.entry_of(frame).has(PteFlags::DIRTY)
    }

    /// Returns the state of a page as the fault log shows it.
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

    /// Returns the pagemap entry of a page, with the bits of [`pagemap`]; 0 for one in no frame.
    #[must_use]
    pub fn pagemap(&self, user: User) -> u64 {
        let Some(frame) = self.spaces.frame(user) else {
            return 0;
        };
        let dirty = u64::from(self.is_dirty(frame)) * pagemap::DIRTY;
        pagemap::PRESENT | dirty | u64::from(frame.number())
    }

    /// Returns the physical address of a byte, if its page is in a frame.
    #[must_use]
    pub fn physical(&self, space: SpaceId, addr: VirtAddr) -> Option<PhysAddr> {
        let page = addr.page();
        let frame = self.spaces.frame(User { space, page })?;
        Some(PhysAddr(frame.start().0 + addr.offset()))
    }

    /// Returns the only entry that maps a frame.
    fn entry_of(&self, frame: Frame) -> Pte {
        self.frames.user(frame).map_or(Pte::EMPTY, |user| {
            self.tables.entry(self.directory(user.space), user.page)
        })
    }
}

/// Returns the view of a page in a frame.
fn view(user: User, frame: Frame) -> PageView {
    PageView {
        page: user.page,
        held: Held::Private { pristine: false },
        place: Place::Frame(frame),
        pins: 0,
        users: vec![user],
    }
}
