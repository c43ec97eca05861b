//! The layout of physical memory and of the kernel's half of every address space.
//!
//! ```text
//! physical                                 virtual, kernel's half
//! 0 .. kernel_frames      kernel pool      0xc0000000 .. 0xf8000000  RAM, frame by frame
//! kernel_frames .. end    user pool        0xf8000000 .. 0xffc00000  mappings made at run time
//!                                          0xffc00000 .. 4 GiB       the page tables themselves
//! ```
//!
//! # Invariants
//!
//! The first 896 MiB of RAM have a kernel alias (kernel address = physical address + 0xc0000000).
//! Frames above that, like *high memory* in Linux, have none; the kernel reaches them only through
//! user addresses.

use crate::addr::{Frame, KERNEL_BASE, PAGE_SHIFT, Page, VirtAddr};

/// First address of the kernel's mappings made at run time; the aliases of RAM end below it.
pub const KERNEL_DYNAMIC: VirtAddr = VirtAddr(0xf800_0000);
/// First address of the recursive self-map: the last entry of a page directory points to the
/// directory itself, so that page table `i` appears at this address + `i` * 4096.
pub const SELF_MAP: VirtAddr = VirtAddr(0xffc0_0000);
/// The most frames that have a kernel alias.
pub const LOW_FRAMES: u32 = (KERNEL_DYNAMIC.0 - KERNEL_BASE.0) >> PAGE_SHIFT;
/// Frames that a page table for the aliases covers.
const FRAMES_A_TABLE: u32 = 1024;
/// Kernel frames for page directories, page tables and the descriptor tables of the CPU.
const KERNEL_POOL: u32 = 8192;

/// The division of RAM into kernel pool and user pool.
///
/// # Examples
///
/// ```
/// use machine::addr::KERNEL_BASE;
/// use machine::layout::Layout;
///
/// let layout = Layout::new(64);
/// assert_eq!(layout.user_frames(), 64);
/// assert_eq!(layout.total_frames(), layout.kernel_frames() + 64);
///
/// // The user pool comes behind the kernel's, and the kernel sees its frames too.
/// let frame = layout.first_user_frame();
/// assert_eq!(frame.number(), layout.kernel_frames());
/// let alias = layout.alias(frame).expect("low memory").start();
/// assert_eq!(alias.0, KERNEL_BASE.0 + frame.start().0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    kernel_frames: u32,
    user_frames: u32,
}

impl Layout {
    /// The most user frames of a machine: 2.9 GiB.
    pub const MAX_USER_FRAMES: u32 = 768 * 1024 - KERNEL_POOL;

    /// Returns the layout of a machine with `user_frames` frames for user pages.
    ///
    /// # Panics
    /// If that is 0 or more than [`Layout::MAX_USER_FRAMES`]. A caller that takes the number from a
    /// user has to check it.
    #[must_use]
    pub fn new(user_frames: u32) -> Layout {
        assert!(
            (1..=Layout::MAX_USER_FRAMES).contains(&user_frames),
            "{user_frames} user frames"
        );
        // Page tables for the aliases come on top of the pool, and one more since they take frames.
        let low = (KERNEL_POOL + user_frames).min(LOW_FRAMES);
        Layout {
            kernel_frames: KERNEL_POOL + low.div_ceil(FRAMES_A_TABLE) + 1,
            user_frames,
        }
    }

    /// Returns the number of frames of RAM.
    #[inline]
    #[must_use]
    pub fn total_frames(self) -> u32 {
        self.kernel_frames + self.user_frames
    }

    /// Returns the number of frames in the kernel pool, which comes first.
    #[must_use]
    pub fn kernel_frames(self) -> u32 {
        self.kernel_frames
    }

    /// Returns the number of frames in the user pool.
    #[must_use]
    pub fn user_frames(self) -> u32 {
        self.user_frames
    }

    /// Returns the first frame of the user pool.
    #[inline]
    #[must_use]
    pub fn first_user_frame(self) -> Frame {
        Frame::new(self.kernel_frames)
    }

    /// Returns the number of frames that have a kernel alias.
    #[inline]
    #[must_use]
    pub fn low_frames(self) -> u32 {
        self.total_frames().min(LOW_FRAMES)
    }

    /// Returns the page at which the kernel's half maps a frame; `None` for high memory.
    #[inline]
    #[must_use]
    pub fn alias(self, frame: Frame) -> Option<Page> {
        (frame.number() < self.low_frames())
            .then(|| Page::new(KERNEL_BASE.page().number() + frame.number()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_address_is_physical_address_plus_the_kernel_base() {
        let layout = Layout::new(367);
        let frame = layout.first_user_frame();
        let alias = layout.alias(frame).unwrap().start();
        assert_eq!(alias.0, frame.start().0 + KERNEL_BASE.0);
    }

    #[test]
    fn frames_above_896_mib_have_no_alias() {
        let layout = Layout::new(500_000);
        assert!(layout.alias(Frame::new(LOW_FRAMES - 1)).is_some());
        assert_eq!(layout.alias(Frame::new(LOW_FRAMES)), None);
    }

    #[test]
    fn the_largest_machine_stays_within_physical_memory() {
        assert!(Layout::new(Layout::MAX_USER_FRAMES).total_frames() <= Frame::COUNT);
    }
}
