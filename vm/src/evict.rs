//! How a page gets out of its frame.
//!
//! What always holds: a frame that is evicted has no pin and no entry that points to it; its
//! content is in a swap slot, in its file, or such that its source gives it again. If it cannot be
//! written out it stays where it was, with every entry it had. The machine never gives up: who
//! asked for the frame is told why there is none.

use emu::addr::Frame;
use smallvec::SmallVec;

use crate::content::{ContentId, Contents, Kind, Place, User};
use crate::disk_time::Disk;
use crate::event::{Detail, Event, Eviction, Fate};
use crate::frame::FrameBits;
use crate::in_hand::PAGES_AN_INSTRUCTION;
use crate::kill::{Denied, Kill};
use crate::replacement::Frames;
use crate::space::{SpaceId, Spaces};
use crate::swap::{SlotUse, SwapOutError};
use crate::touches::place_of;
use crate::vm::Vm;

/// How many pages are tried before a failing disk is somebody's problem.
const TRIES: usize = 8;
/// The pages that a resident process keeps in their frames whatever others need: as many as one
/// instruction may.
pub const MINIMUM_RESIDENT: u32 = PAGES_AN_INSTRUCTION;

/// A page could not be written out.
pub(crate) struct PageOutFailed;

impl Vm {
    /// A frame for a page of a process: a free one, or another page's; and there is a page table for
    /// the page's entry. The frame's bytes are whatever they were; the caller fills it and gives it
    /// a content, or gives it back.
    pub(crate) fn take_frame(&mut self, user: User, slots: SlotUse) -> Result<Frame, Denied> {
        let frame = match self.frames.take_free() {
            Some(frame) => frame,
            None => self.evict_one(user.space, slots)?,
        };
        // Eviction may have freed a page table, this page's own among them, so now is the time.
        if let Err(error) = self.check_table(user) {
            self.frames.give_back(frame);
            return Err(error.into());
        }
        self.memory.renew(frame);
        Ok(frame)
    }

    fn evict_one(&mut self, asker: SpaceId, slots: SlotUse) -> Result<Frame, Denied> {
        let mut failed: SmallVec<[Frame; TRIES]> = SmallVec::new();
        let result = loop {
            let Some(victim) = self.choose_victim(asker, slots) else {
                break Err(self.why_no_victim(slots, failed.is_empty()));
            };
            if self.evict(victim, slots).is_ok() {
                break Ok(victim);
            }
            self.emit(Event::PageOutFailed { frame: victim });
            // Pinned for the time of this search, so that the policy finds another.
            self.frames.info_mut(victim).pins += 1;
            failed.push(victim);
            if failed.len() == TRIES {
                break Err(Kill::PageOut.into());
            }
        };
        for frame in failed {
            self.frames.info_mut(frame).pins -= 1;
        }
        result
    }

    fn choose_victim(&mut self, asker: SpaceId, slots: SlotUse) -> Option<Frame> {
        // Rather than end the asker, take a frame from those who have few.
        self.victim_beyond(MINIMUM_RESIDENT, asker, slots)
            .or_else(|| self.victim_beyond(0, asker, slots))
    }

    fn victim_beyond(&mut self, guaranteed: u32, asker: SpaceId, slots: SlotUse) -> Option<Frame> {
        let search = match self.swap.has_room(slots) {
            true => Search::Any,
            false => Search::WithoutSlot,
        };
        self.find_victim(asker, search, guaranteed)
    }

    /// The frame that the policy gives up, if any is as wanted.
    pub(crate) fn find_victim(
        &mut self,
        asker: SpaceId,
        search: Search,
        guaranteed: u32,
    ) -> Option<Frame> {
        self.policy.victim(&mut Candidates {
            asker,
            search,
            now: self.disks.now(),
            guaranteed,
            bits: FrameBits {
                frames: &mut self.frames,
                contents: &self.contents,
                spaces: &self.spaces,
                tables: &mut self.tables,
                tlb: &self.tlb,
                alias: self.alias,
            },
        })
    }

    /// Tells the policy that a page came into a frame.
    pub(crate) fn tell_loaded(&mut self, frame: Frame) {
        let mut bits = FrameBits {
            frames: &mut self.frames,
            contents: &self.contents,
            spaces: &self.spaces,
            tables: &mut self.tables,
            tlb: &self.tlb,
            alias: self.alias,
        };
        self.policy.loaded(frame, &mut bits);
    }

    fn why_no_victim(&self, slots: SlotUse, none_failed: bool) -> Denied {
        let now = self.disks.now();
        let filling = self
            .frames
            .iter()
            .map(|(_, info)| info.ready_at)
            .filter(|at| *at > now);
        match (filling.min(), none_failed, self.swap.has_room(slots)) {
            (Some(first), ..) => Denied::Busy(first),
            (None, false, _) => Kill::PageOut.into(),
            (None, true, false) => Kill::OutOfSwap.into(),
            (None, true, true) => Kill::OutOfFrames.into(),
        }
    }

    /// Takes the content out of a frame. The frame is then nobody's but the caller's.
    pub(crate) fn evict(&mut self, frame: Frame, slots: SlotUse) -> Result<(), PageOutFailed> {
        let content = self
            .frames
            .info(frame)
            .content
            .expect("only frames in use are evicted");
        debug_assert_eq!(self.frames.info(frame).pins, 0, "a pinned frame is evicted");
        let mapped = self.unmap_users(content, frame);
        let Ok(fate) = self.save(content, frame, slots) else {
            self.map_again(content, mapped);
            return Err(PageOutFailed);
        };
        self.announce(content, frame, fate);
        match fate {
            Fate::SwappedOut(slot) => self.contents.get_mut(content).place = Place::Slot(slot),
            Fate::Dropped | Fate::WrittenBack(_) => self.forget(content),
        }
        *self.frames.info_mut(frame) = Default::default();
        self.policy.released(frame);
        self.stats.evictions += 1;
        Ok(())
    }

