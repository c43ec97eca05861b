//! The cost of a page fault of the host itself, for comparison.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use memmap2::MmapMut;

use super::clock::Moment;

const PAGE: usize = 4096;

/// Returns the time for `pages` anonymous page faults of this process: the first store to each page
/// of a fresh mapping of 4 KiB pages. Making and removing the mapping is not counted.
///
/// # Errors
/// The mapping could not be made.
pub(super) fn anonymous_faults(pages: u32) -> io::Result<Duration> {
    let pages = pages as usize;
    let mut mapping = MmapMut::map_anon(pages * PAGE)?;
    // One fault a page, as in the guest: huge pages would take 512 at a time.
    #[cfg(target_os = "linux")]
    if let Err(error) = mapping.advise(memmap2::Advice::NoHugePage) {
        log::warn!("huge pages cannot be turned off, native faults may look cheaper: {error}");
    }
    let start = Moment::now();
    for page in 0..pages {
        mapping[page * PAGE] = 1;
    }
    black_box(&mut mapping);
    Ok(start.elapsed())
}
