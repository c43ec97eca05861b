//! The bytes of pages, as far as their programs know them.
//!
//! # Invariants
//! - A page is in at most one frame, and is listed there. What is not known here was never used by
//!   its program, or not since it was given up.
//! - Bytes that leave a frame with a write of the kernel are kept before: for all pages in it, once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use machine::addr::{Frame, Page};
use machine::memory::{FrameBytes, PhysMemory};

use crate::check::Spot;

/// Where the bytes of a page are, which its program has left there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Held {
    /// In a frame.
    InFrame(Frame),
    /// They were in a frame that the kernel has written to since, or are those that a system call
    /// was to store.
    Kept(Rc<FrameBytes>),
    /// A system call that failed may have stored a part of what it was to store.
    Unknown,
}

/// The pages that programs have used.
#[derive(Default)]
pub(super) struct Pages {
    held: BTreeMap<Spot, Held>,
    in_frames: BTreeMap<Frame, Vec<Spot>>,
    /// Those in frames that their program can store to through the TLB, or could.
    stored: BTreeSet<Spot>,
}

impl Pages {
    pub(super) fn get(&self, spot: Spot) -> Option<&Held> {
        self.held.get(&spot)
    }

    /// Records where the bytes of a page are now.
    pub(super) fn set(&mut self, spot: Spot, to: Held) {
        self.remove(spot);
        if let Held::InFrame(frame) = to {
            self.in_frames.entry(frame).or_default().push(spot);
        }
        self.held.insert(spot, to);
    }

    /// Keeps the bytes of a frame for the pages in it, but for one, since they are about to change.
    /// Returns those pages.
    pub(super) fn keep(
        &mut self,
        frame: Frame,
        but_for: Option<Spot>,
        bytes: &FrameBytes,
    ) -> Vec<Spot> {
        let Some(there) = self.in_frames.get_mut(&frame) else {
            return Vec::new();
        };
        let stay = |spot: &Spot| Some(*spot) == but_for;
        let leaving: Vec<Spot> = there.iter().copied().filter(|spot| !stay(spot)).collect();
        there.retain(stay);
        if there.is_empty() {
            self.in_frames.remove(&frame);
        }
        if leaving.is_empty() {
            return leaving;
        }
        let kept = Rc::new(*bytes);
        for spot in &leaving {
            self.stored.remove(spot);
            self.held.insert(*spot, Held::Kept(Rc::clone(&kept)));
        }
        leaving
    }

    /// Returns whether other pages are in a frame.
    pub(super) fn has_others(&self, frame: Frame, spot: Spot) -> bool {
        let there = self.in_frames.get(&frame);
        there.is_some_and(|there| there.iter().any(|other| *other != spot))
    }

    /// Records that a program can store to a page in its frame from now on.
    pub(super) fn stores(&mut self, spot: Spot) {
        self.stored.insert(spot);
    }

    /// Gives a child what its parent has. What the parent can go on to store to is not the child's,
    /// so its bytes are kept for the child.
    pub(super) fn fork(&mut self, parent: u32, child: u32, memory: &PhysMemory) {
        let all = self.held.range(Spot::all_of(parent));
        let all: Vec<_> = all.map(|(spot, held)| (*spot, held.clone())).collect();
        for (spot, held) in all {
            let held = match held {
                Held::InFrame(frame) if self.stored.contains(&spot) => {
                    Held::Kept(Rc::new(memory.with_frame(frame, |bytes| *bytes)))
                }
                held => held,
            };
            self.set(Spot::new(child, spot.page), held);
        }
    }

    /// Forgets pages, which are as if they had never been used.
    pub(super) fn forget(&mut self, process: u32, pages: Range<Page>) {
        let range = Spot::new(process, pages.start)..Spot::new(process, pages.end);
        let gone: Vec<Spot> = self.held.range(range).map(|(spot, _)| *spot).collect();
        gone.into_iter().for_each(|spot| self.remove(spot));
    }

    /// Makes the bytes of pages unknown.
    pub(super) fn doubt(&mut self, process: u32, pages: Range<Page>) {
        let range = Spot::new(process, pages.start)..Spot::new(process, pages.end);
        let all: Vec<Spot> = self.held.range(range).map(|(spot, _)| *spot).collect();
        for spot in all {
            self.set(spot, Held::Unknown);
        }
    }

    /// Forgets all pages of a process.
    pub(super) fn forget_all(&mut self, process: u32) {
        let all = self.held.range(Spot::all_of(process));
        let gone: Vec<Spot> = all.map(|(spot, _)| *spot).collect();
        gone.into_iter().for_each(|spot| self.remove(spot));
    }

    fn remove(&mut self, spot: Spot) {
        self.stored.remove(&spot);
        let Some(Held::InFrame(frame)) = self.held.remove(&spot) else {
            return;
        };
        if let Some(there) = self.in_frames.get_mut(&frame) {
            there.retain(|other| *other != spot);
            if there.is_empty() {
                self.in_frames.remove(&frame);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame::new(3);

    fn spot(process: u32, page: u32) -> Spot {
        Spot::new(process, Page::new(page))
    }

    #[test]
    fn what_a_frame_had_is_kept_once_for_all_pages_in_it() {
        let mut pages = Pages::default();
        pages.set(spot(1, 5), Held::InFrame(FRAME));
        pages.fork(1, 2, &PhysMemory::new(8).unwrap());
        let kept = pages.keep(FRAME, None, &[7; 4096]);
        assert_eq!(kept, [spot(1, 5), spot(2, 5)]);
        assert_eq!(pages.keep(FRAME, None, &[8; 4096]), []);
        let seven = Held::Kept(Rc::new([7; 4096]));
        assert_eq!(pages.get(spot(1, 5)), Some(&seven));
        assert_eq!(pages.get(spot(2, 5)), Some(&seven));
    }

    #[test]
    fn a_page_that_stores_keeps_its_frame_and_the_others_what_was_there() {
        let mut pages = Pages::default();
        pages.set(spot(1, 5), Held::InFrame(FRAME));
        pages.fork(1, 2, &PhysMemory::new(8).unwrap());
        assert_eq!(
            pages.keep(FRAME, Some(spot(2, 5)), &[7; 4096]),
            [spot(1, 5)]
        );
        assert_eq!(pages.get(spot(2, 5)), Some(&Held::InFrame(FRAME)));
        assert_eq!(pages.keep(FRAME, None, &[8; 4096]), [spot(2, 5)]);
    }

    #[test]
    fn what_is_forgotten_is_in_no_frame() {
        let mut pages = Pages::default();
        for page in 4..7 {
            pages.set(spot(1, page), Held::InFrame(FRAME));
        }
        pages.set(spot(2, 5), Held::InFrame(FRAME));
        pages.forget(1, Page::new(5)..Page::new(7));
        assert_eq!(pages.get(spot(1, 5)), None);
        pages.forget_all(2);
        assert_eq!(pages.keep(FRAME, None, &[8; 4096]), [spot(1, 4)]);
    }

    #[test]
    fn a_page_that_moves_leaves_the_frame_that_it_was_in() {
        let mut pages = Pages::default();
        pages.set(spot(1, 5), Held::InFrame(FRAME));
        pages.set(spot(1, 5), Held::InFrame(Frame::new(4)));
        assert_eq!(pages.keep(FRAME, None, &[8; 4096]), []);
    }
}
