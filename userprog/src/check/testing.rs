//! Events and models for the tests of rules.

use std::io;
use std::rc::Rc;

use machine::addr::{Frame, Page, VirtAddr};
use machine::memory::PhysMemory;
use machine::mmu::{Access, PageFaultCode, Ring};
use machine::pte::{Pte, PteFlags};
use vm::event::{Event, Eviction, Fate, Fault, Outcome, PagePlace, PageState};
use vm::{Backing, FileId, FileSource, Owner, Protection, Purpose, Region, Sharing, Slot};

use super::shadow::Shadow;
use super::spot::Spot;

pub(super) const FRAME: Frame = Frame::new(3);
pub(super) const OTHER_FRAME: Frame = Frame::new(4);
pub(super) const SLOT: Slot = Slot::new(9);

/// Returns a page of process 1, which is page 2 of its region.
pub(super) fn mine() -> Spot {
    Spot::of(Owner(1), Page::new(0x102))
}

/// Returns the same page of process 2.
pub(super) fn other() -> Spot {
    Spot::of(Owner(2), Page::new(0x102))
}

/// A file whose every byte is the number of its page, and one.
pub(crate) struct Numbers;

impl FileSource for Numbers {
    fn id(&self) -> FileId {
        FileId(7)
    }

    fn len(&self) -> u64 {
        5 * 4096 - 96
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let left = (self.len() - offset.min(self.len())) as usize;
        let bytes = left.min(to.len());
        to[..bytes].fill(1 + (offset / 4096) as u8);
        Ok(bytes)
    }

    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// Returns a region of pages 0x100 to 0x104, of zeros or of a file.
pub(crate) fn region(sharing: Sharing, is_file: bool) -> Region {
    Region {
        start: Page::new(0x100),
        end: Page::new(0x105),
        protection: Protection::READ | Protection::WRITE,
        sharing,
        purpose: Purpose::Data,
        backing: match is_file {
            true => Backing::File {
                file: Rc::new(Numbers),
                first: 0,
            },
            false => Backing::Zero,
        },
    }
}

/// Returns a model in which two processes have this region, and no page was touched.
pub(super) fn shadow(region: &Region) -> Shadow {
    let mut shadow = Shadow::new(PhysMemory::new(8).unwrap());
    shadow.regions.add(Owner(1), region.clone());
    shadow.regions.add(Owner(2), region.clone());
    shadow
}

/// Returns a model with private zeros.
pub(super) fn zeros() -> Shadow {
    shadow(&region(Sharing::Private, false))
}

pub(super) fn fill(shadow: &Shadow, frame: Frame, byte: u8) {
    shadow
        .memory
        .with_frame_mut(frame, |bytes| bytes.fill(byte));
}

pub(super) fn entry(spot: Spot, old: Pte, new: Pte) -> Event {
    Event::Entry {
        owner: spot.owner(),
        page: spot.page,
        old,
        new,
    }
}

pub(super) fn maps(spot: Spot, frame: Frame) -> Event {
    entry(spot, Pte::EMPTY, Pte::new(frame, PteFlags::USER_WRITE))
}

pub(super) fn maps_read_only(spot: Spot, frame: Frame) -> Event {
    entry(spot, Pte::EMPTY, Pte::new(frame, PteFlags::USER_READ))
}

pub(super) fn unmaps(spot: Spot, frame: Frame) -> Event {
    entry(spot, Pte::new(frame, PteFlags::USER_WRITE), Pte::EMPTY)
}

pub(super) fn evicts(spot: Spot, frame: Frame, fate: Fate) -> Event {
    Event::Evicted(Eviction {
        frame,
        owner: spot.owner(),
        page: spot.page,
        fate,
    })
}

pub(super) fn fault(spot: Spot, outcome: Outcome) -> Event {
    Event::Fault(Fault {
        number: 1,
        owner: spot.owner(),
        eip: VirtAddr(0),
        esp: VirtAddr(0),
        addr: spot.page.start(),
        access: Access::Write,
        ring: Ring::User,
        code: PageFaultCode::empty(),
        before: PageState {
            area: None,
            rights: Protection::empty(),
            place: PagePlace::Untouched,
        },
        outcome,
        displaced: Default::default(),
    })
}

/// Updates the model by events that break no rule.
pub(super) fn after(mut shadow: Shadow, events: &[Event]) -> Shadow {
    for event in events {
        for (rule, broken) in super::RULES {
            assert_eq!(broken(event, &shadow), None, "{rule}: {event}");
        }
        shadow.take_in(100, event);
    }
    shadow
}
