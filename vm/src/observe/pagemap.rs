//! Bits of a pagemap entry, as Linux' `/proc/PID/pagemap` has them.

/// The page is in a frame; bits 0 to 54 are its number.
pub const PRESENT: u64 = 1 << 63;
/// The page is in swap; bits 5 to 54 are the slot, bits 0 to 4 the swap device, always 0.
pub const SWAPPED: u64 = 1 << 62;
/// The page is a page of a file, or is shared with another process.
pub const FILE_OR_SHARED: u64 = 1 << 61;
/// The page has been stored to since it came into its frame.
pub const DIRTY: u64 = 1 << 55;
/// The bits of the frame's number, or of the slot's above [`SLOT_SHIFT`].
pub const FRAME: u64 = (1 << 55) - 1;
/// The lowest bit of the slot's number.
pub const SLOT_SHIFT: u32 = 5;
