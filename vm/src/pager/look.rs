//! Read-only views of the virtual memory, as plain data for inspectors.
//!
//! # Invariants
//!
//! Nothing here changes anything.

use std::ops::Range;

use machine::addr::{KERNEL_PAGE, Page};
use machine::paging::PageDirectory;

use crate::ids::{SpaceId, User};
use crate::observe::view::{CopyView, FrameView, Held, PageView, SlotView, Usage};
use crate::pager::Pager;
use crate::residency::content::{Content, Kind};
use crate::space::region::Region;
use crate::space::spt::ContentId;

/// What a view shows for a frame whose content no longer exists. Inspectors must show such a
/// mistake of the kernel, and not panic on it.
const GONE: Held = Held::Private { pristine: false };

impl Pager {
    /// Returns all address spaces, in the order of their ids.
    pub fn all_spaces(&self) -> impl Iterator<Item = SpaceId> {
        self.spaces().map(|(space, _)| space)
    }

    /// Returns the page directory of an address space.
    ///
    /// # Examples
    ///
    /// ```
    /// use kit::Machine;
    /// use machine::addr::VirtAddr;
    /// use machine::pte::PteFlags;
    /// use vm::VmOptions;
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// let addr = VirtAddr(0x0a00_0000);
    /// machine.zeros(space, addr.0, 1);
    /// machine.store(space, addr.0, 7)?;
    ///
    /// let (tables, directory) = (machine.vm.tables(), machine.vm.directory(space));
    /// let [(page, entry)] = tables.user_entries(directory)[..] else { panic!("one page") };
    /// assert_eq!(page, addr.page());
    /// assert_eq!(Some(entry.frame()), machine.frame(space, addr.0));
    /// assert!(entry.has(PteFlags::USER_WRITE | PteFlags::ACCESSED | PteFlags::DIRTY));
    /// # Ok::<(), vm::Kill>(())
    /// ```
    pub fn directory(&self, space: SpaceId) -> &PageDirectory {
        self.space(space).directory()
    }

    /// Returns the regions of an address space, in order.
    pub fn regions(&self, space: SpaceId) -> impl ExactSizeIterator<Item = &Region> {
        self.space(space).spt().regions().iter()
    }

    /// Returns the regions that overlap a range of pages, in order.
    pub fn regions_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = &Region> {
        self.space(space).spt().regions().within(pages)
    }

    /// Returns the region that a page lies in.
    pub fn region(&self, user: User) -> Option<&Region> {
        self.space(user.space).spt().region(user.page)
    }

    /// Returns the number of touched pages of an address space: those in frames or in swap slots.
    pub fn touched(&self, space: SpaceId) -> usize {
        self.space(space).spt().touched()
    }

    /// Returns the touched pages of an address space, in order.
    pub fn pages(&self, space: SpaceId) -> impl Iterator<Item = PageView> {
        self.pages_within(space, Page::new(0)..KERNEL_PAGE)
    }

    /// Returns the touched pages in a range, in order.
    pub fn pages_within(
        &self,
        space: SpaceId,
        pages: Range<Page>,
    ) -> impl Iterator<Item = PageView> {
        let contents = self.space(space).spt().contents(pages);
        contents.map(move |(page, content)| self.view(User { space, page }, content))
    }

    /// Returns a page if it has been touched.
    pub fn page(&self, user: User) -> Option<PageView> {
        let content = self.space(user.space).spt().content(user.page)?;
        Some(self.view(user, content))
    }

    /// Returns the frames in use, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use kit::Machine;
    /// use vm::VmOptions;
    ///
    /// let mut machine = Machine::new(8, 64, VmOptions::default());
    /// let space = machine.space();
    /// machine.zeros(space, 0x0a00_0000, 2);
    /// for addr in [0x0a00_0000, 0x0a00_1000] {
    ///     machine.store(space, addr, 7)?;
    /// }
    /// let first_user = |frame: vm::view::FrameView| frame.users[0].page.start().0;
    /// let pages: Vec<u32> = machine.vm.frames_in_use().map(first_user).collect();
    /// assert_eq!(pages, [0x0a00_0000, 0x0a00_1000]);
    /// # Ok::<(), vm::Kill>(())
    /// ```
    pub fn frames_in_use(&self) -> impl Iterator<Item = FrameView> {
        self.frames().iter().filter_map(|(frame, info)| {
            let content = self.residency.find_content(info.content()?);
            Some(FrameView {
                frame,
                held: content.map_or(GONE, Content::held),
                users: content.map_or(Vec::new(), |content| content.users().to_vec()),
                pins: info.pins(),
                was_accessed: info.was_accessed(),
                was_dirty: info.was_dirty(),
                ready_at: info.ready_at(),
            })
        })
    }

    /// Returns the swap slots in use, in order.
    pub fn slots_in_use(&self) -> impl Iterator<Item = SlotView> {
        self.swap().used().map(|(slot, content)| {
            let content = self.residency.find_content(content);
            SlotView {
                slot,
                users: content.map_or(Vec::new(), |content| content.users().to_vec()),
            }
        })
    }

    /// Returns the swap cache: slots that still have a copy of what is in a frame, in no order.
    pub fn copies(&self) -> impl Iterator<Item = CopyView> {
        self.swap().copies().filter_map(|(content, slot)| {
            let frame = self.content(content).frame()?;
            Some(CopyView { slot, frame })
        })
    }

    /// Returns the sizes of memory and swap, and how much of each is in use.
    pub fn usage(&self) -> Usage {
        let (frames, swap) = (self.frames(), self.swap());
        Usage {
            first: frames.first(),
            frames: frames.count(),
            frames_in_use: frames.in_use(),
            slots: swap.slots(),
            slots_in_use: swap.in_use(),
        }
    }

    fn view(&self, user: User, content: ContentId) -> PageView {
        let content = self.content(content);
        PageView {
            page: user.page,
            held: content.held(),
            place: content.place,
            pins: self.space(user.space).pins(user.page),
            users: content.users().to_vec(),
        }
    }
}

impl Content {
    fn held(&self) -> Held {
        match &self.kind {
            Kind::Private { pristine } => Held::Private {
                pristine: *pristine,
            },
            Kind::File(page) => Held::File {
                file: page.file.id(),
                page: page.part.first_page(),
            },
        }
    }
}