    /// Drops a content in a frame that nobody is to see again, unless the frame is pinned.
    pub(crate) fn discard(&mut self, content: ContentId) {
        let frame = self.contents.get(content).frame().expect("in a frame");
        if self.frames.info(frame).pins > 0 {
            return;
        }
        self.unmap_users(content, frame);
        self.forget(content);
        self.free_frame(frame);
    }

    /// Makes sure that a content can be had again without its frame. No entry points to it any
    /// more, so all that entries knew of its dirtiness is in the frame table or its alias.
    fn save(
        &mut self,
        content: ContentId,
        frame: Frame,
        slots: SlotUse,
    ) -> Result<Fate, PageOutFailed> {
        let dirty = self.is_dirty(frame);
        match &self.contents.get(content).kind {
            Kind::File(page) if dirty => {
                let page = page.clone();
                self.write_back(&page, frame).map_err(|_| PageOutFailed)?;
                Ok(Fate::WrittenBack(page.file.id()))
            }
            Kind::File(_) | Kind::Private { pristine: true } if !dirty => Ok(Fate::Dropped),
            _ => {
                // Should it fail and stay, the page must not look clean: only entries knew.
                self.frames.info_mut(frame).dirty |= dirty;
                let slot = self.swap.write(&self.memory, frame, content, slots);
                let slot = slot.map_err(|error| match error {
                    SwapOutError::Full => PageOutFailed,
                    SwapOutError::Device(error) => {
                        log::warn!(target: crate::vm::LOG_TARGET, "swap-out: {error}");
                        PageOutFailed
                    }
                })?;
                self.stats.swap_writes += 1;
                self.disks.transfer(Disk::Swap);
                let in_use = u64::from(self.swap.in_use());
                self.stats.peak_slots = self.stats.peak_slots.max(in_use);
                Ok(Fate::SwappedOut(slot))
            }
        }
    }

    /// Drops a content that its source can give again: its pages are untouched from now on.
    fn forget(&mut self, content: ContentId) {
        let gone = self.contents.remove(content);
        if let Some(recording) = &mut self.recording {
            let places = gone.users().iter();
            let places = places.map(|user| place_of(&self.spaces, *user));
            recording.dropped(content, &gone, places);
        }
        if let Kind::File(page) = &gone.kind {
            self.cache.remove(&page.key());
        }
        for user in gone.users() {
            self.spaces.get_mut(user.space).spt.clear_content(user.page);
        }
    }

    fn announce(&mut self, content: ContentId, frame: Frame, fate: Fate) {
        if self.is_heard(Detail::Faults) {
            let first = self.contents.get(content).users()[0];
            let eviction = Eviction {
                frame,
                owner: self.owner(first.space),
                page: first.page,
                fate,
            };
            self.displaced.push(eviction);
            self.emit(Event::Evicted(eviction));
        }
    }
}

/// Which pages may be evicted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Search {
    /// All.
    Any,
    /// Those that need no swap slot: it is full.
    WithoutSlot,
    /// Private ones that are still as their region gives them.
    Pristine,
}

/// What a replacement policy is shown of the frames when a victim is wanted.
struct Candidates<'a> {
    asker: SpaceId,
    search: Search,
    now: u64,
    guaranteed: u32,
    bits: FrameBits<'a>,
}

impl Candidates<'_> {
    /// Whether the frame belongs to another process that has no frame to spare.
    fn is_guaranteed(&self, contents: &Contents, spaces: &Spaces, content: ContentId) -> bool {
        self.guaranteed > 0
            && contents.walk(content).iter().any(|user| {
                let space = spaces.get(user.space);
                user.space != self.asker && space.is_resident && space.resident <= self.guaranteed
            })
    }
}

/// What a policy is shown of the frames while nobody wants a victim.
impl Frames for FrameBits<'_> {
    fn first(&self) -> Frame {
        self.frames.first()
    }

    fn count(&self) -> u32 {
        self.frames.count()
    }

    fn is_evictable(&self, _: Frame) -> bool {
        false
    }

    fn accessed(&self, frame: Frame) -> bool {
        FrameBits::accessed(self, frame)
    }

    fn dirty(&self, frame: Frame) -> bool {
        FrameBits::dirty(self, frame)
    }

    fn clear_accessed(&mut self, frame: Frame) {
        FrameBits::clear_accessed(self, frame);
    }
}

impl Frames for Candidates<'_> {
    fn first(&self) -> Frame {
        self.bits.frames.first()
    }

    fn count(&self) -> u32 {
        self.bits.frames.count()
    }

    fn is_evictable(&self, frame: Frame) -> bool {
        let info = self.bits.frames.info(frame);
        let Some(content) = info.content else {
            return false;
        };
        let is_pristine = |pristine| pristine && !self.bits.dirty(frame);
        let is_wanted = || match (self.search, &self.bits.contents.get(content).kind) {
            (Search::Any, _) | (Search::WithoutSlot, Kind::File(_)) => true,
            (Search::Pristine, Kind::File(_)) => false,
            (_, Kind::Private { pristine }) => is_pristine(*pristine),
        };
        info.pins == 0
            && !info.in_hand
            && info.ready_at <= self.now
            && is_wanted()
            && !self.is_guaranteed(self.bits.contents, self.bits.spaces, content)
    }

    fn accessed(&self, frame: Frame) -> bool {
        self.bits.accessed(frame)
    }

    fn dirty(&self, frame: Frame) -> bool {
        self.bits.dirty(frame)
    }

    fn clear_accessed(&mut self, frame: Frame) {
        self.bits.clear_accessed(frame);
    }
}
