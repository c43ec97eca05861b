//! The frames of the user pool: which are free, and which page is in each of the others.
//!
//! # Invariants
//!
//! A frame is free or holds one page.

use std::collections::BTreeMap;

use machine::addr::Frame;
use machine::layout::Layout;

use crate::ids::User;
use crate::replacement::FramePool;

/// All frames of the user pool.
pub(crate) struct Frames {
    pool: FramePool,
    free: Vec<Frame>,
    used: BTreeMap<Frame, User>,
}

impl Frames {
    /// Creates a pool of free frames.
    pub(crate) fn new(layout: Layout) -> Frames {
        let pool = FramePool {
            first: layout.first_user_frame(),
            count: layout.user_frames(),
        };
        let numbers = pool.first.number()..pool.first.number() + pool.count;
        Frames {
            pool,
            // `take` pops from the end, so the lowest is allocated first.
            free: numbers.rev().map(Frame::new).collect(),
            used: BTreeMap::new(),
        }
    }

    /// Returns the range of frames in the pool.
    pub(crate) fn pool(&self) -> FramePool {
        self.pool
    }

    /// Returns the number of free frames.
    pub(crate) fn free(&self) -> usize {
        self.free.len()
    }

    /// Allocates a free frame for a page; `None` if there is none.
    pub(crate) fn take(&mut self, user: User) -> Option<Frame> {
        let frame = self.free.pop()?;
        self.used.insert(frame, user);
        Some(frame)
    }

    /// Frees a frame whose page is gone.
    pub(crate) fn free_again(&mut self, frame: Frame) {
        let user = self.used.remove(&frame);
        assert!(user.is_some(), "frame {frame} is freed twice");
        self.free.push(frame);
    }

    /// Returns the page that is in a frame.
    pub(crate) fn user(&self, frame: Frame) -> Option<User> {
        self.used.get(&frame).copied()
    }

    /// Returns the frames in use, in order, with their pages.
    pub(crate) fn used(&self) -> impl ExactSizeIterator<Item = (Frame, User)> {
        self.used.iter().map(|(frame, user)| (*frame, *user))
    }
}

#[cfg(test)]
mod tests {
    use machine::addr::Page;

    use super::*;
    use crate::ids::SpaceId;

    #[test]
    fn each_frame_is_given_out_once_until_it_is_free_again() {
        let mut frames = Frames::new(Layout::new(8));
        let user = |page| User {
            space: SpaceId(0),
            page: Page::new(page),
        };
        let taken: Vec<_> = (0..8).filter_map(|page| frames.take(user(page))).collect();
        let numbers: Vec<_> = (0..8).map(|n| frames.pool().first.number() + n).collect();
        assert_eq!(
            taken,
            numbers.into_iter().map(Frame::new).collect::<Vec<_>>()
        );
        assert_eq!((frames.take(user(8)), frames.free()), (None, 0));
        frames.free_again(taken[3]);
        assert_eq!(frames.used().len(), 7);
        assert_eq!(frames.take(user(9)), Some(taken[3]));
    }
}
