//! A policy's record of each frame of the pool.
//!
//! # Invariants
//!
//! There is one value for every frame, indexed by the frame itself.

use std::ops::{Index, IndexMut};

use super::{Frame, FramePool};

/// A table with one value for each frame of a pool.
///
/// # Examples
///
/// ```
/// use machine::addr::Frame;
/// use vm::replacement::FramePool;
/// use vm::replacement::per_frame::PerFrame;
///
/// let pool = FramePool { first: Frame::new(100), count: 3 };
/// let mut loads: PerFrame<u32> = PerFrame::new(pool);
/// loads[Frame::new(101)] += 1;
/// assert_eq!(loads[Frame::new(101)], 1);
/// assert_eq!(loads[Frame::new(102)], 0);
/// ```
#[derive(Debug)]
pub struct PerFrame<T> {
    first: Frame,
    values: Vec<T>,
}

impl<T: Clone + Default> PerFrame<T> {
    /// Creates a table with the default value for each frame.
    #[must_use]
    pub fn new(pool: FramePool) -> PerFrame<T> {
        PerFrame {
            first: pool.first,
            values: vec![T::default(); pool.count as usize],
        }
    }
}

impl<T> Index<Frame> for PerFrame<T> {
    type Output = T;

    fn index(&self, frame: Frame) -> &T {
        &self.values[frame.index() - self.first.index()]
    }
}

impl<T> IndexMut<Frame> for PerFrame<T> {
    fn index_mut(&mut self, frame: Frame) -> &mut T {
        &mut self.values[frame.index() - self.first.index()]
    }
}
