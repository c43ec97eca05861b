//! What the guest did with the content of a frame.

/// How the guest has used a frame since the kernel last replaced its content.
///
/// It decides which rights a TLB entry for the frame may have. The emulator detects stores to
/// translated code only through entries that can both write and execute, and stores through those
/// are slow. So no frame has entries that can only write and others that can execute.
///
/// # Examples
///
/// ```
/// use machine::addr::Frame;
/// use machine::memory::{FrameUse, PhysMemory};
///
/// let memory = PhysMemory::new(2)?;
/// let frame = Frame::new(1);
/// memory.set_frame_use(frame, FrameUse::Code); // the CPU fetched from it
///
/// // The kernel overwrites the code: what was translated from it is stale.
/// memory.zero(frame);
/// assert_eq!(memory.frame_use(frame), FrameUse::Fresh);
/// assert_eq!(memory.take_stale(), [frame]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FrameUse {
    /// Neither written nor fetched from: entries can only read.
    #[default]
    Fresh,
    /// Written: entries may write but not execute.
    Data,
    /// Fetched from: entries may execute but not write.
    Code,
    /// Both: entries have all rights, and the emulator checks every store.
    Mixed,
}

impl FrameUse {
    /// Returns whether translated code of the frame's content may exist.
    #[must_use]
    pub fn has_code(self) -> bool {
        matches!(self, FrameUse::Code | FrameUse::Mixed)
    }
}
