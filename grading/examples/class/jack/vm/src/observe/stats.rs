//! Counters of what the virtual memory did.

/// Counts since the machine was made. They only grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Page faults, resolved or not, of programs and of the kernel for them.
    pub faults: u64,
    /// Faults that were resolved without reading from a disk.
    pub minor_faults: u64,
    /// Faults that were resolved by reading from a disk, swap or file.
    pub major_faults: u64,
    /// Times that a page was brought into a frame: as zeros, from a file, from swap, or as a copy.
    pub loads: u64,
    /// Pages taken out of their frame so that another could have it.
    pub evictions: u64,
    /// Pages read from the swap device.
    pub swap_reads: u64,
    /// Pages written to the swap device.
    pub swap_writes: u64,
    /// Evictions to swap that needed no write: the slot still had the page as it is.
    pub swap_cached: u64,
    /// Pages read from files.
    pub file_reads: u64,
    /// Dirty pages written back to files.
    pub write_backs: u64,
    /// Private copies made because a shared page was stored to.
    pub copies: u64,
    /// The most frames in use at once.
    pub peak_frames: u64,
    /// The most swap slots in use at once.
    pub peak_slots: u64,
}

impl Stats {
    /// How many pages were brought into frames or written to a disk.
    pub fn moves(&self) -> u64 {
        self.loads + self.swap_writes + self.write_backs
    }
}
