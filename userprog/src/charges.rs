//! The cost of the kernel's own work, in guest work.
//!
//! # Invariants
//! Whatever a program can make long is charged in proportion, so no program gets much done for few
//! blocks, and every run ends at its limit. The numbers are roughly what the work costs the host,
//! in basic blocks. Removing what was charged for at its creation (a region, a page in a frame, a
//! child) is free. docs/architecture.md has a table of all system calls.

use machine::work::Work;

/// Entering the kernel and returning, for any reason.
pub const KERNEL_ENTRY: Work = Work(20);
/// Moving up to a page of bytes between user memory and a file or the console.
pub const PAGE_MOVED: Work = Work(100);
/// Creating a process, even if that fails.
pub const NEW_PROCESS: Work = Work(2_000);
/// Looking up, creating or removing a file: this involves the host's file system.
pub const FILE_LOOKUP: Work = Work(200);
/// Changing, copying or checking a region beyond the first, which is included in the call itself.
pub const REGION: Work = Work(10);
/// Sharing a page with a child.
pub const PAGE_SHARED: Work = Work(20);
/// Reading and checking a program header of an executable, and planning the regions of its segment.
const HEADER: Work = Work(20);
/// The number of program headers included in [`NEW_PROCESS`].
const INCLUDED_HEADERS: u64 = 16;
/// The number of regions, and of touched pages, included in [`NEW_PROCESS`].
const INCLUDED: u64 = 256;
/// The number of items in a sequence that are examined for one unit of work.
const LOOKED_AT_A_WORK: u64 = 16;

/// Returns the cost of examining `items` pages or other items in sequence.
#[must_use]
pub fn looking_at(items: u64) -> Work {
    Work(items / LOOKED_AT_A_WORK)
}

/// Returns the cost of processing `count` regions.
#[must_use]
pub fn regions(count: u64) -> Work {
    Work(REGION.0 * count.saturating_sub(1))
}

/// Returns the cost of loading an executable with `headers` program headers, beyond
/// [`NEW_PROCESS`]. A page at the border of a segment is assembled from all segments there, so the
/// cost of segments that share pages is quadratic.
#[must_use]
pub fn loading(headers: u64) -> Work {
    let beyond = headers.saturating_sub(INCLUDED_HEADERS);
    Work(HEADER.0 * beyond + looking_at(beyond * beyond).0)
}

/// Returns the cost of copying an address space, beyond [`NEW_PROCESS`].
#[must_use]
pub fn copying(regions: u64, pages: u64) -> Work {
    let beyond = |count: u64| count.saturating_sub(INCLUDED);
    Work(REGION.0 * beyond(regions) + PAGE_SHARED.0 * beyond(pages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_costs_nothing_of_its_own_and_what_is_large_in_proportion() {
        assert_eq!((regions(0), regions(1)), (Work(0), Work(0)));
        assert_eq!(regions(60_001), Work(600_000));
        assert_eq!(
            (looking_at(15), looking_at(1 << 18)),
            (Work(0), Work(1 << 14))
        );
        assert_eq!((loading(16), loading(116)), (Work(0), Work(2_625)));
        assert_eq!(copying(256, 256), Work(0));
        assert_eq!(copying(60_256, 1_256), Work(620_000));
    }
}
