//! Counters of the virtual memory.

/// Counts since the machine was created. They never decrease.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Page faults, resolved or not, of programs and of the kernel for them.
    pub faults: u64,
    /// Faults that were resolved without reading from a disk.
    pub minor_faults: u64,
    /// Faults that were resolved by reading from a disk, swap or file.
    pub major_faults: u64,
    /// Pages brought into a frame: as zeros, from a file, from swap, or as a copy.
    pub loads: u64,
    /// Pages that were evicted to free their frame.
    pub evictions: u64,
    /// Pages read from the swap device.
    pub swap_reads: u64,
    /// Pages written to the swap device.
    pub swap_writes: u64,
    /// Evictions to swap that needed no write, because the slot still had a valid copy.
    pub swap_cached: u64,
    /// Pages read from files.
    pub file_reads: u64,
    /// Dirty pages written back to files.
    pub write_backs: u64,
    /// Private copies made because a shared page was stored to (copy-on-write).
    pub copies: u64,
    /// The most frames in use at once.
    pub peak_frames: u64,
    /// The most swap slots in use at once.
    pub peak_slots: u64,
}

impl Stats {
    /// Returns the number of pages brought into frames or written to a disk.
    #[must_use]
    pub fn moves(&self) -> u64 {
        self.loads + self.swap_writes + self.write_backs
    }
}
