//! Frames in the order in which their pages were loaded, with a hand that goes from the oldest to
//! the newest and then starts again.
//!
//! # Invariants
//!
//! Each frame is in an order at most once. Adding and removing take constant time. Removing a frame
//! changes neither the order of the others nor which of them the hand visits next.

use super::per_frame::PerFrame;
use super::{Frame, FramePool};

/// The neighbours of a frame in the order.
#[derive(Clone, Copy, Debug)]
struct Link {
    older: Option<Frame>,
    newer: Option<Frame>,
}

/// A doubly linked list whose links lie in a table with one place for each frame.
///
/// # Examples
///
/// ```
/// use machine::addr::Frame;
/// use vm::replacement::FramePool;
/// use vm::replacement::order::Order;
///
/// let [a, b, c] = [100, 101, 102].map(Frame::new);
/// let mut order = Order::new(FramePool { first: a, count: 3 });
/// for frame in [b, a, c] {
///     order.push(frame);
/// }
/// assert_eq!(order.oldest(), Some(b));
/// order.remove(a);
/// assert_eq!(order.iter().collect::<Vec<_>>(), [b, c]);
/// ```
#[derive(Debug)]
pub struct Order {
    links: PerFrame<Option<Link>>,
    oldest: Option<Frame>,
    newest: Option<Frame>,
    /// The frame that the hand visits next; `None` stands for the oldest at that time.
    hand: Option<Frame>,
    len: u32,
}

impl Order {
    /// Creates an empty order for frames of the pool.
    #[must_use]
    pub fn new(pool: FramePool) -> Order {
        Order {
            links: PerFrame::new(pool),
            oldest: None,
            newest: None,
            hand: None,
            len: 0,
        }
    }

    /// Returns the number of frames in the order.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Returns whether the order is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns whether the frame is in the order.
    #[must_use]
    pub fn contains(&self, frame: Frame) -> bool {
        self.links[frame].is_some()
    }

    /// Returns the oldest frame.
    #[must_use]
    pub fn oldest(&self) -> Option<Frame> {
        self.oldest
    }

    /// Returns all frames, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Frame> {
        std::iter::successors(self.oldest, |frame| self.link(*frame).newer)
    }

    /// Adds a frame as the newest.
    ///
    /// # Panics
    /// If it is in the order already.
    pub fn push(&mut self, frame: Frame) {
        assert!(!self.contains(frame), "frame {frame} holds a page already");
        self.links[frame] = Some(Link {
            older: self.newest,
            newer: None,
        });
        match self.newest {
            Some(older) => self.link_mut(older).newer = Some(frame),
            None => self.oldest = Some(frame),
        }
        self.newest = Some(frame);
        self.len += 1;
    }

    /// Removes a frame.
    ///
    /// # Panics
    /// If it is not in the order.
    pub fn remove(&mut self, frame: Frame) {
        let Link { older, newer } = self.link(frame);
        match older {
            Some(older) => self.link_mut(older).newer = newer,
            None => self.oldest = newer,
        }
        match newer {
            Some(newer) => self.link_mut(newer).older = older,
            None => self.newest = older,
        }
        if self.hand == Some(frame) {
            self.hand = newer;
        }
        self.links[frame] = None;
        self.len -= 1;
    }

    /// Returns the frame at the hand, and moves the hand to the next newer one; `None` if the order
    /// is empty.
    pub fn advance(&mut self) -> Option<Frame> {
        let frame = self.hand.or(self.oldest)?;
        self.hand = self.link(frame).newer;
        Some(frame)
    }

    /// Puts the hand back to the oldest frame.
    pub fn rewind(&mut self) {
        self.hand = None;
    }

    fn link(&self, frame: Frame) -> Link {
        self.links[frame].expect("a frame that is in the order")
    }

    fn link_mut(&mut self, frame: Frame) -> &mut Link {
        self.links[frame]
            .as_mut()
            .expect("a frame that is in the order")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    const FIRST: u32 = 100;
    const COUNT: u32 = 6;
    const POOL: FramePool = FramePool {
        first: Frame::new(FIRST),
        count: COUNT,
    };

    #[derive(Clone, Debug)]
    enum Step {
        PushOrRemove(Frame),
        Advance,
        Rewind,
    }

    fn step() -> impl Strategy<Value = Step> {
        let frame = (FIRST..FIRST + COUNT).prop_map(Frame::new);
        prop_oneof![
            4 => frame.prop_map(Step::PushOrRemove),
            3 => Just(Step::Advance),
            1 => Just(Step::Rewind),
        ]
    }

    /// The same with a queue and the hand as a place in it.
    #[derive(Default)]
    struct Model {
        frames: VecDeque<Frame>,
        hand: usize,
    }

    impl Model {
        fn push_or_remove(&mut self, frame: Frame) {
            let Some(place) = self.frames.iter().position(|f| *f == frame) else {
                self.frames.push_back(frame);
                return;
            };
            self.frames.remove(place);
            self.hand -= usize::from(place < self.hand);
            self.start_again_at_the_end();
        }

        fn advance(&mut self) -> Option<Frame> {
            let frame = self.frames.get(self.hand).copied()?;
            self.hand += 1;
            self.start_again_at_the_end();
            Some(frame)
        }

        fn start_again_at_the_end(&mut self) {
            if self.hand >= self.frames.len() {
                self.hand = 0;
            }
        }
    }

    proptest! {
        #[test]
        fn behaves_as_a_queue(steps in prop::collection::vec(step(), 0..200)) {
            let mut order = Order::new(POOL);
            let mut model = Model::default();
            for step in steps {
                match step {
                    Step::PushOrRemove(frame) => {
                        if order.contains(frame) {
                            order.remove(frame);
                        } else {
                            order.push(frame);
                        }
                        model.push_or_remove(frame);
                    }
                    Step::Advance => prop_assert_eq!(order.advance(), model.advance()),
                    Step::Rewind => {
                        order.rewind();
                        model.hand = 0;
                    }
                }
                prop_assert_eq!(order.iter().collect::<Vec<_>>(), Vec::from(model.frames.clone()));
                prop_assert_eq!(order.len() as usize, model.frames.len());
                prop_assert_eq!(order.is_empty(), model.frames.is_empty());
                prop_assert_eq!(order.oldest(), model.frames.front().copied());
                prop_assert_eq!(order.newest, model.frames.back().copied());
            }
        }
    }
}
