//! The cuts that are in force, and the pages they are on; [`crate::long_block`] says what they are for.
//!
//! What always holds: a page has been looked at before its code is translated, after each change of
//! its content that could matter; the cuts of each dense page that the TLB lets be fetched from are
//! among those in force, but for one from which a block is about to begin; and no block that is kept
//! goes over a cut.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{Frame, VirtAddr};
use crate::hazard::Extent;
use crate::long_block::{STORED, cuts, is_dense, most_added};
use crate::memory::{FrameBytes, PhysMemory};

/// How many cuts are in force at the most; telling the emulator takes time for each.
const MOST: usize = 1024;

/// All cuts.
#[derive(Default)]
pub struct Cuts {
    dense: RefCell<BTreeMap<Frame, Dense>>,
    /// Addresses, in whatever address space they were found.
    in_force: RefCell<BTreeSet<VirtAddr>>,
    /// The cut from which a block is about to begin.
    left_out: Cell<Option<VirtAddr>>,
    /// What may have been added to pages that are not dense since all pages were looked at.
    stored: Cell<usize>,
}

/// A dense page as it was looked at.
struct Dense {
    bytes: Box<FrameBytes>,
    cuts: Vec<u16>,
}

/// What looking at a page has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing.
    None,
    /// There are new cuts.
    More,
    /// There are new cuts, and so many that all others were given up: every page has to be looked
    /// at before its code is translated.
    Others,
}

impl Cuts {
    /// Looks at the page at `start`, which is in `frame`, before it is fetched from.
    pub fn inspect(
        &self,
        memory: &PhysMemory,
        start: VirtAddr,
        frame: Frame,
        extent: Extent,
    ) -> Change {
        let mut pages = self.dense.borrow_mut();
        if extent == Extent::Whole {
            memory.with_frame(frame, |bytes| match pages.get(&frame) {
                Some(known) if *known.bytes == *bytes => {}
                _ if is_dense(bytes) => {
                    let bytes = Box::new(*bytes);
                    let cuts = cuts(&bytes);
                    pages.insert(frame, Dense { bytes, cuts });
                }
                _ => {
                    pages.remove(&frame);
                }
            });
        }
        let Some(page) = pages.get(&frame) else {
            return Change::None;
        };
        let mut in_force = self.in_force.borrow_mut();
        let too_many = in_force.len() + page.cuts.len() > MOST;
        if too_many {
            in_force.clear();
        }
        let known = in_force.len();
        in_force.extend(
            page.cuts
                .iter()
                .map(|at| VirtAddr(start.0 + u32::from(*at))),
        );
        match in_force.len() > known {
            _ if too_many => Change::Others,
            true => Change::More,
            false => Change::None,
        }
    }

    /// Takes note of a store into a frame with code that can be stored to; whether all pages have to
    /// be looked at again before anything is translated.
    pub fn note_store(&self, frame: Frame, value: &[u8]) -> bool {
        self.stored.set(self.stored.get() + most_added(value));
        self.stored.get() > STORED || self.dense.borrow().contains_key(&frame)
    }

    /// All pages will be looked at again.
    pub fn forget_stores(&self) {
        self.stored.set(0);
    }

    /// Where translation has to end.
    pub fn addresses(&self) -> impl Iterator<Item = VirtAddr> {
        let left_out = self.left_out.get();
        let in_force = self.in_force.borrow().clone().into_iter();
        in_force.filter(move |cut| Some(*cut) != left_out)
    }

    /// Whether there is a cut at an address.
    pub fn is_cut(&self, addr: VirtAddr) -> bool {
        self.in_force.borrow().contains(&addr)
    }

    /// Leaves one cut out, or none any more.
    pub fn leave_out(&self, cut: Option<VirtAddr>) {
        self.left_out.set(cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{PAGE_SIZE, PhysAddr};

    const START: VirtAddr = VirtAddr(0x0804_8000);

    fn dense(frames: u32) -> PhysMemory {
        let memory = PhysMemory::new(frames).unwrap();
        for frame in 0..frames {
            let fxch = [0xd9, 0xc9].repeat(PAGE_SIZE as usize / 2);
            memory.write(Frame::new(frame).start(), &fxch);
        }
        memory
    }

    #[test]
    fn one_cut_is_left_out_to_go_on_from_it() {
        let (memory, cuts) = (dense(1), Cuts::default());
        let change = cuts.inspect(&memory, START, Frame::new(0), Extent::Whole);
        assert_eq!(change, Change::More);
        let all: Vec<_> = cuts.addresses().collect();
        cuts.leave_out(Some(all[3]));
        assert_eq!(cuts.addresses().count(), all.len() - 1);
        assert!(cuts.is_cut(all[3]));
        cuts.leave_out(None);
        assert!(cuts.addresses().eq(all));
    }

    #[test]
    fn a_page_whose_content_is_another_has_other_cuts() {
        let (memory, cuts) = (dense(1), Cuts::default());
        cuts.inspect(&memory, START, Frame::new(0), Extent::Whole);
        let again = cuts.inspect(&memory, START, Frame::new(0), Extent::Borders);
        assert_eq!(again, Change::None);
        assert!(cuts.note_store(Frame::new(0), &[0x90]));
        memory.write(PhysAddr(0), &[0x90; PAGE_SIZE as usize]);
        cuts.inspect(&memory, START, Frame::new(0), Extent::Whole);
        assert!(!cuts.note_store(Frame::new(0), &[0x90]));
    }

    #[test]
    fn many_small_stores_are_noticed() {
        let cuts = Cuts::default();
        let stores = (0..100).take_while(|_| !cuts.note_store(Frame::new(0), &[0xd9, 0xc9]));
        assert_eq!(stores.count(), STORED / 2);
    }

    #[test]
    fn there_are_never_too_many_cuts() {
        let (memory, cuts) = (dense(1), Cuts::default());
        let mut given_up = 0;
        for page in 0..100 {
            let start = VirtAddr(START.0 + page * PAGE_SIZE);
            let change = cuts.inspect(&memory, start, Frame::new(0), Extent::Whole);
            given_up += u32::from(change == Change::Others);
            assert!(cuts.addresses().count() <= MOST);
        }
        assert!(given_up > 0);
    }
}
